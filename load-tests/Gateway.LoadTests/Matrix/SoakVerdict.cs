using Gateway.LoadTests.Reporting;
using Gateway.LoadTests.Reporting.Plots;
using Gateway.LoadTests.Results;

namespace Gateway.LoadTests.Matrix;

/// <summary>Whether a long run is level: the straight line through its second half, when caches and pools have their size.</summary>
internal static class SoakVerdict
{
    /// <summary>What the rows mean.</summary>
    public const string Remark =
        "Level: over the second half of the run the straight line through memory, descriptors and threads rises by no more than 5 % of their mean (threads: 10 %, which is one or two).";

    /// <summary>One row each for memory, handles and threads.</summary>
    public static IEnumerable<GoalRow> Rows(RunResult run)
    {
        return new[]
        {
            Row("Memory, growth over the second half", sample => sample.GatewayBytes, "B", 5),
            Row("Descriptors, growth over the second half", sample => sample.GatewayHandles, "open", 5),
            Row("Threads, growth over the second half", sample => sample.GatewayThreads, "threads", 10),
        }.OfType<GoalRow>();

        GoalRow? Row(string what, Func<Sample, double> value, string unit, double must)
        {
            PlotPoint[] points = [.. run.Samples.Select(sample => new PlotPoint(sample.Seconds, value(sample)))];
            if (Trend.OfSecondHalf(points) is not { } trend || trend.Mean <= 0)
            {
                return null;
            }

            var half = points[(points.Length / 2)..];
            var hours = (half[^1].X - half[0].X) / 3600;
            var growth = 100 * trend.PerHour * hours / trend.Mean;
            return new GoalRow(
                what, "%", growth, 100 * (half.Min(point => point.Y) / trend.Mean - 1), 100 * (half.Max(point => point.Y) / trend.Mean - 1), trend.Mean, unit, must, must / 5, false,
                "spread: the least and the most of it to its mean");
        }
    }
}
