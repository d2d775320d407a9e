using System.Text;
using System.Xml;
using Gateway.LoadTests.Reporting.Sections;
using Gateway.LoadTests.Results;

namespace Gateway.LoadTests.Reporting;

/// <summary>A report as one HTML file that needs nothing else: no script, no network, and readable on paper.</summary>
public static class HtmlReport
{
    /// <summary>Writes it.</summary>
    /// <param name="report">What is told.</param>
    /// <param name="path">The file; its folder is made if need be.</param>
    public static void Write(LoadReport report, string path)
    {
        ArgumentNullException.ThrowIfNull(report);
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder)
        {
            Directory.CreateDirectory(folder);
        }

        // Beside it first: whoever watches the file never sees half of it.
        var unfinished = path + ".part";
        using (var file = new StreamWriter(unfinished, append: false, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)))
        {
            Write(report, file);
        }

        File.Move(unfinished, path, overwrite: true);
    }

    private static void Write(LoadReport report, TextWriter output)
    {
        using var xml = XmlWriter.Create(output, new XmlWriterSettings { OmitXmlDeclaration = true, NewLineChars = "\n" });
        xml.WriteDocType("html", null, null, null);
        var html = new HtmlWriter(xml);
        var looks = new TargetLooks(report);
        var groups = ScenarioGroup.Of(report, looks);

        using var _ = html.Open("html", ("lang", "en"));
        using (html.Open("head"))
        {
            html.Empty("meta", ("charset", "utf-8"));
            html.Empty("meta", ("name", "viewport"), ("content", "width=device-width, initial-scale=1"));
            html.Empty("meta", ("name", "color-scheme"), ("content", "light dark"));
            html.Leaf("title", report.Title);
            html.Style(StyleSheet());
        }

        using var body = html.Open("body");
        HeaderSection.Write(html, report, groups);
        VerdictSection.Write(html, report);
        GoalsSection.Write(html, report);
        RemarksSection.Write(html, report);
        PeersSection.Write(html, report, looks);
        ScaleSection.Write(html, report);
        foreach (var group in groups)
        {
            ScenarioSection.Write(html, group);
        }

        RunsSection.Write(html, report);
        ReadingSection.Write(html);
    }

    private static string StyleSheet()
    {
        using var stream = typeof(HtmlReport).Assembly.GetManifestResourceStream("report.css") ?? throw new InvalidOperationException("The style sheet is not in the assembly.");
        using var reader = new StreamReader(stream);
        return "\n" + reader.ReadToEnd();
    }
}
