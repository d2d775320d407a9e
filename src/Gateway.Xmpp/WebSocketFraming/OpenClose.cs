using Gateway.Xmpp.Buffers;
using Gateway.Xmpp.Framing;
using Gateway.Xmpp.Streams;

namespace Gateway.Xmpp.WebSocketFraming;

/// <summary>RFC 7395 framing elements: what stands for the stream header and the stream close.</summary>
public static class OpenClose
{
    /// <summary>
    /// The plain closing message. COMPAT: strophe.js, every version, compares it byte for byte once the stream is up (WS-045).
    /// </summary>
    public static ReadOnlySpan<byte> Close => "<close xmlns=\"urn:ietf:params:xml:ns:xmpp-framing\" />"u8;

    /// <summary>
    /// Writes <c>open</c> with the attributes of a stream header (WS-033). COMPAT: strophe.js wants it to begin with
    /// <c>&lt;open </c> and to have plain xmlns and version attributes (WS-036).
    /// </summary>
    public static void WriteOpen(PooledByteWriter output, StreamHeader header)
    {
        output.Write("<open xmlns=\"urn:ietf:params:xml:ns:xmpp-framing\""u8);
        XmlText.WriteAttribute(output, " from=\""u8, header.From);
        XmlText.WriteAttribute(output, " to=\""u8, header.To);
        XmlText.WriteAttribute(output, " id=\""u8, header.Id);
        XmlText.WriteAttribute(output, " version=\""u8, "1.0");
        XmlText.WriteAttribute(output, " xml:lang=\""u8, header.Lang);
        output.Write(" />"u8);
    }

    /// <summary>The element is <c>open</c> or <c>close</c> in the framing namespace.</summary>
    public static bool Is(ReadOnlySpan<byte> localName, in StreamElement element, ReadOnlySpan<byte> buffer) =>
        element.Namespace == KnownNamespace.Framing && element.LocalName(buffer).SequenceEqual(localName);
}
