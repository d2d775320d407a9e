using System.Threading.Channels;
using Gateway.Xmpp.Buffers;

namespace Gateway.DemoServer.Connections;

/// <summary>
/// What waits to go out on a connection. Anyone may write, without waiting; one at a time drains. It is bounded in bytes:
/// a client that does not read is told to the owner once and gets nothing more.
/// </summary>
internal sealed class StreamOutput(int maxBytes, Action overflowed)
{
    private readonly Channel<byte[]> _queue = Channel.CreateUnbounded<byte[]>(new UnboundedChannelOptions { SingleReader = true });
    private int _bytes;
    private int _overflowed;

    public void Write(byte[] bytes)
    {
        if (Volatile.Read(ref _overflowed) != 0)
        {
            return;
        }

        // The cost of an entry counts too, or a million tiny stanzas would pass for little.
        if (Interlocked.Add(ref _bytes, bytes.Length + 64) > maxBytes)
        {
            if (Interlocked.Exchange(ref _overflowed, 1) == 0)
            {
                _queue.Writer.TryComplete();
                overflowed();
            }

            return;
        }

        _queue.Writer.TryWrite(bytes);
    }

    /// <summary>No more is taken; what waits still goes out.</summary>
    public void Complete() => _queue.Writer.TryComplete();

    /// <summary>Writes what waits, as few writes as it takes.</summary>
    public async Task FlushAsync(Stream stream, CancellationToken cancellationToken)
    {
        using var batch = new PooledByteWriter();
        while (_queue.Reader.TryRead(out var bytes))
        {
            batch.Write(bytes);
            Interlocked.Add(ref _bytes, -(bytes.Length + 64));
            if (batch.WrittenCount >= 16 * 1024 || !_queue.Reader.TryPeek(out _))
            {
                await stream.WriteAsync(batch.WrittenMemory, cancellationToken);
                batch.Truncate(0);
            }
        }
    }

    /// <summary>Writes until <see cref="Complete"/>.</summary>
    public async Task PumpAsync(Stream stream, CancellationToken cancellationToken)
    {
        while (await _queue.Reader.WaitToReadAsync(cancellationToken))
        {
            await FlushAsync(stream, cancellationToken);
        }
    }
}
