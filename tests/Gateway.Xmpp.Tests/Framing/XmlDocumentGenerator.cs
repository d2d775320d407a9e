using System.Globalization;
using System.Text;

namespace Gateway.Xmpp.Tests.Framing;

/// <summary>Makes well-formed documents and streams, adversarial in what is legal, from a seed.</summary>
internal sealed class XmlDocumentGenerator(Random random)
{
    private static readonly string[] Names = ["a", "b", "message", "body", "x-1", "_y", "é", "ab.c", "stream", "iq", "xmlns1"];
    private static readonly string[] Prefixes = ["p", "q", "s", "stream", "client", "é1", "xmlp"];
    private static readonly string[] Namespaces =
    [
        "urn:a", "urn:b", "jabber:client", "jabber:client", "http://etherx.jabber.org/streams", "http://jabber.org/protocol/httpbind", "urn:ietf:params:xml:ns:xmpp-sasl", "a&amp;b", "&#117;rn:a", " u ",
    ];

    private static readonly string[] Texts =
    [
        "", " ", "x", "some longer text with spaces, but nothing else in it", "&lt;", "&gt;&amp;", "&apos;&quot;", "&#65;", "&#x1F34C;", "]]", "]", ">", "/>", "p:q", "=", "\n", "\t", "\r\n", "\r",
        "é", "水", "🍌", "\uFEFF", "\u0085", "\u2028", "]]&gt;", "\u007F", "\uFFFD", "&#9;&#xD;&#10;", "stream:stream", "xmlns='x'",
    ];

    private static readonly string[] CDatas =
    [
        "<![CDATA[]]>", "<![CDATA[</a>]]>", "<![CDATA[<!-- & -->]]>", "<![CDATA[]]]]>", "<![CDATA[]]]>", "<![CDATA[>]]>", "<![CDATA[<![CDATA[]]>", "<![CDATA[é 🍌\r\n]]>", "<![CDATA[&amp;]]>",
    ];

    private static readonly string[] Spaces = [" ", " ", " ", "\n", "\t", "\r\n", "  "];

    /// <summary>A document with one root.</summary>
    public string Document()
    {
        var text = new StringBuilder();
        if (Chance(20))
        {
            text.Append(Pick("<?xml version='1.0'?>", "<?xml version=\"1.0\" encoding='utf-8'?>\n", "<?xml version='1.0' encoding=\"UTF-8\" ?>"));
        }

        Element(text, [], 0, forbidden: Chance(4));
        if (Chance(20))
        {
            text.Append(Pick(" ", "\n", "\r\n\t "));
        }

        return text.ToString();
    }

    /// <summary>A root that is open, its children, and its end. White space only between the children.</summary>
    public (string Header, List<string> Children, string End) Stream()
    {
        var scope = new Dictionary<string, string>(StringComparer.Ordinal);
        var header = new StringBuilder();
        var name = StartTag(header, scope, 0, declarations: 4);
        header.Append('>');
        var children = new List<string>();
        for (var i = random.Next(1, 5); i > 0; i--)
        {
            var child = new StringBuilder();
            Element(child, scope, 1, forbidden: false);
            children.Add(child.ToString());
        }

        return (header.ToString(), children, $"</{name}>");
    }

    private void Element(StringBuilder text, Dictionary<string, string> outer, int depth, bool forbidden)
    {
        var scope = new Dictionary<string, string>(outer, StringComparer.Ordinal);
        var name = StartTag(text, scope, depth, declarations: 2);
        if (Chance(30))
        {
            text.Append(Chance(30) ? Pick(Spaces) : "").Append("/>");
            return;
        }

        text.Append('>');
        for (var i = random.Next(0, depth > 5 ? 1 : 4); i > 0; i--)
        {
            switch (random.Next(10))
            {
                case < 4:
                    text.Append(Pick(Texts));
                    break;
                case 4:
                    text.Append(Pick(CDatas));
                    break;
                case 5 when forbidden:
                    text.Append(Pick("<!-- c -->", "<?pi x?>", "<!---->"));
                    break;
                default:
                    Element(text, scope, depth + 1, forbidden);
                    break;
            }

            // "]]" and ">" must not meet, nor CR and the LF of another piece change meaning: both are legal, only the first is not.
            text.Append(Chance(50) ? "." : "&#32;");
        }

        text.Append("</").Append(name).Append(Chance(10) ? Pick(Spaces) : "").Append('>');
    }

    private string StartTag(StringBuilder text, Dictionary<string, string> scope, int depth, int declarations)
    {
        var attributes = new List<string>();
        var used = new HashSet<string>(StringComparer.Ordinal);
        if (Chance(depth == 0 ? 80 : 25))
        {
            var name = Chance(10) ? "" : Pick(Namespaces);
            scope[""] = name;
            attributes.Add(Attribute("xmlns", name));
        }

        for (var i = random.Next(0, depth == 0 ? declarations + 1 : declarations); i > 0; i--)
        {
            var prefix = Pick(Prefixes);
            if (used.Add("xmlns:" + prefix))
            {
                var name = Pick(Namespaces);
                scope[prefix] = name;
                attributes.Add(Attribute("xmlns:" + prefix, name));
            }
        }

        var prefixes = scope.Keys.Where(p => p.Length > 0).Append("xml").ToArray();
        for (var i = random.Next(0, 4); i > 0; i--)
        {
            var prefix = Chance(35) ? Pick(prefixes) : "";
            var local = Pick(Names);
            var expanded = prefix.Length == 0 ? local : Plain(scope.GetValueOrDefault(prefix, "xml")) + "}" + local;
            if ((prefix != "xml" || local != "space") && used.Add(expanded))
            {
                attributes.Add(Attribute(prefix.Length == 0 ? local : prefix + ":" + local, string.Concat(Pick(Texts), Pick(Texts)).Replace("]]>", "", StringComparison.Ordinal)));
            }
        }

        var elementPrefix = Chance(30) && prefixes.Length > 1 ? prefixes[random.Next(prefixes.Length - 1)] + ":" : "";
        var result = elementPrefix + Pick(Names);
        text.Append('<').Append(result);
        foreach (var attribute in attributes.OrderBy(_ => random.Next()))
        {
            text.Append(Pick(Spaces)).Append(attribute);
        }

        return result;
    }

    private static string Plain(string name) => name.Replace("&#117;", "u", StringComparison.Ordinal);

    private string Attribute(string name, string value)
    {
        var quote = Chance(60) ? '\'' : '"';
        var other = quote == '\'' ? "\"" : "'";
        if (Chance(20) && !name.StartsWith("xmlns", StringComparison.Ordinal))
        {
            value += other;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{name}{(Chance(10) ? " " : "")}={(Chance(10) ? "\n" : "")}{quote}{value.Replace("xmlns='x'", "x", StringComparison.Ordinal)}{quote}");
    }

    private bool Chance(int percent) => random.Next(100) < percent;

    private T Pick<T>(params T[] items) => items[random.Next(items.Length)];
}
