using System.Globalization;

namespace Gateway.LoadTests.Reporting;

/// <summary>Numbers for people: three digits that matter, and the unit that keeps them short.</summary>
internal static class Quantity
{
    private static readonly string[] ByteUnits = ["B", "KiB", "MiB", "GiB", "TiB"];

    /// <summary>Shown where there is nothing.</summary>
    public const string None = "–";

    /// <summary>A plain number.</summary>
    public static string Number(double value) => Math.Abs(value) switch
    {
        _ when !IsReal(value) => None,
        0 => "0",
        >= 100 => value.ToString("#,##0", CultureInfo.InvariantCulture),
        >= 10 => value.ToString("0.#", CultureInfo.InvariantCulture),
        >= 1 => value.ToString("0.##", CultureInfo.InvariantCulture),
        >= 0.001 => value.ToString("0.###", CultureInfo.InvariantCulture),
        _ => value.ToString("0.##e0", CultureInfo.InvariantCulture),
    };

    /// <summary>A count.</summary>
    public static string Count(long value) => value.ToString("#,##0", CultureInfo.InvariantCulture);

    /// <summary>A duration that is given in microseconds.</summary>
    public static string Microseconds(double value) => Math.Abs(value) switch
    {
        _ when !IsReal(value) => None,
        >= 999.5e3 => Number(value / 1e6) + " s",
        >= 999.5 => Number(value / 1e3) + " ms",
        _ => Number(value) + " µs",
    };

    /// <summary>A duration that is given in seconds.</summary>
    public static string Seconds(double value) => value switch
    {
        _ when !IsReal(value) => None,
        >= 3600 => Number(value / 3600) + " h",
        >= 300 => Number(value / 60) + " min",
        _ => Number(value) + " s",
    };

    /// <summary>Cores kept busy: hundredths are all that a clock of 10 ms gives.</summary>
    public static string Cores(double? value) => value is { } cores && IsReal(cores) ? cores.ToString("0.00", CultureInfo.InvariantCulture) : None;

    /// <summary>An amount of memory.</summary>
    public static string Bytes(double value)
    {
        if (!IsReal(value))
        {
            return None;
        }

        var unit = ByteUnit(Math.Abs(value));
        return $"{Number(value / Math.Pow(1024, unit))} {ByteUnits[unit]}";
    }

    /// <summary>The power of 1024 in which an amount of memory is short.</summary>
    public static int ByteUnit(double value) => value < 1024 ? 0 : Math.Min((int)Math.Log(value, 1024), ByteUnits.Length - 1);

    /// <summary>A change, with its sign.</summary>
    public static string Change(double value, Func<double, string> format) => (value < 0 ? "−" : "+") + format(Math.Abs(value));

    /// <summary>A value in the unit that a row names.</summary>
    public static string In(double value, string unit) => !IsReal(value) ? None : unit.Trim() switch
    {
        "us" or "µs" or "microseconds" => Microseconds(value),
        "bytes" or "B" => Bytes(value),
        "ratio" or "" => Number(value),
        "%" => Number(value) + " %",
        var other when other.StartsWith('/') => Number(value) + other,
        var other => $"{Number(value)} {other}",
    };

    /// <summary>A number that was measured or set; a bound that is infinite or the largest there is means that there is none.</summary>
    public static bool IsReal(double value) => double.IsFinite(value) && Math.Abs(value) < 1e300;

    /// <summary>A unit in which more is better.</summary>
    public static bool IsRate(string unit) =>
        unit.Contains("/s", StringComparison.Ordinal) || unit.Contains("a second", StringComparison.Ordinal) || unit.Contains("per second", StringComparison.Ordinal);

    /// <summary>The middle one.</summary>
    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length == 0 ? double.NaN : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
