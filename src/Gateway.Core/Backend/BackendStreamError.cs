using Gateway.Xmpp.Buffers;
using Gateway.Xmpp.Framing;
using Gateway.Xmpp.Streams;

namespace Gateway.Core.Backend;

/// <summary>A stream error from the backend, on its way to the client (XS-048).</summary>
public static class BackendStreamError
{
    /// <summary>The element is one.</summary>
    public static bool Is(in StreamElement element, ReadOnlySpan<byte> buffer) =>
        element is { Kind: StreamElementKind.FirstLevelElement, Namespace: KnownNamespace.Streams } && element.LocalName(buffer).SequenceEqual("error"u8);

    /// <summary>Writes the stream's current element, a stream error, as it must stand at its target.</summary>
    public static void Write(PooledByteWriter output, IXmppStream stream, RebaseTarget target)
    {
        var element = stream.Current;
        if (SeeOtherHost(element.Slice(stream.Buffer)) is not null)
        {
            // XS-049: the host is inside the operator's network, and xmpp.js would try to connect to it.
            XmppStreamWriter.WriteError(output, StreamErrorCondition.Reset, null, stanzaTooBig: false, declarePrefix: target == RebaseTarget.Message);
        }
        else
        {
            NamespaceRebaser.Write(output, stream.Buffer, element, stream.Scope, target);
        }
    }

    /// <summary>A stream error's condition; null if it is none of the RFC's own (RFC 6120 §4.9.3).</summary>
    internal static StreamErrorCondition? Condition(ReadOnlySpan<byte> error)
    {
        var reader = new XmlTokenReader(error);
        while (reader.Read())
        {
            if (reader.Kind == XmlTokenKind.StartTag && reader.Depth == 1 && StreamErrorConditions.Parse(new StartTag(reader.Token).LocalName) is { } condition)
            {
                return condition;
            }
        }

        return null;
    }

    /// <summary>Where a stream error sends the gateway instead; null if it is another one, empty if it does not say.</summary>
    /// <remarks>By local name alone: what is only alike must not leak, either.</remarks>
    internal static string? SeeOtherHost(ReadOnlySpan<byte> error)
    {
        var reader = new XmlTokenReader(error);
        string? host = null;
        while (reader.Read())
        {
            switch (reader.Kind)
            {
                case XmlTokenKind.StartTag when host is null && reader.Depth == 1 && new StartTag(reader.Token).LocalName.SequenceEqual("see-other-host"u8):
                    host = "";
                    break;
                case XmlTokenKind.Text when host is { Length: 0 } && reader.Depth == 2:
                    host = XmlText.TextValue(reader.Token).Trim();
                    break;
                default:
                    break;
            }
        }

        return host;
    }
}
