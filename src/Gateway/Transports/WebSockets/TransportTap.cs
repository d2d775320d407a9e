using Gateway.Core.WebSockets;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Transports.WebSockets;

/// <summary>
/// Stands between the WebSocket library and the server's upgrade, for HTTP/1.1 and HTTP/2 alike, and keeps the connection
/// under the WebSocket, so that many frames can go out in one write.
/// </summary>
internal sealed class TransportTap(TimeProvider time, IHttpUpgradeFeature? upgrade, IHttpExtendedConnectFeature? connect)
    : IHttpUpgradeFeature, IHttpExtendedConnectFeature
{
    /// <summary>The upgraded connection, once it is.</summary>
    public WebSocketTransportStream? Stream { get; private set; }

    /// <inheritdoc/>
    public bool IsUpgradableRequest => upgrade?.IsUpgradableRequest ?? false;

    /// <inheritdoc/>
    public bool IsExtendedConnect => connect?.IsExtendedConnect ?? false;

    /// <inheritdoc/>
    public string? Protocol => connect?.Protocol;

    /// <summary>Puts a tap into a request.</summary>
    public static void Into(HttpContext http, TimeProvider time)
    {
        var tap = new TransportTap(time, http.Features.Get<IHttpUpgradeFeature>(), http.Features.Get<IHttpExtendedConnectFeature>());
        http.Features.Set(tap);
        http.Features.Set<IHttpUpgradeFeature>(tap);
        http.Features.Set<IHttpExtendedConnectFeature>(tap);
    }

    /// <inheritdoc/>
    public async Task<Stream> UpgradeAsync() => Stream = new WebSocketTransportStream(await upgrade!.UpgradeAsync(), time);

    /// <inheritdoc/>
    public async ValueTask<Stream> AcceptAsync() => Stream = new WebSocketTransportStream(await connect!.AcceptAsync(), time);
}
