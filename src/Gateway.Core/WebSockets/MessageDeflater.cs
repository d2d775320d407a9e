using System.IO.Compression;
using Gateway.Xmpp.Buffers;

namespace Gateway.Core.WebSockets;

/// <summary>
/// Compresses the payload of a text message by itself (RFC 7692 §7.2.1, no context takeover). RFC 7692 lets every message go
/// uncompressed, and small ones do: alone they gain nothing.
/// </summary>
/// <param name="windowBits">What the client's inflater may look back, as a power of two; a message longer than that goes as it is.</param>
internal sealed class MessageDeflater(int windowBits)
{
    /// <summary>Bytes below which a message goes as it is.</summary>
    public const int Least = 1024;

    private const int Tail = 4; // 00 00 FF FF, which the other side appends

    private readonly int _most = windowBits == 15 ? int.MaxValue : 1 << windowBits;

    /// <summary>Compresses what stands in a batch from a place on, if that is worth it.</summary>
    /// <returns>It was; RSV1 is to be set.</returns>
    public bool TryDeflate(PooledByteWriter batch, int start)
    {
        var length = batch.WrittenCount - start;
        if (length < Least || length > _most)
        {
            return false;
        }

        using var compressed = new MemoryStream(length);
        Deflate(batch.Written(start, length), compressed);
        if (compressed.Length >= length)
        {
            return false;
        }

        batch.Truncate(start);
        batch.Write(compressed.GetBuffer().AsSpan(0, (int)compressed.Length));
        return true;
    }

    /// <summary>The payload of a compressed message (RFC 7692 §7.2.1).</summary>
    internal static void Deflate(ReadOnlySpan<byte> message, MemoryStream output)
    {
        long length;
        using (var deflate = new DeflateStream(output, CompressionLevel.Fastest, leaveOpen: true))
        {
            deflate.Write(message);
            deflate.Flush(); // an empty stored block ends it: 00 00 FF FF
            length = output.Length - Tail;
        }

        output.SetLength(length); // the end of the whole stream is not sent
    }
}
