using System.Buffers.Binary;
using System.Net.WebSockets;
using Gateway.Xmpp.Buffers;

namespace Gateway.Core.WebSockets;

/// <summary>From batches of text frames, and from control frames, to the client.</summary>
public sealed partial class WebSocketConnection
{
    private const byte FinalText = 0x81;
    private const byte Rsv1 = 0x40;
    private const byte FinalClose = 0x88;
    private const byte FinalPong = 0x8A;
    private static readonly ReadOnlyMemory<byte> PingFrame = new byte[] { 0x89, 0x00 };

    private readonly SemaphoreSlim _gate = new(1, 1);
    private const long NotWriting = long.MinValue;
    private bool _silenced;
    private long _writingSince = NotWriting;
    private int _writingBytes;

    /// <summary>Begins a text frame in a batch; the payload is written behind it.</summary>
    /// <returns>What <see cref="EndText"/> needs.</returns>
    internal static int BeginText(PooledByteWriter batch)
    {
        var start = batch.WrittenCount;
        batch.Write([FinalText, 126, 0, 0]);
        return start;
    }

    /// <summary>Ends the text frame: its length is known now (RFC 6455 §5.2).</summary>
    /// <param name="batch">Where it stands.</param>
    /// <param name="start">What <see cref="BeginText"/> returned.</param>
    /// <param name="deflater">Compresses it if that gains something; null: it goes as it is.</param>
    internal static void EndText(PooledByteWriter batch, int start, MessageDeflater? deflater = null)
    {
        if (deflater?.TryDeflate(batch, start + 4) == true)
        {
            batch.Written(start, 1)[0] |= Rsv1; // RFC 7692 §6
        }

        var length = batch.WrittenCount - start - 4;
        if (length is >= 126 and <= ushort.MaxValue)
        {
            BinaryPrimitives.WriteUInt16BigEndian(batch.Written(start + 2, 2), (ushort)length);
        }
        else if (length < 126)
        {
            batch.Written(start + 4, length).CopyTo(batch.Written(start + 2, length));
            batch.Written(start + 1, 1)[0] = (byte)length;
            batch.Truncate(start + 2 + length);
        }
        else
        {
            batch.Write([0, 0, 0, 0, 0, 0]);
            batch.Written(start + 4, length).CopyTo(batch.Written(start + 10, length));
            batch.Written(start + 1, 1)[0] = 127;
            BinaryPrimitives.WriteUInt64BigEndian(batch.Written(start + 2, 8), (ulong)length);
        }
    }

    /// <summary>When the write that is under way began, as <see cref="TimeProvider.GetTimestamp"/> counts; null: none is.</summary>
    internal long? WritingSince => Volatile.Read(ref _writingSince) is var since and not NotWriting ? since : null;

    /// <summary>Bytes of the write that is under way, or of the last one.</summary>
    internal int WritingBytes => Volatile.Read(ref _writingBytes);

    /// <summary>Writes a batch of frames in one go; waits while the client does not read. Dropped once the stream is closed to the client.</summary>
    /// <param name="batch">Whole frames.</param>
    /// <param name="last">Nothing but control frames may follow.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async ValueTask WriteFramesAsync(ReadOnlyMemory<byte> batch, bool last, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (!_silenced)
            {
                _silenced = last;
                await WriteAsync(batch, cancellationToken);
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Sends a ping. False: a write is under way, and the ping would wait behind it.</summary>
    internal bool TryPing()
    {
        if (!_gate.Wait(0, CancellationToken.None))
        {
            return false;
        }

        _ = PingAsync();
        return true;
    }

    /// <summary>Answers the ping that <see cref="TryRead"/> found (WS-054); waits while the client does not read.</summary>
    internal async ValueTask PongAsync(CancellationToken cancellationToken)
    {
        byte[] frame = [FinalPong, (byte)_ping.Length, .. _ping];
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (CloseSent is null)
            {
                await WriteAsync(frame, cancellationToken);
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Sends the Close frame, unless one was sent (RFC 6455 §7.1.2: one); nothing follows it.</summary>
    internal async ValueTask CloseAsync(WebSocketCloseStatus code, CancellationToken cancellationToken)
    {
        var frame = new byte[] { FinalClose, sizeof(ushort), 0, 0 };
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), (ushort)code);
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (CloseSent is null)
            {
                CloseSent = code;
                _silenced = true;
                await WriteAsync(frame, cancellationToken);
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task PingAsync()
    {
        try
        {
            if (CloseSent is null)
            {
                await WriteAsync(PingFrame, CancellationToken.None);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException or InvalidOperationException)
        {
            // The reading side sees the loss and names it.
        }
        finally
        {
            _gate.Release();
        }
    }

    private async ValueTask WriteAsync(ReadOnlyMemory<byte> frames, CancellationToken cancellationToken)
    {
        Volatile.Write(ref _writingBytes, frames.Length);
        Volatile.Write(ref _writingSince, _time.GetTimestamp());
        try
        {
            await _stream.WriteAsync(frames, cancellationToken);
        }
        finally
        {
            Volatile.Write(ref _writingSince, NotWriting);
        }
    }
}
