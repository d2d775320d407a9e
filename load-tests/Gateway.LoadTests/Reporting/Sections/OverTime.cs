using Gateway.LoadTests.Reporting.Plots;
using Gateway.LoadTests.Results;

namespace Gateway.LoadTests.Reporting.Sections;

/// <summary>What was sampled while a scenario ran. Rounds are laid over each other, their median drawn strongly.</summary>
internal static class OverTime
{
    /// <summary>For rounds of seconds: three small plots.</summary>
    public static void WriteShort(HtmlWriter html, ScenarioGroup group)
    {
        Write(html, group, Rate(group), sample => sample.Rate, Amount, Small);
        Write(html, group, "CPU, cores", sample => sample.GatewayCpu, Amount, Small);
        Write(html, group, "Resident memory", sample => sample.GatewayBytes, Memory, Small);
    }

    /// <summary>For a soak: everything, wide, and whether it grows.</summary>
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

    private static Plot Wide(Plot plot) => plot with { Width = 1100, Height = 190, LeftRoom = 66, RightRoom = 34 };

    private static void Write(
        HtmlWriter html, ScenarioGroup group, string title, Func<Sample, double> value, Func<double, Axis> axis, Func<Plot, Plot> size, Func<double, string>? trend = null)
    {
        var lines = group.Series.SelectMany(series => Lines(series.Look, series, value)).ToArray();
        if (!lines.Any(line => line.Points.Any(point => point.Y > 0)) || lines.All(line => line.Points.Count < 2))
        {
            return;
        }

        var notes = trend is null
            ? []
            : lines.Where(line => !line.IsFaint).Zip(group.Series, (line, series) => Trend.OfSecondHalf(line.Points) is { } slope
                ? (group.Series.Count > 1 ? series.Label + ", " : "") + slope.Describe(trend)
                : "");
        PlotWriter.Write(html, size(new Plot { Title = title, X = Time(lines), Y = axis(lines.SelectMany(line => line.Points).Max(point => point.Y)), Lines = lines }), string.Join("; ", notes.Where(note => note.Length > 0)));
    }

    private static void Latency(HtmlWriter html, ScenarioGroup group)
    {
        Line[] lines =
        [
            .. group.Series.SelectMany(series => Lines(series.Look, series, sample => sample.P50).Select(line => line with { Label = line.IsFaint ? "" : "p50" })),
            .. group.Series.SelectMany(series => Lines(series.Look, series, sample => sample.P99).Select(line => line with { Label = line.IsFaint ? "" : "p99" })),
        ];

        // Zero stands for a second without an echo.
        lines = [.. lines.Select(line => line with { Points = [.. line.Points.Where(point => point.Y > 0)] }).Where(line => line.Points.Count > 1)];
        if (lines.Length > 0)
        {
            var values = lines.SelectMany(line => line.Points).Select(point => point.Y).ToArray();
            PlotWriter.Write(html, Wide(new Plot { Title = "Latency of each second", X = Time(lines), Y = LogAxis.Create(values.Min(), values.Max(), Quantity.Microseconds), Lines = lines }));
        }
    }

    private static Axis Time(IEnumerable<Line> lines) => LinearAxis.Time(lines.SelectMany(line => line.Points).Max(point => point.X));

    private static IEnumerable<Line> Lines(Look look, ScenarioSeries series, Func<Sample, double> value)
    {
        PlotPoint[][] rounds = [.. series.Runs.Where(run => run.Samples.Count > 0).Select(run => run.Samples.Select(sample => new PlotPoint(sample.Seconds, value(sample))).ToArray())];
        if (rounds.Length > 1)
        {
            foreach (var round in rounds)
            {
                yield return new Line("", look, round) { IsFaint = true };
            }
        }

        var common = rounds.Length == 0 ? 0 : rounds.Min(round => round.Length);
        yield return new Line(
            "", look, [.. Enumerable.Range(0, common).Select(i => new PlotPoint(Quantity.Median(rounds.Select(round => round[i].X)), Quantity.Median(rounds.Select(round => round[i].Y))))]);
    }
}
