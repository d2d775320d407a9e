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
        var bytes = element.Slice(buffer);
        if (NeedsRewrite(element, scope))
        {
            using var rewriter = new ElementRewriter(output, scope, target, element.InheritedPrefixes);
            rewriter.Write(bytes);
            return;
        }

        if (!element.InheritsDefault && element.InheritedPrefixes == 0)
        {
            output.Write(bytes);
            return;
        }

        var nameEnd = 1 + element.NameLength;
        output.Write(bytes[..nameEnd]);
        if (element.InheritsDefault && LostDefault(scope, target, element.PrefixLength > 0, out var name))
        {
            WriteDeclaration(output, default, name);
        }

        for (var used = element.InheritedPrefixes; used != 0; used &= used - 1)
        {
            var index = System.Numerics.BitOperations.TrailingZeroCount(used);
            if (!IsInScope(scope.PrefixAt(index), scope.NameAt(index), target))
            {
                WriteDeclaration(output, scope.PrefixAt(index), scope.NameAt(index));
            }
        }

        output.Write(bytes[nameEnd..]);
    }

    /// <summary>A prefix that means the same at the target needs no declaration.</summary>
    internal static bool IsInScope(ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> name, RebaseTarget target) =>
        target != RebaseTarget.Message && prefix.SequenceEqual("stream"u8) && name.SequenceEqual(XmppNamespaces.Streams);

    internal static void WriteDeclaration(PooledByteWriter output, ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> name)
    {
        output.Write(prefix.IsEmpty ? " xmlns='"u8 : " xmlns:"u8);
        if (!prefix.IsEmpty)
        {
            output.Write(prefix);
            output.Write("='"u8);
        }

        XmlText.WriteEscaped(output, name);
        output.Write("'"u8);
    }

    /// <summary>A slice will not do: a name must change its prefix.</summary>
    private static bool NeedsRewrite(in StreamElement element, NamespaceScope scope)
    {
        if (element.NeedsRewrite || (element.InheritsDefault && scope.DefaultKnown == KnownNamespace.Streams))
        {
            return true;
        }

        for (var used = element.InheritedPrefixes; used != 0; used &= used - 1)
        {
            var index = System.Numerics.BitOperations.TrailingZeroCount(used);
            switch (KnownNamespaces.Find(scope.NameAt(index)))
            {
                case KnownNamespace.Client or KnownNamespace.HttpBind:
                case KnownNamespace.Streams when !scope.PrefixAt(index).SequenceEqual("stream"u8):
                    return true;
            }
        }

        return false;
    }

    /// <summary>The default declaration that unprefixed names inside the element would miss or mistake at the target.</summary>
    private static bool LostDefault(NamespaceScope scope, RebaseTarget target, bool rootHasPrefix, out ReadOnlySpan<byte> name)
    {
        name = scope.DefaultNamespace;
        switch (scope.DefaultKnown)
        {
            case KnownNamespace.Client or KnownNamespace.HttpBind:
                name = XmppNamespaces.Client;
                return target != RebaseTarget.Stream;
            case KnownNamespace.None:
                // WS-028: an unprefixed stanza in no namespace is taken for jabber:client, which the stream declares. Below a
                // prefixed root, no namespace stays none.
                return target == RebaseTarget.BoshBody || (target == RebaseTarget.Stream && rootHasPrefix);
            default:
                return true;
        }
    }
}
