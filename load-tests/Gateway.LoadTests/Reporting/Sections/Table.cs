namespace Gateway.LoadTests.Reporting.Sections;

/// <summary>Pieces of tables.</summary>
internal static class Table
{
    /// <summary>The row of names; those that begin with <c>#</c> stand over numbers.</summary>
    public static void Head(HtmlWriter html, params ReadOnlySpan<string> names)
    {
        using var head = html.Open("thead");
        using var row = html.Open("tr");
        foreach (var name in names)
        {
            html.Leaf("th", name.TrimStart('#'), ("scope", "col"), ("class", name.StartsWith('#') ? "number" : null));
        }
    }

    /// <summary>A cell with a number.</summary>
    public static void Number(HtmlWriter html, string text, string look = "") => html.Leaf("td", look.Length == 0 ? "number" : "number " + look, text);
}
