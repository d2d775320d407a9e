namespace Gateway.Xmpp.Framing;

/// <summary>The pieces of a checked element.</summary>
public enum XmlTokenKind : byte
{
    /// <summary>A start tag or an empty-element tag.</summary>
    StartTag,

    /// <summary>An end tag.</summary>
    EndTag,

    /// <summary>Character data with references.</summary>
    Text,

    /// <summary>A CDATA section, markers included.</summary>
    CData,
}

/// <summary>
/// Walks through an element that the framer has checked, piece by piece, for the few places that look inside:
/// stream features, policies, the rewriting of prefixes. It checks nothing again.
/// </summary>
public ref struct XmlTokenReader
{
    private readonly ReadOnlySpan<byte> _element;
    private int _position;

    /// <summary>Makes a reader.</summary>
    /// <param name="element">A whole checked element, from its '&lt;' to its last '&gt;'.</param>
    public XmlTokenReader(ReadOnlySpan<byte> element)
    {
        _element = element;
        _position = 0;
        Token = default;
    }

    /// <summary>The current piece.</summary>
    public XmlTokenKind Kind { get; private set; }

    /// <summary>The current piece's bytes.</summary>
    public ReadOnlySpan<byte> Token { get; private set; }

    /// <summary>Where the current piece begins in the element.</summary>
    public int Offset { get; private set; }

    /// <summary>Where the current piece ends in the element.</summary>
    public readonly int End => _position;

    /// <summary>The current piece is an empty-element tag.</summary>
    public bool IsEmpty { get; private set; }

    /// <summary>Open elements around the current piece; the root's tags have 0, its children's tags and its text 1.</summary>
    public int Depth { get; private set; }

    private int _open;

    /// <summary>Moves to the next piece.</summary>
    public bool Read()
    {
        if (_position >= _element.Length)
        {
            return false;
        }

        Offset = _position;
        IsEmpty = false;
        Depth = _open;
        var rest = _element[_position..];
        int length;
        if (rest[0] != (byte)'<')
        {
            Kind = XmlTokenKind.Text;
            length = rest.IndexOf((byte)'<');
            length = length < 0 ? rest.Length : length;
        }
        else if (rest[1] == (byte)'/')
        {
            Kind = XmlTokenKind.EndTag;
            length = rest.IndexOf((byte)'>') + 1;
            Depth = --_open;
        }
        else if (rest[1] == (byte)'!')
        {
            Kind = XmlTokenKind.CData;
            length = rest.IndexOf("]]>"u8) + 3;
        }
        else
        {
            Kind = XmlTokenKind.StartTag;
            length = TagLength(rest);
            IsEmpty = rest[length - 2] == (byte)'/';
            _open += IsEmpty ? 0 : 1;
        }

        Token = rest[..length];
        _position += length;
        return true;
    }

    /// <summary>Goes behind the end of the element whose start tag is the current piece; that end is then current.</summary>
    public void Skip()
    {
        if (Kind != XmlTokenKind.StartTag || IsEmpty)
        {
            return;
        }

        var depth = Depth;
        while (Read() && !(Kind == XmlTokenKind.EndTag && Depth == depth))
        {
        }
    }

    private static int TagLength(ReadOnlySpan<byte> rest)
    {
        var at = 0;
        while (true)
        {
            at += rest[at..].IndexOfAny((byte)'>', (byte)'\'', (byte)'"');
            if (rest[at] == (byte)'>')
            {
                return at + 1;
            }

            at += rest[(at + 1)..].IndexOf(rest[at]) + 2;
        }
    }
}
