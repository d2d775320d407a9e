using System.Globalization;
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

    /// <summary>One row each for memory, handles and threads, and one each that says the run was what it claims to be.</summary>
    public static IEnumerable<GoalRow> Rows(RunResult run)
    {
        return
        [
            Growth("Memory, growth over the second half", sample => sample.GatewayBytes, "B", 5),
            Growth("Descriptors, growth over the second half", sample => sample.GatewayHandles, "open", 5),
            Growth("Threads, growth over the second half", sample => sample.GatewayThreads, "threads", 10),
            new GoalRow("Rate, of what was asked for", "%", 100 * run.Rate / run.Options.Rate, double.NaN, double.NaN, run.Rate, "/s", 98, 100, true, ""),
            Deeds(run),
        ];

        GoalRow Growth(string what, Func<Sample, double> value, string unit, double must)
        {
            PlotPoint[] points = [.. run.Samples.Select(sample => new PlotPoint(sample.Seconds, value(sample)))];
            if (Trend.OfSecondHalf(points) is not { } trend || trend.Mean <= 0)
            {
                return GoalRow.NotMeasured(what, "%", must, isMinimum: false);
            }

            var half = points[(points.Length / 2)..];
            var hours = (half[^1].X - half[0].X) / 3600;
            var growth = 100 * trend.PerHour * hours / trend.Mean;
            return new GoalRow(
                what, "%", growth, 100 * (half.Min(point => point.Y) / trend.Mean - 1), 100 * (half.Max(point => point.Y) / trend.Mean - 1), trend.Mean, unit, must, must / 5, false,
                "spread: the least and the most of it to its mean");
        }
    }

    /// <summary>Each of the things that a soak does besides echoes has to have been done.</summary>
    private static GoalRow Deeds(RunResult run)
    {
        var each = Enum.GetValues<Deed>().Select(deed => (Deed: deed, Count: run.Deeds.GetValueOrDefault(deed))).ToArray();
        return new GoalRow(
            "Short sessions, cuts, repeats and silences: the least of them", "times", each.Min(one => one.Count), double.NaN, double.NaN, each.Sum(one => one.Count), "all", 1, 1, true,
            string.Join(", ", each.Select(one => string.Create(CultureInfo.InvariantCulture, $"{one.Deed} {one.Count:N0}"))));
    }
}
