using Gateway.Xmpp.Framing;

namespace Gateway.Xmpp.Streams;

/// <summary>The attributes of a stream header (RFC 6120 §4.7), or of the <c>open</c> element that stands for it (RFC 7395 §3.4).</summary>
public sealed record StreamHeader
{
    /// <summary>Where it goes to; null if absent.</summary>
    public string? To { get; init; }

    /// <summary>Whom it comes from; null if absent.</summary>
    public string? From { get; init; }

    /// <summary>The stream's id, given by the server; null if absent.</summary>
    public string? Id { get; init; }

    /// <summary>xml:lang; null if absent.</summary>
    public string? Lang { get; init; }

    /// <summary>version as written; null if absent.</summary>
    public string? Version { get; init; }

    /// <summary>The root is <c>stream</c> in the stream namespace (XS-012).</summary>
    public bool IsStream { get; init; }

    /// <summary>Reads a checked start tag.</summary>
    /// <param name="element">What the framer said of it.</param>
    /// <param name="buffer">The buffer that was framed.</param>
    public static StreamHeader Parse(in StreamElement element, ReadOnlySpan<byte> buffer)
    {
        var header = new StreamHeader
        {
            IsStream = element.Namespace == KnownNamespace.Streams && element.LocalName(buffer).SequenceEqual("stream"u8),
        };
        var tag = new StartTag(buffer.Slice(element.Offset, element.TagLength));
        while (tag.TryRead(out var attribute))
        {
            header = attribute.Name switch
            {
                var n when n.SequenceEqual("to"u8) => header with { To = XmlText.AttributeValue(attribute.RawValue) },
                var n when n.SequenceEqual("from"u8) => header with { From = XmlText.AttributeValue(attribute.RawValue) },
                var n when n.SequenceEqual("id"u8) => header with { Id = XmlText.AttributeValue(attribute.RawValue) },
                var n when n.SequenceEqual("version"u8) => header with { Version = XmlText.AttributeValue(attribute.RawValue) },
                var n when n.SequenceEqual("xml:lang"u8) => header with { Lang = XmlText.AttributeValue(attribute.RawValue) },
                _ => header,
            };
        }

        return header;
    }
}
