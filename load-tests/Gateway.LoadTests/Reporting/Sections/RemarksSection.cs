using Gateway.LoadTests.Results;

namespace Gateway.LoadTests.Reporting.Sections;

/// <summary>Whatever a reader ought to know before believing the rest.</summary>
internal static class RemarksSection
{
    /// <summary>Writes it.</summary>
    public static void Write(HtmlWriter html, LoadReport report)
    {
        if (report.Remarks.Count == 0)
        {
            return;
        }

        using var section = html.Open("section", ("id", "remarks"));
        html.Leaf("h2", "Remarks");
        using var list = html.Open("ul");
        foreach (var remark in report.Remarks)
        {
            html.Leaf("li", remark);
        }
    }
}
