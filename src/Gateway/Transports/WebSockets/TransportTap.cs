using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Gateway.Transports.WebSockets;

/// <summary>
/// Stands between the WebSocket library, which judges and answers the handshake, and the server's upgrade, for HTTP/1.1 and
/// HTTP/2 alike, and keeps the upgraded connection: its frames are read and written by the session.
/// </summary>
internal sealed class TransportTap(IFeatureCollection features) : IHttpUpgradeFeature, IHttpExtendedConnectFeature, IHttpRequestLifetimeFeature
{
    private const int Cancel = 8; // RFC 9113 §7

    private readonly IHttpUpgradeFeature? _upgrade = features.Get<IHttpUpgradeFeature>();
    private readonly IHttpExtendedConnectFeature? _connect = features.Get<IHttpExtendedConnectFeature>();
    private readonly IHttpResetFeature? _stream = features.Get<IHttpResetFeature>();
    private readonly IHttpRequestLifetimeFeature _lifetime = features.GetRequiredFeature<IHttpRequestLifetimeFeature>();

    /// <summary>The upgraded connection, once it is.</summary>
    public Stream? Stream { get; private set; }

    /// <inheritdoc/>
    public bool IsUpgradableRequest => _upgrade?.IsUpgradableRequest ?? false;

    /// <inheritdoc/>
    public bool IsExtendedConnect => _connect?.IsExtendedConnect ?? false;

    /// <inheritdoc/>
    public string? Protocol => _connect?.Protocol;

    /// <inheritdoc/>
    public CancellationToken RequestAborted
    {
        get => _lifetime.RequestAborted;
        set => _lifetime.RequestAborted = value;
    }

    /// <summary>Puts a tap into a request.</summary>
    public static void Into(HttpContext http)
    {
        var tap = new TransportTap(http.Features);
        http.Features.Set(tap);
        http.Features.Set<IHttpUpgradeFeature>(tap);
        http.Features.Set<IHttpExtendedConnectFeature>(tap);
        http.Features.Set<IHttpRequestLifetimeFeature>(tap);
    }

    /// <inheritdoc/>
    public async Task<Stream> UpgradeAsync()
    {
        var input = features.GetRequiredFeature<IConnectionTransportFeature>().Transport.Input;
        return Stream = new UpgradedStream(await _upgrade!.UpgradeAsync(), input, features.Get<ISslStreamFeature>()?.SslStream);
    }

    /// <inheritdoc/>
    public async ValueTask<Stream> AcceptAsync() => Stream = await _connect!.AcceptAsync();

    /// <inheritdoc/>
    public void Abort()
    {
        if (_stream is null)
        {
            _lifetime.Abort();
        }
        else
        {
            _stream.Reset(Cancel); // WS-014
        }
    }
}
