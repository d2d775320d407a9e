using System.Globalization;
using Gateway.LoadTests.Results;

namespace Gateway.LoadTests.Reporting.Sections;

/// <summary>What was measured, where, when and how; and where things are in the page.</summary>
internal static class HeaderSection
{
    /// <summary>Writes it.</summary>
    public static void Write(HtmlWriter html, LoadReport report, IReadOnlyList<ScenarioGroup> groups)
    {
        using (html.Open("header"))
        {
            html.Leaf("h1", report.Title);
            using var list = html.Open("dl", "facts");
            Fact(html, "Date", report.At.ToString("yyyy-MM-dd HH:mm 'UTC'zzz", CultureInfo.InvariantCulture));
            Fact(html, "Machine", report.Machine);
            Fact(html, "Commit", report.Commit, "code");
            Fact(html, "Command", report.Command, "code");
        }

        using var nav = html.Open("nav", ("aria-label", "Contents"));
        Link(html, "goals", "Goals", report.Goals.Count > 0);
        Link(html, "peers", "Peers", report.Peers.Count > 0);
        Link(html, "scale", "Scale", report.Scale.Count > 0);
        foreach (var group in groups)
        {
            Link(html, group.Id, group.Title, isThere: true);
        }

        Link(html, "runs", "All runs", report.Runs.Count > 0);
        Link(html, "reading", "How to read this", isThere: true);
    }

    private static void Fact(HtmlWriter html, string name, string value, string element = "span")
    {
        if (value.Length == 0)
        {
            return;
        }

        html.Leaf("dt", name);
        using var _ = html.Open("dd");
        foreach (var line in value.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            html.Leaf(element, line);
        }
    }

    private static void Link(HtmlWriter html, string id, string text, bool isThere)
    {
        if (isThere)
        {
            html.Leaf("a", text, ("href", "#" + id));
        }
    }
}
