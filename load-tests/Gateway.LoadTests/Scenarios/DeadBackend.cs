using System.Net;
using System.Net.Sockets;

namespace Gateway.LoadTests.Scenarios;

/// <summary>A server that is no help to anybody, and counts who tries.</summary>
internal sealed class DeadBackend : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly List<Socket> _hanging = [];
    private readonly Task _accepting;
    private int _dials;

    /// <summary>Starts it.</summary>
    /// <param name="hangs">Takes connections and says nothing; otherwise it drops them at once.</param>
    public DeadBackend(bool hangs)
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(4096);
        _accepting = AcceptAsync(hangs);
    }

    /// <summary>Where it is.</summary>
    public IPEndPoint EndPoint => (IPEndPoint)_listener.LocalEndPoint!;

    /// <summary>Connections that came.</summary>
    public int Dials => Volatile.Read(ref _dials);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _accepting;
        _hanging.ForEach(s => s.Dispose());
    }

    private async Task AcceptAsync(bool hangs)
    {
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptAsync();
                Interlocked.Increment(ref _dials);
                if (hangs)
                {
                    _hanging.Add(socket);
                }
                else
                {
                    socket.Dispose();
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The end.
        }
    }
}
