using System.Buffers;
using System.IO.Pipelines;
using System.Net.Security;
using System.Runtime.CompilerServices;

namespace Gateway.Transports.WebSockets;

/// <summary>
/// An upgraded HTTP/1.1 connection, read right from its input, or from its TLS: the server's own stream leads there too, through a copy and
/// two state machines for each read. Without TLS it is written through the server's stream, which alone knows how to write beside a
/// connection that is being closed; TLS knows that by itself.
/// </summary>
/// <param name="upgraded">The server's stream.</param>
/// <param name="input">The connection's input, from which nobody else reads any more.</param>
/// <param name="tls">What the input is read from; null: no TLS.</param>
internal sealed class UpgradedStream(Stream upgraded, PipeReader input, SslStream? tls) : Stream
{
    private bool _isInputEmpty;

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
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (tls is not null)
        {
            return TryTakeLeft(buffer, out var count) ? new ValueTask<int>(count) : tls.ReadAsync(buffer, cancellationToken);
        }

        return ReadInputAsync(buffer, cancellationToken);
    }

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        (tls ?? upgraded).WriteAsync(buffer, cancellationToken);

    /// <inheritdoc/>
    public override Task FlushAsync(CancellationToken cancellationToken) => upgraded.FlushAsync(cancellationToken);

    /// <inheritdoc/>
    public override void Flush() => throw new NotSupportedException();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            upgraded.Dispose();
        }

        base.Dispose(disposing);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> ReadInputAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await input.ReadAsync(cancellationToken);
            var isEnd = result is { IsCompleted: true, Buffer.IsEmpty: true };
            var count = Take(result, buffer);
            if (isEnd || !result.IsCanceled || count > 0)
            {
                return count;
            }

            // A server that stops wakes whoever waits for the next request; nobody does here.
        }
    }

    /// <summary>What was read along with the request. False: there is nothing more of it.</summary>
    private bool TryTakeLeft(Memory<byte> buffer, out int count)
    {
        count = 0;
        if (_isInputEmpty || !input.TryRead(out var left))
        {
            _isInputEmpty = true;
            return false;
        }

        _isInputEmpty = left.Buffer.IsEmpty;
        count = Take(left, buffer);
        return !_isInputEmpty;
    }

    private int Take(in ReadResult result, Memory<byte> buffer)
    {
        var count = (int)Math.Min(buffer.Length, result.Buffer.Length);
        var taken = result.Buffer.Slice(0, count);
        taken.CopyTo(buffer.Span);
        input.AdvanceTo(taken.End); // its pieces go back, and are somebody else's from here
        return count;
    }
}
