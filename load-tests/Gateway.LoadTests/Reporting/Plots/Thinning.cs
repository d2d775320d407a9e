namespace Gateway.LoadTests.Reporting.Plots;

/// <summary>Fewer points that look the same: an hour of samples has six times as many as a line has pixels.</summary>
internal static class Thinning
{
    /// <summary>The most points of a line.</summary>
    public const int Most = 600;

    /// <summary>At most <paramref name="most"/> points; of each stretch the lowest and the highest stay, so that no peak is lost.</summary>
    public static IReadOnlyList<PlotPoint> Thin(IReadOnlyList<PlotPoint> points, int most = Most)
    {
        if (points.Count <= most)
        {
            return points;
        }

        // The first and the last point stay as well.
        var stretches = (most - 2) / 2;
        var kept = new List<PlotPoint>(most) { points[0] };
        for (var i = 0; i < stretches; i++)
        {
            var from = 1 + (int)((long)i * (points.Count - 2) / stretches);
            var to = 1 + (int)((long)(i + 1) * (points.Count - 2) / stretches);
            var (low, high) = (from, from);
            for (var at = from; at < to; at++)
            {
                low = points[at].Y < points[low].Y ? at : low;
                high = points[at].Y > points[high].Y ? at : high;
            }

            kept.Add(points[Math.Min(low, high)]);
            if (low != high)
            {
                kept.Add(points[Math.Max(low, high)]);
            }
        }

        kept.Add(points[^1]);
        return kept;
    }

    /// <summary>What remains of a noisy line when each of <paramref name="stretches"/> is its median.</summary>
    public static IReadOnlyList<PlotPoint> Smooth(IReadOnlyList<PlotPoint> points, int stretches) =>
    [
        .. points.Select((point, index) => (point, Stretch: (long)index * stretches / points.Count)).GroupBy(each => each.Stretch, each => each.point)
            .Select(stretch => new PlotPoint(Quantity.Median(stretch.Select(point => point.X)), Quantity.Median(stretch.Select(point => point.Y)))),
    ];
}
