using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Gateway.Xmpp.WebSocketFraming;

/// <summary>The header of one frame of a client (RFC 6455 §5.2), and what its key does to the payload behind it.</summary>
public readonly record struct FrameHeader
{
    /// <summary>Bytes of the longest header.</summary>
    public const int MaxLength = 14;

    /// <summary>Bytes of the longest payload of a control frame (RFC 6455 §5.5).</summary>
    public const int MaxControlPayload = 125;

    private const byte Final = 0x80;
    private const byte Rsv1 = 0x40;
    private const byte OtherReserved = 0x30;
    private const byte Masked = 0x80;

    /// <summary>What the frame is.</summary>
    public FrameOpcode Opcode { get; private init; }

    /// <summary>Its message ends with it.</summary>
    public bool IsFinal { get; private init; }

    /// <summary>Its message is compressed (RFC 7692 §6); on the first frame of a message only.</summary>
    public bool IsCompressed { get; private init; }

    /// <summary>Close, ping or pong.</summary>
    public bool IsControl => Opcode >= FrameOpcode.Close;

    /// <summary>Bytes of the header.</summary>
    public int Length { get; private init; }

    /// <summary>Bytes of the payload, as announced.</summary>
    public long PayloadLength { get; private init; }

    private uint Key { get; init; }

    /// <summary>Reads a header.</summary>
    /// <param name="bytes">What has come, from the frame's first byte.</param>
    /// <param name="allowsCompression">permessage-deflate was agreed on.</param>
    /// <param name="header">The header, when it is there.</param>
    /// <returns>False: the frame is against the protocol (WS-018, WS-019). True with a <see cref="Length"/> of 0: the header is not whole yet.</returns>
    public static bool TryRead(ReadOnlySpan<byte> bytes, bool allowsCompression, out FrameHeader header)
    {
        header = default;
        if (bytes.IsEmpty)
        {
            return true;
        }

        var first = bytes[0];
        var opcode = (FrameOpcode)(first & 0x0F);
        var isFinal = (first & Final) != 0;
        var isCompressed = (first & Rsv1) != 0;
        if ((first & OtherReserved) != 0
            || (isCompressed && !(allowsCompression && opcode is FrameOpcode.Text or FrameOpcode.Binary))
            || opcode is > FrameOpcode.Binary and < FrameOpcode.Close or > FrameOpcode.Pong
            || (opcode >= FrameOpcode.Close && !isFinal))
        {
            return false;
        }

        if (bytes.Length < 2)
        {
            return true;
        }

        var length = (ulong)(bytes[1] & ~Masked);
        if ((bytes[1] & Masked) == 0 || (opcode >= FrameOpcode.Close && length > MaxControlPayload))
        {
            return false;
        }

        var keyAt = length switch { 126 => 4, 127 => 10, _ => 2 };
        if (bytes.Length < keyAt + sizeof(uint))
        {
            return length != 127 || bytes.Length < 3 || (bytes[2] & 0x80) == 0;
        }

        length = keyAt switch
        {
            4 => BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]),
            10 => BinaryPrimitives.ReadUInt64BigEndian(bytes[2..]),
            _ => length,
        };
        header = new FrameHeader
        {
            Opcode = opcode,
            IsFinal = isFinal,
            IsCompressed = isCompressed,
            Length = keyAt + sizeof(uint),
            PayloadLength = (long)length,
            Key = MemoryMarshal.Read<uint>(bytes[keyAt..]),
        };
        return length <= long.MaxValue;
    }

    /// <summary>Takes the mask off a payload (RFC 6455 §5.3).</summary>
    /// <param name="payload">The whole payload.</param>
    public void Unmask(Span<byte> payload)
    {
        if (Key == 0)
        {
            return;
        }

        if (payload.Length >= Vector<byte>.Count)
        {
            var key = Vector.AsVectorByte(new Vector<uint>(Key));
            do
            {
                (new Vector<byte>(payload) ^ key).CopyTo(payload);
                payload = payload[Vector<byte>.Count..];
            }
            while (payload.Length >= Vector<byte>.Count);
        }

        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        MemoryMarshal.Write(bytes, Key);
        for (var i = 0; i < payload.Length; i++)
        {
            payload[i] ^= bytes[i & 3];
        }
    }
}
