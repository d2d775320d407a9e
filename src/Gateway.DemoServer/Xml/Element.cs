using Gateway.Xmpp.Buffers;
using Gateway.Xmpp.Framing;

namespace Gateway.DemoServer.Xml;

/// <summary>A small tree of one element that the framer has checked, or of one to be sent. Prefixes are gone: names carry their namespace.</summary>
internal sealed class Element(string name, string ns)
{
    private readonly List<ElementAttribute> _attributes = [];
    private readonly List<object> _nodes = [];

    public string Name { get; } = name;

    public string Namespace { get; } = ns;

    public IEnumerable<Element> Children => _nodes.OfType<Element>();

    /// <summary>The character data directly inside.</summary>
    public string Text => string.Concat(_nodes.OfType<string>());

    /// <summary>An attribute without a namespace; null is absent.</summary>
    public string? this[string attribute]
    {
        get
        {
            var index = IndexOf(attribute);
            return index < 0 ? null : _attributes[index].Value;
        }

        set
        {
            var index = IndexOf(attribute);
            if (index >= 0)
            {
                _attributes.RemoveAt(index);
            }

            if (value is not null)
            {
                _attributes.Add(new(string.Empty, attribute, value));
            }
        }
    }

    public bool Is(string localName, string namespaceName) => Name == localName && Namespace == namespaceName;

    public Element? Child(string localName, string namespaceName) => Children.FirstOrDefault(c => c.Is(localName, namespaceName));

    public Element Set(string attribute, string? value)
    {
        this[attribute] = value;
        return this;
    }

    public Element Add(Element child)
    {
        _nodes.Add(child);
        return this;
    }

    public Element Add(string text)
    {
        _nodes.Add(text);
        return this;
    }

    /// <summary>A copy whose own attributes can be set without touching this one; what is inside is shared.</summary>
    public Element Copy()
    {
        var copy = new Element(Name, Namespace);
        copy._attributes.AddRange(_attributes);
        copy._nodes.AddRange(_nodes);
        return copy;
    }

    /// <summary>The bytes that stand for it where jabber:client is the default namespace.</summary>
    public byte[] ToBytes()
    {
        using var output = new PooledByteWriter();
        Write(output, Names.Client);
        return output.WrittenSpan.ToArray();
    }

    internal void AddAttribute(ElementAttribute attribute) => _attributes.Add(attribute);

    private void Write(PooledByteWriter output, string defaultNamespace)
    {
        output.Write("<"u8);
        XmlText.WriteEscaped(output, Name);
        if (Namespace != defaultNamespace)
        {
            WriteAttribute(output, "xmlns", Namespace);
        }

        for (var i = 0; i < _attributes.Count; i++)
        {
            var attribute = _attributes[i];
            switch (attribute.Namespace)
            {
                case "":
                    WriteAttribute(output, attribute.Name, attribute.Value);
                    break;
                case Names.Xml:
                    WriteAttribute(output, "xml:" + attribute.Name, attribute.Value);
                    break;
                default:
                    WriteAttribute(output, $"xmlns:a{i}", attribute.Namespace);
                    WriteAttribute(output, $"a{i}:{attribute.Name}", attribute.Value);
                    break;
            }
        }

        if (_nodes.Count == 0)
        {
            output.Write("/>"u8);
            return;
        }

        output.Write(">"u8);
        foreach (var node in _nodes)
        {
            if (node is Element element)
            {
                element.Write(output, Namespace);
            }
            else
            {
                XmlText.WriteEscaped(output, (string)node);
            }
        }

        output.Write("</"u8);
        XmlText.WriteEscaped(output, Name);
        output.Write(">"u8);
    }

    private static void WriteAttribute(PooledByteWriter output, string name, string value)
    {
        output.Write(" "u8);
        XmlText.WriteEscaped(output, name);
        output.Write("='"u8);
        XmlText.WriteEscaped(output, value);
        output.Write("'"u8);
    }

    private int IndexOf(string attribute) => _attributes.FindIndex(a => a.Namespace.Length == 0 && a.Name == attribute);
}
