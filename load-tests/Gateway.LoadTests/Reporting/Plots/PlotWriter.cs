using System.Globalization;
using System.Text;

namespace Gateway.LoadTests.Reporting.Plots;

/// <summary>
/// Draws a plot as SVG. A plotting library in the page (uPlot, say) would need a build step, would put a script into a file that
/// people mail around, and would not print: what is needed here are lines, marks and labels.
/// </summary>
internal static class PlotWriter
{
    private const double Top = 8;
    private const double CharacterWidth = 6.3;
    private const double LabelWidth = 7.4;

    /// <summary>A figure with its title and the drawing.</summary>
    public static void Write(HtmlWriter html, Plot plot, string note = "")
    {
        var lines = plot.Lines.Where(line => line.Points.Count > 0).ToArray();
        var longest = plot.HasLabels ? lines.Max(line => (int?)line.Label.Length) ?? 0 : 0;
        var left = Math.Max(plot.LeftRoom, 14 + (CharacterWidth * plot.Y.Ticks.Max(tick => tick.Label.Length)));
        var right = Math.Max(plot.RightRoom, longest > 0 ? 16 + (LabelWidth * longest) : 18);
        var bottom = plot.XTitle.Length > 0 ? 38 : 22;
        var frame = new Frame(left, Top, plot.Width - left - right, plot.Height - Top - bottom, plot);

        using var figure = html.Open("figure", "plot");
        using (html.Open("figcaption"))
        {
            html.Leaf("strong", plot.Title);
            if (note.Length > 0)
            {
                html.Leaf("span", "note", note);
            }
        }

        using var svg = html.Open("svg", ("viewBox", $"0 0 {F(plot.Width)} {F(plot.Height)}"), ("role", "img"), ("aria-label", plot.Title));
        Grid(html, frame);
        foreach (var band in plot.Bands.Where(each => each.Low.Count > 1))
        {
            var path = Path(frame, band.High) + "L" + Path(frame, [.. band.Low.Reverse()])[1..] + "Z";
            html.Empty("path", ("class", "band " + band.Look.ClassName), ("style", band.Look.Style), ("d", path));
        }

        foreach (var line in lines.OrderBy(line => !line.IsFaint))
        {
            Draw(html, frame, line);
        }

        if (plot.HasLabels)
        {
            Labels(html, frame, lines);
        }
    }

    private static void Grid(HtmlWriter html, Frame frame)
    {
        foreach (var tick in frame.Plot.Y.Ticks)
        {
            var y = F(frame.Y(tick.Value));
            html.Empty("path", ("class", tick.Label.Length > 0 ? "grid" : "grid minor"), ("d", $"M{F(frame.Left)} {y}h{F(frame.Width)}"));
            if (tick.Label.Length > 0)
            {
                html.Leaf("text", tick.Label, ("class", "tick end"), ("x", F(frame.Left - 7)), ("y", y), ("dy", ".32em"));
            }
        }

        // Marks that would touch the one before stay without a label.
        var free = double.NegativeInfinity;
        foreach (var tick in frame.Plot.X.Ticks)
        {
            var x = frame.X(tick.Value);
            var half = CharacterWidth * tick.Label.Length / 2;
            html.Empty("path", ("class", "grid"), ("d", $"M{F(x)} {F(frame.Top)}v{F(frame.Height)}"));
            if (tick.Label.Length > 0 && x - half > free)
            {
                html.Leaf("text", tick.Label, ("class", "tick middle"), ("x", F(x)), ("y", F(frame.Bottom + 15)));
                free = x + half + 6;
            }
        }

        html.Empty("path", ("class", "base"), ("d", $"M{F(frame.Left)} {F(frame.Bottom)}h{F(frame.Width)}"));
        if (frame.Plot.XTitle.Length > 0)
        {
            html.Leaf("text", frame.Plot.XTitle, ("class", "tick middle"), ("x", F(frame.Left + (frame.Width / 2))), ("y", F(frame.Plot.Height - 5)));
        }
    }

    private static void Draw(HtmlWriter html, Frame frame, Line line)
    {
        using var group = html.Open("g", ("class", line.Look.ClassName), ("style", line.Look.Style));
        if (line.Points.Count > 1)
        {
            html.Empty("path", ("class", line.IsFaint ? "line faint" : "line"), ("d", Path(frame, Thinning.Thin(line.Points))));
        }

        if (line.PointText is null && line.Points.Count > 1)
        {
            return;
        }

        foreach (var point in line.Points)
        {
            using var circle = html.Open("circle", ("class", "point"), ("cx", F(frame.X(point.X))), ("cy", F(frame.Y(point.Y))), ("r", "3.5"));
            if (line.PointText is { } text)
            {
                html.Leaf("title", text(point));
            }
        }
    }

    private static void Labels(HtmlWriter html, Frame frame, Line[] lines)
    {
        var named = lines.Where(line => line.Label.Length > 0).ToArray();
        var places = LabelPlaces.Spread([.. named.Select(line => frame.Y(line.Points[^1].Y))], 14, frame.Top + 4, frame.Bottom);
        for (var i = 0; i < named.Length; i++)
        {
            html.Leaf(
                "text", named[i].Label, ("class", "label " + named[i].Look.ClassName), ("style", named[i].Look.Style), ("x", F(frame.Left + frame.Width + 8)), ("y", F(places[i])), ("dy", ".32em"));
        }
    }

    private static string Path(Frame frame, IReadOnlyList<PlotPoint> points)
    {
        var path = new StringBuilder();
        foreach (var point in points)
        {
            path.Append(path.Length == 0 ? 'M' : 'L').Append(F(frame.X(point.X))).Append(' ').Append(F(frame.Y(point.Y)));
        }

        return path.ToString();
    }

    private static string F(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);

    private readonly record struct Frame(double Left, double Top, double Width, double Height, Plot Plot)
    {
        public double Bottom => Top + Height;

        public double X(double value) => Left + (Width * Plot.X.At(value));

        public double Y(double value) => Bottom - (Height * Plot.Y.At(value));
    }
}
