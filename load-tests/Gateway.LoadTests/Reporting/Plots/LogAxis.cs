namespace Gateway.LoadTests.Reporting.Plots;

/// <summary>Axes on which equal steps are equal factors.</summary>
internal static class LogAxis
{
    private static readonly double[] Digits = [1, 2, 5];

    /// <summary>From a round number at or below the smallest value to one at or above the largest.</summary>
    /// <param name="least">The smallest value; must be above zero.</param>
    /// <param name="most">The largest value.</param>
    /// <param name="label">How a mark is named.</param>
    /// <param name="labels">For how many names there is room; if there are more marks, only the powers of ten are named.</param>
    public static Axis Create(double least, double most, Func<double, string> label, int labels = 16)
    {
        least = least > 0 ? least : 1;
        most = Math.Max(most, least);
        var bounds = Round(least / 10, most * 10).ToArray();
        var start = bounds.Last(each => each <= least * 1.0000001);
        var end = bounds.First(each => each >= most * 0.9999999);
        if (end <= start)
        {
            end = bounds.First(each => each > start);
        }

        var decades = Math.Log10(end / start);
        var marks = bounds.Where(each => each >= start * 0.9999999 && each <= end * 1.0000001).ToArray();
        return new Axis(
            value => value <= 0 ? 0 : Math.Log10(value / start) / decades,
            [.. marks.Select(each => new Tick(each, marks.Length <= labels || IsPower(each) ? label(each) : ""))]);
    }

    /// <summary>As <see cref="Create"/>, marked where the values are: few points, such as numbers of sessions.</summary>
    public static Axis At(IReadOnlyList<double> values, Func<double, string> label)
    {
        var (start, end) = (values.Min() / 1.15, values.Max() * 1.15);
        return new Axis(value => Math.Log(value / start) / Math.Log(end / start), [.. values.Order().Distinct().Select(each => new Tick(each, label(each)))]);
    }

    private static IEnumerable<double> Round(double least, double most)
    {
        for (var power = (int)Math.Floor(Math.Log10(least)); power <= (int)Math.Ceiling(Math.Log10(most)); power++)
        {
            foreach (var digit in Digits)
            {
                yield return digit * Math.Pow(10, power);
            }
        }
    }

    private static bool IsPower(double value) => Math.Abs(Math.Log10(value) - Math.Round(Math.Log10(value))) < 1e-9;
}
