namespace Gateway.Management;

/// <summary>From an instrument's name and unit to Prometheus' spelling (OpenTelemetry, "Prometheus compatibility": dots become underscores, the unit is written out).</summary>
internal static class PrometheusName
{
    /// <summary>The family's name, without <c>_total</c>, and the unit written out; empty for none.</summary>
    public static (string Family, string Unit) Of(string instrument, string unit)
    {
        var name = string.Concat(instrument.Select(c => char.IsAsciiLetterOrDigit(c) || c == ':' ? c : '_'));
        var word = unit switch
        {
            "s" => "seconds",
            "ms" => "milliseconds",
            "By" => "bytes",
            "1" => "ratio",
            _ => "", // annotations such as {session} are no units
        };
        return (word.Length == 0 || name.EndsWith('_' + word, StringComparison.Ordinal) ? name : $"{name}_{word}", word);
    }
}
