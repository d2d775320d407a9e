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
        if (HasChild(element.Slice(stream.Buffer), "see-other-host"u8))
        {
            // XS-049: the host is inside the operator's network, and xmpp.js would try to connect to it.
            XmppStreamWriter.WriteError(output, StreamErrorCondition.Reset, null, stanzaTooBig: false, declarePrefix: target == RebaseTarget.Message);
        }
        else
        {
            NamespaceRebaser.Write(output, stream.Buffer, element, stream.Scope, target);
        }
    }

    /// <summary>By local name alone: what is only alike must not leak, either.</summary>
    private static bool HasChild(ReadOnlySpan<byte> element, ReadOnlySpan<byte> localName)
    {
        var reader = new XmlTokenReader(element);
        while (reader.Read())
        {
            if (reader is { Kind: XmlTokenKind.StartTag, Depth: 1 } && new StartTag(reader.Token).LocalName.SequenceEqual(localName))
            {
                return true;
            }
        }

        return false;
    }
}
