using Gateway.LoadTests.Reporting.Plots;

namespace Gateway.LoadTests.Reporting;

/// <summary>Whether something that is sampled grows: the straight line through the second half, when the warm-up is long over.</summary>
internal readonly record struct Trend(double Mean, double PerHour)
{
    /// <summary>The least-squares line.</summary>
    public static Trend? OfSecondHalf(IReadOnlyList<PlotPoint> points)
    {
        if (points.Count < 4)
        {
            return null;
        }

        var middle = (points[0].X + points[^1].X) / 2;
        var half = points.Where(point => point.X >= middle).ToArray();
        var (x, y) = (half.Average(point => point.X), half.Average(point => point.Y));
        var square = half.Sum(point => (point.X - x) * (point.X - x));
        return square > 0 ? new Trend(y, 3600 * half.Sum(point => (point.X - x) * (point.Y - y)) / square) : null;
    }

    /// <summary>For people.</summary>
    public string Describe(Func<double, string> format) =>
        $"second half: mean {format(Mean)}, slope {Quantity.Change(PerHour, format)} an hour";
}
