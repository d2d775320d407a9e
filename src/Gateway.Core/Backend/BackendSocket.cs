using System.Net;
using System.Net.Sockets;
using Gateway.Core.Sessions;

namespace Gateway.Core.Backend;

/// <summary>TCP to one address of a server.</summary>
internal static class BackendSocket
{
    /// <summary>Connects.</summary>
    /// <exception cref="BackendConnectException">Nobody is there.</exception>
    public static async ValueTask<Socket> ConnectAsync(IPEndPoint address, CancellationToken cancellationToken)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            // XS-007
            socket.NoDelay = true;
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 60);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 15);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 4);
            await socket.ConnectAsync(address, cancellationToken);
            return socket;
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new BackendConnectException(SessionEndReason.BackendRefused, "TCP: " + e.SocketErrorCode, e);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
