using Gateway.LoadTests.Reporting.Plots;
using Gateway.LoadTests.Results;

namespace Gateway.LoadTests.Reporting;

/// <summary>The distributions of several rounds as one line, the median, and the area between the best and the worst round.</summary>
internal static class LatencyCurves
{
    private const double Step = 0.04;

    /// <summary>The points of one round: nines and microseconds. The last one is the maximum, as far out as the number of values allows.</summary>
    public static IReadOnlyList<PlotPoint> Points(LatencySummary latency)
    {
        var end = Math.Log10(Math.Max(latency.Count, 10));
        var points = new List<PlotPoint>();
        foreach (var point in latency.Curve)
        {
            var nines = NinesAxis.Nines(point.Percentile);
            if (nines < end && point.Microseconds > 0 && (points.Count == 0 || nines > points[^1].X))
            {
                points.Add(new PlotPoint(nines, point.Microseconds));
            }
        }

        if (points.Count > 0)
        {
            points.Add(new PlotPoint(end, Math.Max(latency.Max, points[^1].Y)));
        }

        return points;
    }

    /// <summary>The median of several rounds, with the lowest and the highest.</summary>
    public static (IReadOnlyList<PlotPoint> Median, IReadOnlyList<PlotPoint> Low, IReadOnlyList<PlotPoint> High) Combine(IReadOnlyList<IReadOnlyList<PlotPoint>> rounds)
    {
        if (rounds.Count == 0)
        {
            return ([], [], []);
        }

        if (rounds.Count == 1)
        {
            return (rounds[0], [], []);
        }

        var (start, end) = (rounds.Max(round => round[0].X), rounds.Min(round => round[^1].X));
        var (median, low, high) = (new List<PlotPoint>(), new List<PlotPoint>(), new List<PlotPoint>());
        var count = Math.Max(1, (int)Math.Ceiling((end - start) / Step));
        for (var i = 0; i <= count; i++)
        {
            var x = start + ((end - start) * i / count);
            var values = rounds.Select(round => At(round, x)).ToArray();
            median.Add(new PlotPoint(x, Quantity.Median(values)));
            low.Add(new PlotPoint(x, values.Min()));
            high.Add(new PlotPoint(x, values.Max()));
        }

        return (median, low, high);
    }

    private static double At(IReadOnlyList<PlotPoint> points, double x)
    {
        for (var i = 1; i < points.Count; i++)
        {
            if (points[i].X >= x)
            {
                var (a, b) = (points[i - 1], points[i]);
                var part = b.X > a.X ? Math.Clamp((x - a.X) / (b.X - a.X), 0, 1) : 1;
                return a.Y * Math.Pow(b.Y / a.Y, part); // straight on a logarithmic axis
            }
        }

        return points[^1].Y;
    }
}
