namespace Gateway.LoadTests.Reporting.Plots;

/// <summary>Labels beside each other that do not overlap.</summary>
internal static class LabelPlaces
{
    /// <summary>The places nearest to the wanted ones that are <paramref name="gap"/> apart, in the same order.</summary>
    public static double[] Spread(double[] wanted, double gap, double least, double most)
    {
        var order = Enumerable.Range(0, wanted.Length).OrderBy(i => wanted[i]).ToArray();
        var blocks = new List<(double Sum, int Count)>();
        foreach (var i in order)
        {
            // A block is a run of labels that touch; its middle is the mean of what they want.
            blocks.Add((wanted[i], 1));
            while (blocks.Count > 1 && Middle(blocks[^1]) - Middle(blocks[^2]) < gap * (blocks[^1].Count + blocks[^2].Count) / 2.0)
            {
                var last = blocks[^1];
                blocks.RemoveAt(blocks.Count - 1);
                blocks[^1] = (blocks[^1].Sum + last.Sum, blocks[^1].Count + last.Count);
            }

            double Middle((double Sum, int Count) block)
            {
                var half = gap * (block.Count - 1) / 2;
                return Math.Max(least + half, Math.Min(most - half, block.Sum / block.Count));
            }
        }

        var places = new double[wanted.Length];
        var next = 0;
        foreach (var (sum, count) in blocks)
        {
            var half = gap * (count - 1) / 2;
            var first = Math.Max(least, Math.Min(most - half, sum / count) - half);
            for (var k = 0; k < count; k++)
            {
                places[order[next++]] = first + (k * gap);
            }
        }

        return places;
    }
}
