using System.Net;
using Gateway.Core.Sessions;
using Microsoft.AspNetCore.Connections.Features;

namespace Gateway.Transports;

/// <summary>Where a client is and where its connection arrived, as the backend leg wants it.</summary>
internal static class ClientAddresses
{
    /// <summary>The connection of a request, as the backend may be told of it.</summary>
    public static ClientConnection ClientConnection(this HttpContext http) =>
        new(EndPoint(http.Connection.RemoteIpAddress, http.Connection.RemotePort), EndPoint(http.Connection.LocalIpAddress, http.Connection.LocalPort))
        {
            Authority = http.Request.Host.Host,
            Tls = http.Features.Get<ITlsHandshakeFeature>() is { NegotiatedCipherSuite: { } suite } tls ? new EdgeTls(tls.Protocol, suite) : null,
        };

    /// <summary>A <c>Retry-After</c> that is over when the time is (RFC 9110 §10.2.3).</summary>
    public static string RetryAfter(TimeSpan time) => Math.Ceiling(time.TotalSeconds).ToString("F0", System.Globalization.CultureInfo.InvariantCulture);

    private static IPEndPoint? EndPoint(IPAddress? address, int port) => address is null ? null : new IPEndPoint(address, port);
}
