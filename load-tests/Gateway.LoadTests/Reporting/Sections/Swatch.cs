using Gateway.LoadTests.Reporting.Plots;

namespace Gateway.LoadTests.Reporting.Sections;

/// <summary>A piece of a line, to find it in the plots.</summary>
internal static class Swatch
{
    /// <summary>Draws it.</summary>
    public static void Write(HtmlWriter html, Look look)
    {
        using var svg = html.Open("svg", ("class", "swatch " + look.ClassName), ("style", look.Style), ("viewBox", "0 0 30 10"), ("width", "30"), ("height", "10"), ("aria-hidden", "true"));
        html.Empty("path", ("class", "line"), ("d", "M1 5h28"));
    }
}
