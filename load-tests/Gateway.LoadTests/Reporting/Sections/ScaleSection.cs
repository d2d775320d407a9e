using Gateway.LoadTests.Reporting.Plots;
using Gateway.LoadTests.Results;

namespace Gateway.LoadTests.Reporting.Sections;

/// <summary>Whether an echo and a session cost the same however many sessions there are.</summary>
internal static class ScaleSection
{
    /// <summary>Writes it.</summary>
    public static void Write(HtmlWriter html, LoadReport report)
    {
        if (report.Scale.Count == 0)
        {
            return;
        }

        using var section = html.Open("section", ("id", "scale"));
        html.Leaf("h2", "Scale");
        html.Leaf("p", "note", $"The same number of echoes a second over more and more sessions. The shaded area is the value of {ScalePoint.JudgedFrom:N0} sessions and {100 * ScalePoint.Tolerance} % about it.");
        using (html.Open("div", "plots three"))
        {
            Curve(html, report, "CPU of the gateway for a stanza", point => point.StanzaMicroseconds, Quantity.Microseconds, bytes: false);
            Curve(html, report, "Memory of the gateway for a session", point => point.BytesEach, Quantity.Bytes, bytes: true);
            Latency(html, report);
        }

        using var scroll = html.Open("div", "scroll");
        using var table = html.Open("table");
        Table.Head(html, "transport", "#sessions", "#CPU an echo", "#above rest", $"#to {ScalePoint.JudgedFrom}", "#at rest, a session and second", "#memory a session", $"#to {ScalePoint.JudgedFrom}", "#p50", "#p99");
        using var body = html.Open("tbody");
        foreach (var transport in report.Scale.GroupBy(point => point.Transport))
        {
            var points = transport.OrderBy(point => point.Sessions).ToArray();
            var first = FirstJudged(points);
            foreach (var point in points)
            {
                using var row = html.Open("tr");
                html.Leaf("th", Name(point.Transport), ("scope", "row"));
                Table.Number(html, Quantity.Count(point.Sessions));
                Table.Number(html, Quantity.Microseconds(point.CpuMicroseconds));
                Table.Number(html, Quantity.Microseconds(point.StanzaMicroseconds));
                Growth(html, point.StanzaRatio);
                Table.Number(html, Quantity.Microseconds(point.RestMicroseconds));
                Table.Number(html, point.BytesEach > 0 ? Quantity.Bytes(point.BytesEach) : Quantity.None);
                Growth(html, point == first ? double.NaN : point.BytesEach / first.BytesEach);
                Table.Number(html, Quantity.Microseconds(point.P50));
                Table.Number(html, Quantity.Microseconds(point.P99));
            }
        }
    }

    private static void Curve(HtmlWriter html, LoadReport report, string title, Func<ScalePoint, double> value, Func<double, string> format, bool bytes)
    {
        var points = report.Scale.Where(point => value(point) > 0).ToArray();
        if (points.Length == 0)
        {
            return;
        }

        var most = points.Max(value) * 1.05;
        var (lines, bands) = (new List<Line>(), new List<Band>());
        foreach (var transport in points.GroupBy(point => point.Transport))
        {
            PlotPoint[] line = [.. transport.OrderBy(point => point.Sessions).Select(point => new PlotPoint(point.Sessions, value(point)))];
            lines.Add(new Line(Name(transport.Key), LookOf(transport.Key), line) { PointText = point => $"{Quantity.Count((long)point.X)} sessions: {format(point.Y)}" });
            PlotPoint[] judged = [.. line.SkipWhile(point => point.X < ScalePoint.JudgedFrom && point != line[^1])];
            bands.Add(new Band(LookOf(transport.Key), Level(judged, 1 - ScalePoint.Tolerance), Level(judged, 1 + ScalePoint.Tolerance)));
            most = Math.Max(most, judged[0].Y * (1 + ScalePoint.Tolerance));
        }

        PlotWriter.Write(html, new Plot
        {
            Title = title,
            X = Sessions(points),
            Y = bytes ? LinearAxis.Bytes(most) : LinearAxis.FromZero(most) with { Ticks = [.. LinearAxis.FromZero(most).Ticks.Select(tick => tick with { Label = format(tick.Value) })] },
            XTitle = "sessions",
            Lines = lines,
            Bands = bands,
            Width = 430,
            Height = 300,
        });
    }

    private static void Latency(HtmlWriter html, LoadReport report)
    {
        var points = report.Scale.Where(point => point.P50 > 0 && point.P99 > 0).ToArray();
        if (points.Length == 0)
        {
            return;
        }

        var lines = points.GroupBy(point => point.Transport).SelectMany(transport => new[]
        {
            LineOf(transport, "p50", point => point.P50),
            LineOf(transport, "p99", point => point.P99),
        });
        PlotWriter.Write(html, new Plot
        {
            Title = "Latency",
            X = Sessions(points),
            Y = LogAxis.Create(points.Min(point => point.P50), points.Max(point => point.P99), Quantity.Microseconds),
            XTitle = "sessions",
            Lines = [.. lines],
            Width = 430,
            Height = 300,
        });

        static Line LineOf(IGrouping<LoadTransport, ScalePoint> transport, string name, Func<ScalePoint, double> value) =>
            new($"{Name(transport.Key)} {name}", LookOf(transport.Key), [.. transport.OrderBy(point => point.Sessions).Select(point => new PlotPoint(point.Sessions, value(point)))])
            {
                PointText = point => $"{Quantity.Count((long)point.X)} sessions: {name} {Quantity.Microseconds(point.Y)}",
            };
    }

    private static Axis Sessions(IEnumerable<ScalePoint> points) => LogAxis.At([.. points.Select(point => (double)point.Sessions)], value => Quantity.Count((long)value));

    private static ScalePoint FirstJudged(ScalePoint[] points) => Array.Find(points, point => point.Sessions >= ScalePoint.JudgedFrom) ?? points[0];

    private static PlotPoint[] Level(PlotPoint[] line, double factor) => [line[0] with { Y = line[0].Y * factor }, line[^1] with { Y = line[0].Y * factor }];

    private static void Growth(HtmlWriter html, double ratio)
    {
        var growth = ratio > 0 && double.IsFinite(ratio) ? ratio - 1 : double.NaN;
        Table.Number(html, double.IsNaN(growth) ? Quantity.None : Quantity.Change(growth * 100, each => Quantity.Number(Math.Round(each, 1))) + " %", growth > ScalePoint.Tolerance ? "bad" : "soft");
    }

    private static string Name(LoadTransport transport) => transport switch
    {
        LoadTransport.Bosh => "BOSH",
        LoadTransport.Tcp => "TCP",
        LoadTransport.Http => "HTTP",
        _ => "WebSocket",
    };

    private static Look LookOf(LoadTransport transport) => transport switch
    {
        LoadTransport.Bosh => new Look("look-bosh"),
        LoadTransport.WebSocket => new Look("look-gateway"),
        _ => Look.Neutral,
    };
}
