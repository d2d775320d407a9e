using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Gateway.Xmpp.Buffers;

namespace Gateway.LoadTests.Clients;

/// <summary>Frames of RFC 6455 §5.2, as a client writes and reads them.</summary>
internal static class WebSocketFrames
{
    public const byte Continuation = 0;
    public const byte Text = 1;
    public const byte Binary = 2;
    public const byte Close = 8;
    public const byte Ping = 9;
    public const byte Pong = 10;

    /// <summary>Appends one final, masked frame.</summary>
    public static void Write(PooledByteWriter output, byte opcode, ReadOnlySpan<byte> payload, uint mask)
    {
        var target = output.GetSpan(14 + payload.Length);
        target[0] = (byte)(0x80 | opcode);
        int at;
        if (payload.Length < 126)
        {
            target[1] = (byte)(0x80 | payload.Length);
            at = 2;
        }
        else if (payload.Length <= ushort.MaxValue)
        {
            target[1] = 0x80 | 126;
            BinaryPrimitives.WriteUInt16BigEndian(target[2..], (ushort)payload.Length);
            at = 4;
        }
        else
        {
            target[1] = 0x80 | 127;
            BinaryPrimitives.WriteUInt64BigEndian(target[2..], (ulong)payload.Length);
            at = 10;
        }

        MemoryMarshal.Write(target[at..], mask);
        Mask(payload, target[(at + 4)..], mask);
        output.Advance(at + 4 + payload.Length);
    }

    /// <summary>Finds the frame at the start of the bytes.</summary>
    /// <returns>False while it is not complete.</returns>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out WebSocketFrame frame)
    {
        frame = default;
        if (bytes.Length < 2)
        {
            return false;
        }

        if ((bytes[1] & 0x80) != 0 || (bytes[0] & 0x70) != 0)
        {
            throw new InvalidDataException("A frame of the server is masked or has reserved bits set.");
        }

        long length = bytes[1] & 0x7F;
        var start = 2;
        if (length == 126)
        {
            start = 4;
            length = bytes.Length >= 4 ? BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]) : long.MaxValue / 2;
        }
        else if (length == 127)
        {
            start = 10;
            length = bytes.Length >= 10 ? BinaryPrimitives.ReadInt64BigEndian(bytes[2..]) : long.MaxValue / 2;
        }

        if (bytes.Length - start < length)
        {
            return false;
        }

        frame = new WebSocketFrame((byte)(bytes[0] & 0x0F), (bytes[0] & 0x80) != 0, start, (int)length);
        return true;
    }

    private static void Mask(ReadOnlySpan<byte> source, Span<byte> target, uint mask)
    {
        var at = 0;
        var wide = Vector128.Create(mask).AsByte();
        for (; source.Length - at >= Vector128<byte>.Count; at += Vector128<byte>.Count)
        {
            (Vector128.Create(source[at..]) ^ wide).CopyTo(target[at..]);
        }

        for (; at < source.Length; at++)
        {
            target[at] = (byte)(source[at] ^ wide[at & 3]);
        }
    }
}

/// <summary>Where a frame's payload is.</summary>
internal readonly record struct WebSocketFrame(byte Opcode, bool IsFinal, int Start, int Length)
{
    /// <summary>Bytes of the whole frame.</summary>
    public int End => Start + Length;
}
