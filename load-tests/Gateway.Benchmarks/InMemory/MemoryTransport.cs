using System.Threading.Tasks.Sources;

namespace Gateway.Benchmarks.InMemory;

/// <summary>
/// A connection that allocates nothing: what is delivered is read at once by whoever waits for it, on the same thread, and
/// what is written is counted and forgotten. One reader.
/// </summary>
internal sealed class MemoryTransport : Stream, IValueTaskSource<int>
{
    private ManualResetValueTaskSourceCore<int> _arrival; // continuations run inline: an operation is over when Deliver returns
    private ReadOnlyMemory<byte> _rest;
    private Memory<byte> _asked;
    private bool _isAsked;

    /// <summary>Writes so far.</summary>
    public int Writes { get; private set; }

    /// <summary>Bytes of the latest write.</summary>
    public int LatestWrite { get; private set; }

    /// <summary>The other end sends, while the reader waits.</summary>
    public void Deliver(ReadOnlyMemory<byte> bytes)
    {
        if (!_isAsked || !_rest.IsEmpty)
        {
            throw new InvalidOperationException("nobody waits for it");
        }

        _rest = bytes;
        _isAsked = false;
        _arrival.SetResult(Take(_asked));
    }

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!_rest.IsEmpty)
        {
            return new ValueTask<int>(Take(buffer));
        }

        _asked = buffer;
        _isAsked = true;
        _arrival.Reset();
        return new ValueTask<int>(this, _arrival.Version);
    }

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Writes++;
        LatestWrite = buffer.Length;
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public int GetResult(short token) => _arrival.GetResult(token);

    /// <inheritdoc/>
    public ValueTaskSourceStatus GetStatus(short token) => _arrival.GetStatus(token);

    /// <inheritdoc/>
    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _arrival.OnCompleted(continuation, state, token, flags);

    private int Take(Memory<byte> buffer)
    {
        var count = Math.Min(buffer.Length, _rest.Length); // 0 for a read that only waits
        _rest[..count].CopyTo(buffer);
        _rest = _rest[count..];
        return count;
    }

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
}
