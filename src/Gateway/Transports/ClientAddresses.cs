using System.Net;

namespace Gateway.Transports;

/// <summary>Where a client is and where its connection arrived, as the backend leg wants it.</summary>
internal static class ClientAddresses
{
    /// <summary>The client's end; null when the connection has none.</summary>
    public static IPEndPoint? RemoteEndPoint(this ConnectionInfo connection) => EndPoint(connection.RemoteIpAddress, connection.RemotePort);

    /// <summary>The gateway's end; null when the connection has none.</summary>
    public static IPEndPoint? LocalEndPoint(this ConnectionInfo connection) => EndPoint(connection.LocalIpAddress, connection.LocalPort);

    private static IPEndPoint? EndPoint(IPAddress? address, int port) => address is null ? null : new IPEndPoint(address, port);
}
