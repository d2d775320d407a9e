using System.Text;

namespace Gateway.TestKit;

/// <summary>A frame of HTTP/2 (RFC 9113 §4.1).</summary>
public sealed record Http2Frame(Http2FrameType Type, byte Flags, int Stream, ReadOnlyMemory<byte> Payload)
{
    /// <summary>The flag of the last frame of a stream.</summary>
    public const byte EndStream = 1;

    /// <summary>The flag of a whole header block.</summary>
    public const byte EndHeaders = 4;

    // RFC 7541 appendix A, names only: entry 1 is the first.
    private static readonly string[] StaticNames = ("- :authority :method :method :path :path :scheme :scheme :status :status :status :status :status :status :status "
        + "accept-charset accept-encoding accept-language accept-ranges accept access-control-allow-origin age allow authorization cache-control "
        + "content-disposition content-encoding content-language content-length content-location content-range content-type cookie date etag expect "
        + "expires from host if-match if-modified-since if-none-match if-range if-unmodified-since last-modified link location max-forwards "
        + "proxy-authenticate proxy-authorization range referer refresh retry-after server set-cookie strict-transport-security transfer-encoding "
        + "user-agent vary via www-authenticate").Split(' ');

    private static readonly string[] StaticStatus = ["200", "204", "206", "304", "400", "404", "500"]; // entries 8 to 14

    /// <summary>Nothing follows on the stream.</summary>
    public bool EndsStream => (Flags & EndStream) != 0 && Type is Http2FrameType.Data or Http2FrameType.Headers;

    /// <summary>Reads the fields of a HEADERS frame of a server that was told to have no dynamic table and uses no Huffman code.</summary>
    public Dictionary<string, string> Fields()
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        var at = 0;
        while (at < Payload.Length)
        {
            var first = Payload.Span[at];
            if ((first & 0x80) != 0) // §6.1
            {
                var entry = Integer(ref at, 7);
                fields.Add(StaticNames[entry], entry is >= 8 and <= 14 ? StaticStatus[entry - 8] : "");
            }
            else if ((first & 0xE0) == 0x20) // §6.3
            {
                Integer(ref at, 5);
            }
            else
            {
                var entry = Integer(ref at, (first & 0x40) != 0 ? 6 : 4); // §6.2
                var name = entry == 0 ? Text(ref at) : StaticNames[entry];
                fields.Add(name, Text(ref at));
            }
        }

        return fields;
    }

    private int Integer(ref int at, int bits)
    {
        var most = (1 << bits) - 1;
        var value = Payload.Span[at++] & most;
        for (var shift = 0; value >= most; shift += 7)
        {
            var next = Payload.Span[at++];
            value += (next & 0x7F) << shift;
            if ((next & 0x80) == 0)
            {
                break;
            }
        }

        return value;
    }

    private string Text(ref int at)
    {
        if ((Payload.Span[at] & 0x80) != 0)
        {
            throw new NotSupportedException("A Huffman code.");
        }

        var length = Integer(ref at, 7);
        at += length;
        return Encoding.ASCII.GetString(Payload.Span.Slice(at - length, length));
    }
}
