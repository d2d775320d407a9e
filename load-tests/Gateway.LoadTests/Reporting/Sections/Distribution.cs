using Gateway.LoadTests.Reporting.Plots;
using Gateway.LoadTests.Results;

namespace Gateway.LoadTests.Reporting.Sections;

/// <summary>The plot that a scenario is about: latency by percentile, or memory by sessions.</summary>
internal static class Distribution
{
    /// <summary>Writes it; nothing where there is neither.</summary>
    public static void Write(HtmlWriter html, ScenarioGroup group)
    {
        if (group.Scenario == LoadScenario.Idle)
        {
            Memory(html, group);
        }
        else if (group.Runs.Any(run => run.Latency is { Count: > 0, Curve.Count: > 0 }))
        {
            Latency(html, group);
        }
    }

    private static void Latency(HtmlWriter html, ScenarioGroup group)
    {
        var (lines, bands) = (new List<Line>(), new List<Band>());
        foreach (var series in group.Series)
        {
            IReadOnlyList<PlotPoint>[] rounds = [.. series.Runs.Where(run => run.Latency is { Count: > 0 }).Select(run => LatencyCurves.Points(run.Latency!)).Where(points => points.Count > 0)];
            var (median, low, high) = LatencyCurves.Combine(rounds);
            lines.Add(new Line(series.Label, series.Look, median));
            if (low.Count > 0)
            {
                bands.Add(new Band(series.Look, low, high));
            }
        }

        var points = lines.SelectMany(line => line.Points).ToArray();
        if (points.Length == 0)
        {
            return;
        }

        PlotWriter.Write(
            html,
            new Plot
            {
                Title = "Latency by percentile",
                X = NinesAxis.Create(points.Max(point => point.X)),
                Y = LogAxis.Create(points.Min(point => point.Y), points.Concat(bands.SelectMany(band => band.High)).Max(point => point.Y), Quantity.Microseconds),
                XTitle = "percentile of " + group.Runs.First().Unit,
                Lines = lines,
                Bands = bands,
                Height = 420,
            },
            bands.Count > 0 ? "median of the rounds; shaded: all of them" : "");
    }

    private static void Memory(HtmlWriter html, ScenarioGroup group)
    {
        var lines = new List<Line>();
        foreach (var series in group.Series)
        {
            foreach (var (run, index) in series.Runs.Select((run, index) => (run, index)).Where(each => each.run.Idle.Count > 0))
            {
                PlotPoint[] points = [.. run.Idle.Select(step => new PlotPoint(step.Sessions, step.ResidentBytes))];
                lines.Add(new Line(index == 0 ? series.Label : "", series.Look, points)
                {
                    PointText = point => $"{series.Label}: {Quantity.Count((long)point.X)} sessions, {Quantity.Bytes(point.Y)}",
                });
            }
        }

        var all = lines.SelectMany(line => line.Points).ToArray();
        if (all.Length == 0)
        {
            return;
        }

        PlotWriter.Write(
            html,
            new Plot
            {
                Title = "Resident memory by quiet sessions",
                X = LinearAxis.FromZero(all.Max(point => point.X)),
                Y = LinearAxis.Bytes(all.Max(point => point.Y)),
                XTitle = "sessions",
                Lines = lines,
                Height = 420,
            },
            "what a session costs is the slope");
    }
}
