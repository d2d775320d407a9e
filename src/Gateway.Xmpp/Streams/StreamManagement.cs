using Gateway.Xmpp.Buffers;
using Gateway.Xmpp.Framing;

namespace Gateway.Xmpp.Streams;

/// <summary>The two answers of XEP-0198 that the gateway looks at on their way to the client. The counters are not its own (XS-055).</summary>
public static class StreamManagement
{
    /// <summary>The element grants resumption: <c>enabled</c> with resume and id, or <c>resumed</c> (XS-058).</summary>
    public static bool GrantsResumption(in StreamElement element, ReadOnlySpan<byte> buffer)
    {
        if (element.Namespace != KnownNamespace.StreamManagement)
        {
            return false;
        }

        var tag = buffer.Slice(element.Offset, element.TagLength);
        return element.LocalName(buffer) switch
        {
            var name when name.SequenceEqual("resumed"u8) => true,
            var name when name.SequenceEqual("enabled"u8) =>
                StartTag.TryGet(tag, "resume"u8, out var resume) && (resume.SequenceEqual("true"u8) || resume.SequenceEqual("1"u8))
                && StartTag.TryGet(tag, "id"u8, out _),
            _ => false,
        };
    }

    /// <summary>
    /// Takes <c>location</c> out of an <c>enabled</c> (XS-059): it names a TCP address of the backend that a web client cannot use.
    /// </summary>
    /// <param name="output">Where the changed element goes.</param>
    /// <param name="element">A whole checked element.</param>
    /// <returns>False, with nothing written, when there is none to take out.</returns>
    public static bool TryWriteWithoutLocation(PooledByteWriter output, ReadOnlySpan<byte> element)
    {
        var tag = new StartTag(element);
        if (!tag.LocalName.SequenceEqual("enabled"u8))
        {
            return false;
        }

        while (tag.TryRead(out var attribute))
        {
            if (attribute.Name.SequenceEqual("location"u8))
            {
                element.Overlaps(attribute.Name, out var start);
                element.Overlaps(attribute.RawValue, out var value);
                var end = attribute.RawValue.IsEmpty ? element[start..].IndexOfAny((byte)'\'', (byte)'"') + start + 2 : value + attribute.RawValue.Length + 1;
                output.Write(element[..start].TrimEnd(" \t\r\n"u8));
                output.Write(element[end..]);
                return true;
            }
        }

        return false;
    }

    /// <summary>Writes an element as it must stand at its target, without the <c>location</c> of an <c>enabled</c> (XS-059).</summary>
    public static void Write(PooledByteWriter output, ReadOnlySpan<byte> buffer, in StreamElement element, NamespaceScope scope, RebaseTarget target)
    {
        if (!TryWriteWithoutLocation(output, element.Slice(buffer)))
        {
            NamespaceRebaser.Write(output, buffer, element, scope, target);
        }
    }
}
