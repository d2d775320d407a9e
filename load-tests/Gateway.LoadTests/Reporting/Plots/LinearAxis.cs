using System.Globalization;

namespace Gateway.LoadTests.Reporting.Plots;

/// <summary>Axes on which equal steps are equal amounts.</summary>
internal static class LinearAxis
{
    private static readonly double[] TimeSteps = [0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400];

    /// <summary>From zero to a round number at or above the largest value: heights of curves may be compared.</summary>
    public static Axis FromZero(double most, int ticks = 4) => Upward(most, 1, ticks, Quantity.Number);

    /// <summary>As <see cref="FromZero"/>, in steps that are round in KiB, MiB or GiB.</summary>
    public static Axis Bytes(double most, int ticks = 4)
    {
        var unit = Quantity.ByteUnit(most);
        return Upward(most, Math.Pow(1024, unit), ticks, Quantity.Bytes);
    }

    /// <summary>Seconds from the start; it ends where the values end, for time has no round number to reach.</summary>
    public static Axis Time(double last, int ticks = 6)
    {
        last = last > 0 ? last : 1;
        var step = TimeSteps.FirstOrDefault(each => last / each <= ticks, Step(last / ticks));
        var marks = new List<Tick>();
        for (var at = 0.0; at <= last * 1.0001; at += step)
        {
            marks.Add(new Tick(at, at == 0 ? "0" : Clock(at, step)));
        }

        return new Axis(value => value / last, marks);
    }

    private static Axis Upward(double most, double unit, int ticks, Func<double, string> label)
    {
        var step = (most > 0 ? Step(most / unit / ticks) : 1) * unit;
        var count = Math.Max(1, (int)Math.Ceiling((most / step) - 1e-9));
        var end = count * step;
        return new Axis(value => value / end, [.. Enumerable.Range(0, count + 1).Select(i => new Tick(i * step, i == 0 ? "0" : label(i * step)))]);
    }

    /// <summary>The next of 1, 2, 2.5 and 5 times a power of ten.</summary>
    private static double Step(double least)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(least)));
        return power * ((least / power) switch { <= 1.0000001 => 1, <= 2 => 2, <= 2.5 => 2.5, <= 5 => 5, _ => 10 });
    }

    private static string Clock(double seconds, double step) => step switch
    {
        >= 3600 => (seconds / 3600).ToString("0.#", CultureInfo.InvariantCulture) + " h",
        >= 60 => (seconds / 60).ToString("0.#", CultureInfo.InvariantCulture) + " min",
        _ => seconds.ToString("0.#", CultureInfo.InvariantCulture) + " s",
    };
}
