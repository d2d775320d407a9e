using System.Globalization;
using Gateway.LoadTests.Results;
using Spectre.Console;

namespace Gateway.LoadTests.Verbs;

/// <summary>A run in one table.</summary>
internal static class RunSummary
{
    /// <summary>Writes it.</summary>
    public static void Write(RunResult result)
    {
        var table = new Table().Border(TableBorder.Rounded).Title(Markup.Escape(result.Options.Name)).HideHeaders();
        table.AddColumns("what", "value");
        Row(result.Unit, $"{result.Count:N0} in {result.Seconds:F2} s, {result.Rate:N0}/s");
        if (result.Requests > 0)
        {
            Row("HTTP requests", $"{result.Requests:N0}, {result.RequestsEach:F3} each");
        }

        if (result.Latency is { } latency)
        {
            Row("latency, us", $"p50 {latency.P50:N0}  p90 {latency.P90:N0}  p99 {latency.P99:N0}  p99.9 {latency.P999:N0}  max {latency.Max:N0}  mean {latency.Mean:N0}");
        }

        foreach (var use in result.Processes)
        {
            var each = result.Count == 0 ? 0 : use.CpuSeconds * 1e6 / result.Count;
            Row(use.Role, $"{use.CpuSeconds:F2} s of processor, {each:F2} us each; {use.ResidentBytes / 1048576.0:N1} MiB (most {use.PeakResidentBytes / 1048576.0:N1}); {use.Threads} threads, {use.Handles} descriptors");
        }

        foreach (var step in result.Idle)
        {
            Row($"{step.Sessions:N0} sessions", $"{step.ResidentBytes / 1048576.0:N1} MiB");
        }

        if (result.BytesEach > 0)
        {
            Row("each session", $"{result.BytesEach / 1024:N1} KiB");
        }

        Row("limit", $"{result.Limit}");
        Row("checked", $"{result.Checked:N0} stanzas");
        var faults = result.Faults;
        Row("faults", faults.IsClean
            ? (FormattableString)$"none"
            : $"lost {faults.Lost:N0}, doubled {faults.Doubled:N0}, reordered {faults.Reordered:N0}, changed {faults.Changed:N0}, hung logins {faults.HungLogins:N0}, errors {faults.Errors:N0}");
        foreach (var text in faults.Texts)
        {
            Row("", $"{text}");
        }

        RunConsole.Out.Write(table);

        void Row(string what, FormattableString value) => table.AddRow(Markup.Escape(what), Markup.Escape(value.ToString(CultureInfo.InvariantCulture)));
    }
}
