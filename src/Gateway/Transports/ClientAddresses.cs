using System.Net;

namespace Gateway.Transports;

/// <summary>Where a client is and where its connection arrived, as the backend leg wants it.</summary>
internal static class ClientAddresses
{
    /// <summary>The client's end; null when the connection has none.</summary>
    public static IPEndPoint? RemoteEndPoint(this ConnectionInfo connection) => EndPoint(connection.RemoteIpAddress, connection.RemotePort);

    /// <summary>The gateway's end; null when the connection has none.</summary>
    public static IPEndPoint? LocalEndPoint(this ConnectionInfo connection) => EndPoint(connection.LocalIpAddress, connection.LocalPort);

    /// <summary>A <c>Retry-After</c> that is over when the time is (RFC 9110 §10.2.3).</summary>
    public static string RetryAfter(TimeSpan time) => Math.Ceiling(time.TotalSeconds).ToString("F0", System.Globalization.CultureInfo.InvariantCulture);

    private static IPEndPoint? EndPoint(IPAddress? address, int port) => address is null ? null : new IPEndPoint(address, port);
}
