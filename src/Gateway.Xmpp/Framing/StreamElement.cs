namespace Gateway.Xmpp.Framing;

/// <summary>What the framer found.</summary>
public enum StreamElementKind : byte
{
    /// <summary>Nothing complete yet: hand in the same bytes again with more behind them.</summary>
    None,

    /// <summary>The start tag of the root (with its XML declaration, if any): a stream header or a BOSH body tag.</summary>
    StreamHeader,

    /// <summary>One complete child of the root, or the only element of a document.</summary>
    FirstLevelElement,

    /// <summary>The end of the root.</summary>
    StreamClose,

    /// <summary>White space between first-level elements.</summary>
    Whitespace,

    /// <summary>The input broke; see <see cref="XmppFramer.Error"/>. The framer gives nothing more.</summary>
    Error,
}

/// <summary>The namespaces a first-level element's root may be in, as far as the gateway cares.</summary>
public enum KnownNamespace : byte
{
    /// <summary>A namespace the gateway has no rule for.</summary>
    Other,

    /// <summary>No namespace at all.</summary>
    None,

    /// <summary>jabber:client.</summary>
    Client,

    /// <summary>jabber:server.</summary>
    Server,

    /// <summary>http://etherx.jabber.org/streams.</summary>
    Streams,

    /// <summary>urn:ietf:params:xml:ns:xmpp-framing.</summary>
    Framing,

    /// <summary>http://jabber.org/protocol/httpbind.</summary>
    HttpBind,

    /// <summary>urn:ietf:params:xml:ns:xmpp-sasl.</summary>
    Sasl,

    /// <summary>urn:xmpp:sasl:2.</summary>
    Sasl2,

    /// <summary>urn:ietf:params:xml:ns:xmpp-tls.</summary>
    Tls,

    /// <summary>urn:xmpp:sm:3 or urn:xmpp:sm:2.</summary>
    StreamManagement,
}

/// <summary>One framed piece of the input, as positions in the buffer that was handed to the framer.</summary>
public readonly record struct StreamElement
{
    /// <summary>What it is.</summary>
    public StreamElementKind Kind { get; init; }

    /// <summary>Where the element's '&lt;' is. Above 0 only for a header behind its XML declaration.</summary>
    public int Offset { get; init; }

    /// <summary>Where it ends; equally the number of bytes to drop from the buffer when done.</summary>
    public int End { get; init; }

    /// <summary>Bytes of the root's start tag, from <see cref="Offset"/> to its '&gt;' inclusive.</summary>
    public int TagLength { get; init; }

    /// <summary>Bytes of the root's qualified name, prefix included; it starts at <see cref="Offset"/> + 1.</summary>
    public int NameLength { get; init; }

    /// <summary>Bytes of the prefix without its colon; 0 if none.</summary>
    public int PrefixLength { get; init; }

    /// <summary>The namespace of the root.</summary>
    public KnownNamespace Namespace { get; init; }

    /// <summary>Bit n: the element uses the prefix of declaration n of the <see cref="NamespaceScope"/> it stands in.</summary>
    public ulong InheritedPrefixes { get; init; }

    /// <summary>An unprefixed name inside takes its namespace from the default declaration of the enclosing scope (or, in a document, from nowhere).</summary>
    public bool InheritsDefault { get; init; }

    /// <summary>
    /// The element's own declarations bind a prefix to a namespace that must be written without one (jabber:client,
    /// httpbind) or with the prefix stream, or bind httpbind below the root: passing it on takes a rewrite, not a slice.
    /// </summary>
    public bool NeedsRewrite { get; init; }

    /// <summary>The root is an empty-element tag.</summary>
    public bool IsEmpty { get; init; }

    /// <summary>Bytes of the whole element.</summary>
    public int Length => End - Offset;

    /// <summary>The element's bytes.</summary>
    public ReadOnlySpan<byte> Slice(ReadOnlySpan<byte> buffer) => buffer[Offset..End];

    /// <summary>The root's local name.</summary>
    public ReadOnlySpan<byte> LocalName(ReadOnlySpan<byte> buffer)
    {
        var name = buffer.Slice(Offset + 1, NameLength);
        return PrefixLength == 0 ? name : name[(PrefixLength + 1)..];
    }
}
