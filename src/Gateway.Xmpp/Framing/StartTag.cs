using System.Buffers;
using System.Text;

namespace Gateway.Xmpp.Framing;

/// <summary>One attribute of a start tag, as it stands in the input.</summary>
public readonly ref struct TagAttribute
{
    internal TagAttribute(ReadOnlySpan<byte> name, ReadOnlySpan<byte> rawValue)
    {
        Name = name;
        RawValue = rawValue;
    }

    /// <summary>The qualified name.</summary>
    public ReadOnlySpan<byte> Name { get; }

    /// <summary>The value between its quotes, references unresolved; see <see cref="XmlText"/>.</summary>
    public ReadOnlySpan<byte> RawValue { get; }

    /// <summary>It declares the default namespace.</summary>
    public bool IsDefaultDeclaration => Name.SequenceEqual("xmlns"u8);

    /// <summary>It declares a prefix.</summary>
    public bool IsPrefixDeclaration => Name.StartsWith("xmlns:"u8);
}

/// <summary>Reads one start tag that the framer has checked: its name and its attributes, in order.</summary>
public ref struct StartTag
{
    private static readonly SearchValues<byte> NameEnd = SearchValues.Create(" \t\r\n/>"u8);

    private readonly ReadOnlySpan<byte> _tag;
    private int _position;

    /// <summary>Makes a reader.</summary>
    /// <param name="tag">The tag (or the element that begins with it), from its '&lt;'.</param>
    public StartTag(ReadOnlySpan<byte> tag)
    {
        _tag = tag;
        _position = tag.IndexOfAny(NameEnd);
        Name = tag[1.._position];
    }

    /// <summary>The qualified name.</summary>
    public ReadOnlySpan<byte> Name { get; }

    /// <summary>The name without its prefix.</summary>
    public readonly ReadOnlySpan<byte> LocalName => Name[(Name.IndexOf((byte)':') + 1)..];

    /// <summary>The prefix without its colon, empty if there is none.</summary>
    public readonly ReadOnlySpan<byte> Prefix
    {
        get
        {
            var colon = Name.IndexOf((byte)':');
            return colon < 0 ? default : Name[..colon];
        }
    }

    /// <summary>Moves to the next attribute.</summary>
    public bool TryRead(out TagAttribute attribute)
    {
        var rest = _tag[_position..];
        var start = rest.IndexOfAnyExcept(" \t\r\n"u8);
        if (rest[start] is (byte)'/' or (byte)'>')
        {
            attribute = default;
            return false;
        }

        rest = rest[start..];
        var nameLength = rest.IndexOfAny("= \t\r\n"u8);
        var open = rest[nameLength..].IndexOfAny((byte)'\'', (byte)'"') + nameLength;
        var length = rest[(open + 1)..].IndexOf(rest[open]);
        attribute = new TagAttribute(rest[..nameLength], rest.Slice(open + 1, length));
        _position += start + open + length + 2;
        return true;
    }

    /// <summary>Looks an attribute up by its qualified name, from the tag's start.</summary>
    public static bool TryGet(ReadOnlySpan<byte> tag, ReadOnlySpan<byte> name, out ReadOnlySpan<byte> rawValue)
    {
        var reader = new StartTag(tag);
        while (reader.TryRead(out var attribute))
        {
            if (attribute.Name.SequenceEqual(name))
            {
                rawValue = attribute.RawValue;
                return true;
            }
        }

        rawValue = default;
        return false;
    }

    /// <summary>A tag is in a namespace; its prefix is declared on it or, where they are given, on the tags around it.</summary>
    /// <param name="expected">The namespace.</param>
    /// <param name="tag">The tag.</param>
    /// <param name="parent">The one around it.</param>
    /// <param name="root">The one around that.</param>
    public static bool IsIn(ReadOnlySpan<byte> expected, ReadOnlySpan<byte> tag, ReadOnlySpan<byte> parent = default, ReadOnlySpan<byte> root = default)
    {
        var prefix = new StartTag(tag).Prefix;
        return (TryFindNamespace(tag, prefix, out var name)
                || (!parent.IsEmpty && TryFindNamespace(parent, prefix, out name))
                || (!root.IsEmpty && TryFindNamespace(root, prefix, out name)))
            && name.SequenceEqual(expected);
    }

    /// <summary>Where an attribute stands in a tag, the white space before it included: to leave it out.</summary>
    internal static bool TryLocate(ReadOnlySpan<byte> tag, ReadOnlySpan<byte> name, out int start, out int end)
    {
        var reader = new StartTag(tag);
        while (reader.TryRead(out var attribute))
        {
            if (attribute.Name.SequenceEqual(name))
            {
                tag.Overlaps(attribute.Name, out var at);
                start = tag[..at].TrimEnd(" \t\r\n"u8).Length;
                end = at + tag[at..].IndexOfAny((byte)'\'', (byte)'"') + attribute.RawValue.Length + 2;
                return true;
            }
        }

        start = end = 0;
        return false;
    }

    /// <summary>Looks up what a prefix (the default namespace if empty) is declared as on this tag, references resolved.</summary>
    internal static bool TryFindNamespace(ReadOnlySpan<byte> tag, ReadOnlySpan<byte> prefix, out ReadOnlySpan<byte> name)
    {
        var reader = new StartTag(tag);
        while (reader.TryRead(out var attribute))
        {
            if (prefix.IsEmpty ? attribute.IsDefaultDeclaration : attribute.IsPrefixDeclaration && attribute.Name[6..].SequenceEqual(prefix))
            {
                name = attribute.RawValue;
                if (name.IndexOfAny("&\t\n\r"u8) >= 0)
                {
                    // Written with references it is the same namespace.
                    name = Encoding.UTF8.GetBytes(XmlText.AttributeValue(name));
                }

                return true;
            }
        }

        name = default;
        return false;
    }
}
