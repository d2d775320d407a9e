using System.IO.Compression;
using Gateway.Xmpp.Buffers;

namespace Gateway.Core.WebSockets;

/// <summary>Inflates a message by itself (RFC 7692 §7.2.2, no context takeover).</summary>
internal static class MessageInflater
{
    private const int Step = 4096;

    // What the sender took away (RFC 7692 §7.2.1), and an empty last block, so that an end in the middle of a block is told from a whole message.
    private static ReadOnlySpan<byte> Tail => [0x00, 0x00, 0xFF, 0xFF, 0x01, 0x00, 0x00, 0xFF, 0xFF];

    /// <summary>Inflates until the end, or until there is more than the limit.</summary>
    /// <param name="payload">The payload of the whole message.</param>
    /// <param name="limit">Bytes that the message may have; one step more is written at most.</param>
    /// <param name="output">Takes the message.</param>
    /// <returns>False: the payload is not deflated data.</returns>
    public static bool TryInflate(ReadOnlySpan<byte> payload, int limit, PooledByteWriter output)
    {
        using var input = new MemoryStream(payload.Length + Tail.Length);
        input.Write(payload);
        input.Write(Tail);
        input.Position = 0;
        using var inflate = new DeflateStream(input, CompressionMode.Decompress);
        try
        {
            int count;
            do
            {
                count = inflate.Read(output.GetSpan(Step));
                output.Advance(count);
            }
            while (count > 0 && output.WrittenCount <= limit);
        }
        catch (InvalidDataException)
        {
            return false;
        }

        return true;
    }
}
