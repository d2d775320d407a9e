using Gateway.Xmpp.Buffers;
using Gateway.Xmpp.Framing;

namespace Gateway.Xmpp.Bosh;

/// <summary>Answers to the senders of stanzas that a vanished client never got (XEP-0206 §7).</summary>
public static class UndeliverableStanzas
{
    /// <summary>Writes the error for one stanza, if its kind has one (BOSH-114).</summary>
    /// <param name="output">Where it goes, as it stands on the stream to the backend.</param>
    /// <param name="stanza">A checked stanza.</param>
    public static bool Bounce(PooledByteWriter output, ReadOnlySpan<byte> stanza)
    {
        ArgumentNullException.ThrowIfNull(output);
        var tag = new StartTag(stanza);
        string? from = null, to = null, id = null, type = null;
        while (tag.TryRead(out var attribute))
        {
            switch (attribute.Name)
            {
                case var n when n.SequenceEqual("from"u8):
                    from = XmlText.AttributeValue(attribute.RawValue);
                    break;
                case var n when n.SequenceEqual("to"u8):
                    to = XmlText.AttributeValue(attribute.RawValue);
                    break;
                case var n when n.SequenceEqual("id"u8):
                    id = XmlText.AttributeValue(attribute.RawValue);
                    break;
                case var n when n.SequenceEqual("type"u8):
                    type = XmlText.AttributeValue(attribute.RawValue);
                    break;
                default:
                    break;
            }
        }

        var isIq = tag.LocalName.SequenceEqual("iq"u8);
        if (isIq ? type is not ("get" or "set") : type == "error" || !tag.LocalName.SequenceEqual("message"u8))
        {
            return false;
        }

        output.Write(isIq ? "<iq"u8 : "<message"u8);
        output.Write(" type='error'"u8);
        XmlText.WriteAttribute(output, " to='"u8, from);
        XmlText.WriteAttribute(output, " from='"u8, to);
        XmlText.WriteAttribute(output, " id='"u8, id);
        output.Write(isIq
            ? "><error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"u8
            : "><error type='wait'><recipient-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>"u8);
        return true;
    }

    /// <summary>Writes the errors for all stanzas of a response body that the gateway wrote.</summary>
    /// <returns>How many they are.</returns>
    public static int BounceBody(PooledByteWriter output, ReadOnlySpan<byte> body)
    {
        var count = 0;
        var reader = new XmlTokenReader(body);
        while (reader.Read())
        {
            if (reader.Kind == XmlTokenKind.StartTag && reader.Depth == 1)
            {
                var start = reader.Offset;
                reader.Skip();
                count += Bounce(output, body[start..reader.End]) ? 1 : 0;
            }
        }

        return count;
    }
}
