using System.Globalization;

namespace Gateway.LoadTests.Reporting.Plots;

/// <summary>Percentiles, each further nine as wide as the one before: the tail, where users wait, is given its room.</summary>
internal static class NinesAxis
{
    private static readonly double[] Marks = [0, 50, 90, 99, 99.9, 99.99, 99.999, 99.9999, 99.99999];

    /// <summary>As far as <paramref name="nines"/> nines.</summary>
    public static Axis Create(double nines)
    {
        nines = Math.Clamp(nines, 1, 8);
        var ticks = Marks.Where(each => Nines(each) <= nines + 1e-9).Select(each => new Tick(Nines(each), each == 0 ? "0" : each.ToString("0.#####", CultureInfo.InvariantCulture) + " %"));
        return new Axis(value => value / nines, [.. ticks]);
    }

    /// <summary>Nines of a percentile: 90 % is one, 99 % two.</summary>
    public static double Nines(double percentile) => percentile >= 100 ? double.PositiveInfinity : -Math.Log10(1 - (percentile / 100));

    /// <summary>The percentile of so many nines.</summary>
    public static double Percentile(double nines) => 100 * (1 - Math.Pow(10, -nines));
}
