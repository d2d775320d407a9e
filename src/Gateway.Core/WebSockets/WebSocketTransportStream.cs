using System.Buffers.Binary;
using Gateway.Xmpp.Buffers;

namespace Gateway.Core.WebSockets;

/// <summary>
/// The upgraded connection under a WebSocket. The library reads frames through it and writes its control frames; text
/// frames are written here, all that one backend read brought in one write, which the library has no call for. The
/// connection sends what is written at once, without a flush.
/// </summary>
public sealed class WebSocketTransportStream : Stream
{
    private const byte FinalText = 0x81;
    private const byte Rsv1 = 0x40;
    private const byte FinalClose = 0x88;
    private static readonly ReadOnlyMemory<byte> PingFrame = new byte[] { 0x89, 0x00 };

    private static readonly ReadOnlyMemory<byte> ProtocolErrorFrame = new byte[] { FinalClose, 0x02, 0x03, 0xEA };
    private static readonly ReadOnlyMemory<byte> InvalidPayloadFrame = new byte[] { FinalClose, 0x02, 0x03, 0xEF };

    private readonly Stream _inner;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private long _lastRead;
    private bool _silenced;
    private FrameCheck _frames;

    /// <summary>Takes the connection over; the WebSocket that is made of it owns this stream.</summary>
    public WebSocketTransportStream(Stream inner, TimeProvider time)
    {
        _inner = inner;
        _time = time;
        _lastRead = time.GetTimestamp();
    }

    /// <summary>When bytes last came, as <see cref="TimeProvider.GetTimestamp"/> counts.</summary>
    public long LastRead => Volatile.Read(ref _lastRead);

    /// <summary>The code of the Close frame that went out; 0 while none has.</summary>
    public int CloseCodeSent { get; private set; }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Reading came to an end, in whatever way.</summary>
    internal bool IsBroken { get; private set; }

    /// <summary>permessage-deflate was agreed on; null when it was not.</summary>
    internal MessageDeflater? Deflater { get; private set; }

    /// <summary>permessage-deflate was agreed on: long messages go compressed from now on.</summary>
    /// <param name="windowBits">What the client's inflater may look back, as a power of two; 9 to 15.</param>
    public void EnableDeflate(int windowBits) => Deflater = new MessageDeflater(windowBits);

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
                await _inner.WriteAsync(batch, cancellationToken);
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Sends a ping, unless a write is under way: then the connection is not idle, or stuck, which the missing answer will tell.</summary>
    public async Task PingAsync(CancellationToken cancellationToken)
    {
        if (!await _gate.WaitAsync(TimeSpan.Zero, cancellationToken))
        {
            return;
        }

        try
        {
            await _inner.WriteAsync(PingFrame, cancellationToken);
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

    /// <summary>Says that the payload of a message is none (Close 1007).</summary>
    internal async Task RefusePayloadAsync(CancellationToken cancellationToken)
    {
        try
        {
            await WriteAsync(InvalidPayloadFrame, cancellationToken);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException or InvalidOperationException)
        {
            // Nobody there to hear it.
        }
    }

    /// <summary>Reads away what the client still sends, up to its Close frame, without inflating it.</summary>
    internal async Task ReadAwayAsync(CancellationToken cancellationToken)
    {
        var buffer = new byte[4096];
        while (!_frames.HasClose && await ReadAsync(buffer, cancellationToken) > 0)
        {
        }
    }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int count;
        try
        {
            count = await _inner.ReadAsync(buffer, cancellationToken);
        }
        catch
        {
            IsBroken = true;
            throw;
        }

        IsBroken = count == 0 && buffer.Length > 0;
        Volatile.Write(ref _lastRead, _time.GetTimestamp());
        if (!_frames.Check(buffer.Span[..count]))
        {
            // WS-018, WS-058: the library would take it.
            await WriteAsync(ProtocolErrorFrame, cancellationToken);
            throw new IOException("A frame of the client is against the protocol.");
        }

        return count;
    }

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // Only the library comes here, with control frames.
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (buffer.Span[0] == FinalClose && CloseCodeSent != 0)
            {
                return; // RFC 6455 §7.1.2: one Close frame; the library and the check of masks may both want to send it
            }

            Note(buffer.Span);
            await _inner.WriteAsync(buffer, cancellationToken);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <inheritdoc/>
    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Note(ReadOnlySpan<byte> frame)
    {
        if (frame[0] == FinalClose)
        {
            CloseCodeSent = frame.Length >= 4 ? BinaryPrimitives.ReadUInt16BigEndian(frame[2..]) : 1000;
            _silenced = true;
        }
    }
}
