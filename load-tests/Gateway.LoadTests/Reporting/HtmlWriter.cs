using System.Text;
using System.Xml;

namespace Gateway.LoadTests.Reporting;

/// <summary>Writes HTML that is well-formed XML too: the escaping is <see cref="XmlWriter"/>'s, for every name, value and text.</summary>
internal sealed class HtmlWriter(XmlWriter xml)
{
    private const string Html = "http://www.w3.org/1999/xhtml";
    private const string Svg = "http://www.w3.org/2000/svg";
    private readonly Stack<(string Name, string Namespace)> _open = new();

    /// <summary>Opens an element; disposing of what is returned closes it. Attributes without a value are left out.</summary>
    public Scope Open(string name, params ReadOnlySpan<(string Name, string? Value)> attributes)
    {
        var space = name == "svg" ? Svg : _open.TryPeek(out var parent) ? parent.Namespace : Html;
        _open.Push((name, space));
        xml.WriteStartElement(prefix: null, name, space);
        foreach (var (key, value) in attributes)
        {
            if (value is not null)
            {
                xml.WriteAttributeString(key, Clean(value));
            }
        }

        return new Scope(this);
    }

    /// <summary>An element of a class, opened.</summary>
    public Scope Open(string name, string className) => Open(name, ("class", className));

    /// <summary>An element without content.</summary>
    public void Empty(string name, params ReadOnlySpan<(string Name, string? Value)> attributes) => Open(name, attributes).Dispose();

    /// <summary>An element with nothing but text in it.</summary>
    public void Leaf(string name, string text, params ReadOnlySpan<(string Name, string? Value)> attributes)
    {
        using var _ = Open(name, attributes);
        Text(text);
    }

    /// <summary>An element of a class with nothing but text in it.</summary>
    public void Leaf(string name, string className, string text) => Leaf(name, text, ("class", className));

    /// <summary>Text.</summary>
    public void Text(string text) => xml.WriteString(Clean(text));

    /// <summary>A style sheet of our own, which must not hold what XML gives a meaning: HTML reads it unescaped.</summary>
    public void Style(string sheet)
    {
        if (sheet.AsSpan().ContainsAny('<', '&'))
        {
            throw new ArgumentException("A style sheet in both HTML and XML can hold neither < nor &.", nameof(sheet));
        }

        using var _ = Open("style");
        xml.WriteRaw(sheet);
    }

    private void Close()
    {
        var (name, space) = _open.Pop();

        // HTML knows <br/> but takes <div/> for a start tag; SVG inside of HTML knows both.
        if (space == Svg || name is "meta" or "br" or "col" or "hr")
        {
            xml.WriteEndElement();
        }
        else
        {
            xml.WriteFullEndElement();
        }

        if (name is "head" or "style" or "header" or "section" or "div" or "table" or "thead" or "tbody" or "tr" or "figure" or "p" or "h1" or "h2" or "h3" or "li" or "dl" or "svg")
        {
            xml.WriteWhitespace("\n");
        }
    }

    /// <summary>What XML cannot hold even escaped (a server's error text may) is shown as U+FFFD.</summary>
    private static string Clean(string text)
    {
        var bad = false;
        for (var i = 0; i < text.Length && !bad; i++)
        {
            bad = !XmlConvert.IsXmlChar(text[i]);
        }

        if (!bad)
        {
            return text;
        }

        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            clean.Append(rune.IsBmp && !XmlConvert.IsXmlChar((char)rune.Value) ? "\uFFFD" : rune.ToString());
        }

        return clean.ToString();
    }

    /// <summary>An element that is open.</summary>
    public readonly struct Scope(HtmlWriter writer) : IDisposable
    {
        /// <summary>Closes it.</summary>
        public void Dispose() => writer.Close();
    }
}
