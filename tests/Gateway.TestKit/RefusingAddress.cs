using System.Net;
using System.Net.Sockets;

namespace Gateway.TestKit;

/// <summary>A loopback port that is taken but not listened on: connecting is refused, and nobody else can get it meanwhile.</summary>
public sealed class RefusingAddress : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    /// <summary>Takes a port.</summary>
    public RefusingAddress() => _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));

    /// <summary>host:port.</summary>
    public string Address => $"127.0.0.1:{((IPEndPoint)_socket.LocalEndPoint!).Port}";

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();
}
