using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Gateway.Core.Backend;

/// <summary>
/// A <see cref="NetworkStream"/> that owns its socket, and whose zero-byte read ends only when there is something to read. The
/// runtime ends a waiting one at any readiness event (Linux), even one for bytes that were read meanwhile: whoever then rents
/// a buffer sits idle with it, <see cref="System.Net.Security.SslStream"/> included.
/// </summary>
internal sealed class SocketStream(Socket socket) : NetworkStream(socket, ownsSocket: true)
{
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        buffer.IsEmpty ? WaitAsync(cancellationToken) : base.ReadAsync(buffer, cancellationToken);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> WaitAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            // One that need not wait has looked (it peeks); one that waited has only been told.
            var read = base.ReadAsync(Memory<byte>.Empty, cancellationToken);
            if (read.IsCompleted)
            {
                return await read;
            }

            await read;
        }
    }
}
