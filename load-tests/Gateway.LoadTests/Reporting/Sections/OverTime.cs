using Gateway.LoadTests.Reporting.Plots;
using Gateway.LoadTests.Results;

namespace Gateway.LoadTests.Reporting.Sections;

/// <summary>What was sampled while a scenario ran.</summary>
internal static class OverTime
{
    /// <summary>For rounds of seconds: three small plots.</summary>
    public static void WriteShort(HtmlWriter html, ScenarioGroup group)
    {
        Write(html, group, Rate(group), sample => sample.Rate, Amount, Small);
        Write(html, group, "CPU, cores", sample => sample.GatewayCpu, Amount, Small);
        Write(html, group, "Resident memory", sample => sample.GatewayBytes, Memory, Small);
        if (group.Scenario is LoadScenario.Idle or LoadScenario.Churn)
        {
            Write(html, group, "Sessions open", sample => sample.Sessions, Amount, Small);
        }
    }

    /// <summary>For a soak: everything, and whether it grows.</summary>
    public static void WriteAll(HtmlWriter html, ScenarioGroup group)
    {
        Write(html, group, Rate(group), sample => sample.Rate, Amount, Wide);
        Latency(html, group);
        Write(html, group, "CPU, cores", sample => sample.GatewayCpu, Amount, Wide);
        Write(html, group, "CPU of the generator, cores", sample => sample.GeneratorCpu, Amount, Wide);
        Write(html, group, "Resident memory", sample => sample.GatewayBytes, Memory, Wide, Quantity.Bytes);
        Write(html, group, "Handles", sample => sample.GatewayHandles, Amount, Wide, Quantity.Number);
        Write(html, group, "Threads", sample => sample.GatewayThreads, Amount, Wide, Quantity.Number);
        Write(html, group, "Sessions open", sample => sample.Sessions, Amount, Wide);
    }

    private static string Rate(ScenarioGroup group) => $"Rate, {group.Runs.First().Unit} a second";

    private static Axis Amount(double most) => LinearAxis.FromZero(most, 3);

    private static Axis Memory(double most) => LinearAxis.Bytes(most, 3);

    private static Plot Small(Plot plot) => plot with { Width = 420, Height = 140, LeftRoom = 58, HasLabels = false };

    private static Plot Wide(Plot plot) => plot with { Width = 620, Height = 190, LeftRoom = 64, RightRoom = 46 };

    private static void Write(
        HtmlWriter html, ScenarioGroup group, string title, Func<Sample, double> value, Func<double, Axis> axis, Func<Plot, Plot> size, Func<double, string>? trend = null)
    {
        var lines = group.Series.SelectMany(series => TimeLines.Of(series, "", value)).ToArray();
        if (!lines.Any(line => line.Points.Any(point => point.Y > 0)) || lines.All(line => line.Points.Count < 2))
        {
            return;
        }

        var most = lines.SelectMany(line => line.Points).Max(point => point.Y);
        PlotWriter.Write(
            html,
            size(new Plot { Title = title, X = TimeLines.Axis(lines), Y = axis(most), Lines = lines }),
            trend is null ? "" : string.Join("; ", Trends(group, value, trend)));
    }

    private static IEnumerable<string> Trends(ScenarioGroup group, Func<Sample, double> value, Func<double, string> format)
    {
        foreach (var series in group.Series)
        {
            var run = series.Runs.MaxBy(each => each.Samples.Count)!;
            if (Trend.OfSecondHalf([.. run.Samples.Select(sample => new PlotPoint(sample.Seconds, value(sample)))]) is { } trend)
            {
                yield return (group.Series.Count > 1 ? series.Label + ", " : "") + trend.Describe(format);
            }
        }
    }

    private static void Latency(HtmlWriter html, ScenarioGroup group)
    {
        // Zero stands for a second without an echo.
        Line[] lines =
        [
            .. group.Series.SelectMany(series => TimeLines.Of(series, "p50", sample => sample.P50, withZeros: false)),
            .. group.Series.SelectMany(series => TimeLines.Of(series, "p99", sample => sample.P99, withZeros: false)),
        ];
        if (lines.Any(line => line.Points.Count > 1))
        {
            var values = lines.SelectMany(line => line.Points).Select(point => point.Y).ToArray();
            PlotWriter.Write(
                html,
                Wide(new Plot { Title = "Latency of each second", X = TimeLines.Axis(lines), Y = LogAxis.Create(values.Min(), values.Max(), Quantity.Microseconds, labels: 6), Lines = lines }));
        }
    }
}
