using System.Text;
using System.Xml;

namespace Gateway.Xmpp.Tests.Framing;

/// <summary>One element as a receiver sees it: expanded names, attributes in any order, text; and how it was written.</summary>
internal sealed class Infoset
{
    public const string HttpBind = "http://jabber.org/protocol/httpbind";
    public const string Client = "jabber:client";
    public const string Streams = "http://etherx.jabber.org/streams";

    private readonly StringBuilder _text = new();

    /// <summary>The element in Clark's notation; httpbind elements already moved to jabber:client (BOSH-024).</summary>
    public string Text => _text.ToString();

    /// <summary>Prefix and namespace of every element, the root first.</summary>
    public List<(string Prefix, string Name)> Elements { get; } = [];

    /// <summary>Prefixes whose declaration stands outside the element; the empty one for the default.</summary>
    public SortedSet<string> Inherited { get; } = new(StringComparer.Ordinal);

    /// <summary>Declarations inside the element: prefix and name.</summary>
    public List<(string Prefix, string Name)> Declarations { get; } = [];

    /// <summary>Reads the children of the root.</summary>
    public static List<Infoset> Children(string document)
    {
        using var reader = XmlReader.Create(new StringReader(document), XmlReaderOracle.Settings);
        reader.MoveToContent();
        var result = new List<Infoset>();
        while (reader.Read())
        {
            if (reader.NodeType == XmlNodeType.Element)
            {
                var infoset = new Infoset();
                infoset.Element(reader, []);
                result.Add(infoset);
            }
        }

        return result;
    }

    /// <summary>Reads one whole document.</summary>
    public static Infoset Root(string document)
    {
        using var reader = XmlReader.Create(new StringReader(document), XmlReaderOracle.Settings);
        reader.MoveToContent();
        var result = new Infoset();
        result.Element(reader, []);
        while (reader.Read())
        {
        }

        return result;
    }

    private void Element(XmlReader reader, HashSet<string> outer)
    {
        var declared = new HashSet<string>(outer, StringComparer.Ordinal);
        var attributes = new SortedSet<string>(StringComparer.Ordinal);
        var prefixes = new List<string> { reader.Prefix };
        Elements.Add((reader.Prefix, reader.NamespaceURI));
        _text.Append('<').Append(Expanded(reader));
        var isEmpty = reader.IsEmptyElement;
        while (reader.MoveToNextAttribute())
        {
            if (reader.NamespaceURI == "http://www.w3.org/2000/xmlns/")
            {
                var prefix = reader.Prefix.Length == 0 ? "" : reader.LocalName;
                declared.Add(prefix);
                Declarations.Add((prefix, reader.Value));
            }
            else
            {
                attributes.Add(Expanded(reader) + "=" + reader.Value);
                if (reader.Prefix.Length > 0 && reader.Prefix != "xml")
                {
                    prefixes.Add(reader.Prefix);
                }
            }
        }

        Inherited.UnionWith(prefixes.Where(p => p != "xml" && !declared.Contains(p)));
        _text.Append(' ').AppendJoin(' ', attributes).Append('>');
        while (!isEmpty && reader.Read() && reader.NodeType != XmlNodeType.EndElement)
        {
            if (reader.NodeType == XmlNodeType.Element)
            {
                Element(reader, declared);
            }
            else
            {
                _text.Append(reader.Value);
            }
        }

        _text.Append("</>");
    }

    private static string Expanded(XmlReader reader) =>
        $"{{{(reader.NamespaceURI == HttpBind && reader.NodeType == XmlNodeType.Element ? Client : reader.NamespaceURI)}}}{reader.LocalName}";
}
