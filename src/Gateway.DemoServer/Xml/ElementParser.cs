using System.Text;
using Gateway.Xmpp.Framing;

namespace Gateway.DemoServer.Xml;

/// <summary>From the bytes of a checked element to its tree.</summary>
internal static class ElementParser
{
    /// <param name="bytes">The whole element.</param>
    /// <param name="scope">The declarations it inherits from its stream.</param>
    public static Element Parse(ReadOnlySpan<byte> bytes, NamespaceScope scope)
    {
        // The framer bounds depth and attributes, so these stay small.
        var open = new Stack<(Element Element, int Declarations)>();
        var prefixes = new PrefixTable();
        prefixes.Declare("xml", Names.Xml);
        prefixes.Declare(string.Empty, Encoding.UTF8.GetString(scope.DefaultNamespace));
        for (var i = 0; i < scope.Count; i++)
        {
            prefixes.Declare(Encoding.UTF8.GetString(scope.PrefixAt(i)), Encoding.UTF8.GetString(scope.NameAt(i)));
        }

        Element? root = null;
        var reader = new XmlTokenReader(bytes);
        while (reader.Read())
        {
            switch (reader.Kind)
            {
                case XmlTokenKind.StartTag:
                    var before = prefixes.Count;
                    var element = ReadTag(reader.Token, prefixes);
                    root ??= element;
                    if (open.TryPeek(out var parent))
                    {
                        parent.Element.Add(element);
                    }

                    if (reader.IsEmpty)
                    {
                        prefixes.ReturnTo(before);
                    }
                    else
                    {
                        open.Push((element, before));
                    }

                    break;
                case XmlTokenKind.EndTag:
                    prefixes.ReturnTo(open.Pop().Declarations);
                    break;
                case XmlTokenKind.Text:
                    open.Peek().Element.Add(XmlText.TextValue(reader.Token));
                    break;
                default:
                    open.Peek().Element.Add(CDataValue(reader.Token));
                    break;
            }
        }

        return root!;
    }

    private static Element ReadTag(ReadOnlySpan<byte> token, PrefixTable prefixes)
    {
        var tag = new StartTag(token);
        while (tag.TryRead(out var attribute))
        {
            if (attribute.IsDefaultDeclaration)
            {
                prefixes.Declare(string.Empty, XmlText.AttributeValue(attribute.RawValue));
            }
            else if (attribute.IsPrefixDeclaration)
            {
                prefixes.Declare(Encoding.UTF8.GetString(attribute.Name["xmlns:"u8.Length..]), XmlText.AttributeValue(attribute.RawValue));
            }
        }

        var element = new Element(Encoding.UTF8.GetString(tag.LocalName), prefixes.Find(Encoding.UTF8.GetString(tag.Prefix)));
        tag = new StartTag(token);
        while (tag.TryRead(out var attribute))
        {
            if (attribute.IsDefaultDeclaration || attribute.IsPrefixDeclaration)
            {
                continue;
            }

            var name = Encoding.UTF8.GetString(attribute.Name);
            var colon = name.IndexOf(':', StringComparison.Ordinal);
            element.AddAttribute(new(
                colon < 0 ? string.Empty : prefixes.Find(name[..colon]), name[(colon + 1)..], XmlText.AttributeValue(attribute.RawValue)));
        }

        return element;
    }

    private static string CDataValue(ReadOnlySpan<byte> token) =>
        Encoding.UTF8.GetString(token["<![CDATA["u8.Length..^"]]>"u8.Length]).Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
}
