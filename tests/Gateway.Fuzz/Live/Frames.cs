using System.Buffers.Binary;
using System.Text;
using Gateway.Xmpp.Tests.Framing;

namespace Gateway.Fuzz.Live;

/// <summary>WebSocket frames (RFC 6455 §5): right ones to send, and what has to be right of those that come.</summary>
internal static class Frames
{
    /// <summary>The handshake of a client.</summary>
    public static byte[] Handshake { get; } = Encoding.ASCII.GetBytes(
        "GET /xmpp-websocket HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: xmpp\r\n\r\n");

    /// <summary>A masked frame.</summary>
    /// <param name="first">FIN, reserved bits and opcode.</param>
    /// <param name="payload">Before it is masked.</param>
    /// <param name="key">Four bytes.</param>
    public static byte[] Masked(byte first, ReadOnlySpan<byte> payload, uint key)
    {
        var frame = new List<byte> { first };
        Span<byte> number = stackalloc byte[8];
        if (payload.Length < 126)
        {
            frame.Add((byte)(0x80 | payload.Length));
        }
        else if (payload.Length <= ushort.MaxValue)
        {
            frame.Add(0x80 | 126);
            BinaryPrimitives.WriteUInt16BigEndian(number, (ushort)payload.Length);
            frame.AddRange(number[..2]);
        }
        else
        {
            frame.Add(0x80 | 127);
            BinaryPrimitives.WriteUInt64BigEndian(number, (ulong)payload.Length);
            frame.AddRange(number);
        }

        BinaryPrimitives.WriteUInt32BigEndian(number, key);
        frame.AddRange(number[..4]);
        for (var i = 0; i < payload.Length; i++)
        {
            frame.Add((byte)(payload[i] ^ number[i & 3]));
        }

        return [.. frame];
    }

    /// <summary>A text message.</summary>
    public static byte[] Text(string text) => Masked(0x81, Encoding.UTF8.GetBytes(text), 0x12345678);

    /// <summary>Unmasked, whole, known frames; every text one XML document; behind a Close nothing but answers to pings.</summary>
    public static void Check(byte[] received)
    {
        var rest = received.AsSpan();
        var isClosed = false;
        while (rest.Length >= 2)
        {
            rest[0].ShouldBeOneOf<byte>(0x81, 0x88, 0x89, 0x8A);
            var length = (ulong)rest[1];
            var start = 2;
            if (length == 126 && rest.Length >= 4)
            {
                length = BinaryPrimitives.ReadUInt16BigEndian(rest[2..]);
                start = 4;
            }
            else if (length == 127 && rest.Length >= 10)
            {
                length = BinaryPrimitives.ReadUInt64BigEndian(rest[2..]);
                start = 10;
            }

            length.ShouldBeLessThan(16ul * 1024 * 1024); // a mask would show here, too
            if ((ulong)(rest.Length - start) < length)
            {
                return; // cut off when the connection was
            }

            var payload = rest.Slice(start, (int)length);
            if (rest[0] == 0x81)
            {
                var oracle = XmlReaderOracle.Judge(payload.ToArray());
                (oracle.Accepts || oracle.HasQuirk).ShouldBeTrue(oracle.Message + ": " + Encoding.UTF8.GetString(payload));
            }

            // RFC 6455 §5.5.2: a ping is answered until the peer's own Close comes.
            (isClosed && rest[0] != 0x8A).ShouldBeFalse("behind a Close frame: " + Convert.ToHexString(received));
            isClosed |= rest[0] == 0x88;
            rest = rest[(start + (int)length)..];
        }
    }
}
