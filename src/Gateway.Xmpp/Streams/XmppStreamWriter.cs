using Gateway.Xmpp.Buffers;
using Gateway.Xmpp.Framing;

namespace Gateway.Xmpp.Streams;

/// <summary>Writes what belongs to the stream itself: header, error, close (RFC 6120 §4).</summary>
public static class XmppStreamWriter
{
    /// <summary>The end of a stream.</summary>
    public static ReadOnlySpan<byte> Close => "</stream:stream>"u8;

    /// <summary>The start of a stream, XML declaration before it (XS-009, XS-010).</summary>
    /// <param name="output">Where it goes.</param>
    /// <param name="header">id stays out when null, as an initiating entity must leave it (RFC 6120 §4.7.3).</param>
    public static void WriteHeader(PooledByteWriter output, StreamHeader header)
    {
        output.Write("<?xml version='1.0'?><stream:stream"u8);
        XmlText.WriteAttribute(output, " from='"u8, header.From);
        XmlText.WriteAttribute(output, " to='"u8, header.To);
        XmlText.WriteAttribute(output, " id='"u8, header.Id);
        XmlText.WriteAttribute(output, " version='"u8, header.Version ?? "1.0");
        XmlText.WriteAttribute(output, " xml:lang='"u8, header.Lang);
        output.Write(" xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"u8);
    }

    /// <summary>A stream error (RFC 6120 §4.9).</summary>
    /// <param name="output">Where it goes.</param>
    /// <param name="condition">The defined condition.</param>
    /// <param name="text">A text for people, in English; null for none.</param>
    /// <param name="stanzaTooBig">Adds the application condition of XEP-0205.</param>
    /// <param name="declarePrefix">Declares the prefix on the element itself, for a place where it is not in scope.</param>
    public static void WriteError(PooledByteWriter output, StreamErrorCondition condition, string? text, bool stanzaTooBig, bool declarePrefix)
    {
        output.Write(declarePrefix ? "<stream:error xmlns:stream='http://etherx.jabber.org/streams'><"u8 : "<stream:error><"u8);
        output.Write(condition.ToBytes());
        output.Write(" xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"u8);
        if (text is not null)
        {
            output.Write("<text xmlns='urn:ietf:params:xml:ns:xmpp-streams' xml:lang='en'>"u8);
            XmlText.WriteEscaped(output, text);
            output.Write("</text>"u8);
        }

        if (stanzaTooBig)
        {
            output.Write("<stanza-too-big xmlns='urn:xmpp:errors'/>"u8);
        }

        output.Write("</stream:error>"u8);
    }
}
