using Gateway.Core.Sessions;
using Gateway.Core.WebSockets;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Gateway.Transports.WebSockets;

/// <summary>The opening handshake of XMPP over WebSocket (RFC 7395 §3.1, RFC 6455 §4.2), then a session.</summary>
public sealed class XmppWebSocketEndpoint(WebSocketSessionContext context, OriginPolicy origins, IDrainState drain, SessionRegistry sessions)
{
    /// <summary>The <c>:protocol</c> of an extended CONNECT (RFC 8441 §5).</summary>
    public const string Protocol = "websocket";

    private const string Subprotocol = "xmpp";

    /// <summary>Answers one request on a WebSocket path.</summary>
    public async Task HandleAsync(HttpContext http)
    {
        if (!TryAccept(http))
        {
            return;
        }

        var transport = http.Features.GetRequiredFeature<TransportTap>();
        var window = context.Options.Compression ? DeflateOffer.Choose(http.Request.Headers) : 0;

        // How slowly a client may read is the session's to judge, by the ages of its writes (EDGE-040); a small write of a paused client has 5 s here.
        if (http.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }

        // The library answers the handshake; frames are read and written by the session, over the connection under it.
        await http.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext
        {
            SubProtocol = http.WebSockets.WebSocketRequestedProtocols.Contains(Subprotocol, StringComparer.Ordinal) ? Subprotocol : null,
            KeepAliveInterval = TimeSpan.Zero,
            DangerousEnableCompression = window > 0,
            DisableServerContextTakeover = true,
        });
        var client = new WebSocketConnection(transport.Stream!, context.Time);
        if (window > 0)
        {
            client.EnableDeflate(window);
        }

        var session = new XmppWebSocketSession(context, http.ClientConnection(), client);
        if (!await session.RunAsync(http.RequestAborted))
        {
            http.Abort();
        }
    }

    /// <summary>Judges the handshake; answers it when it is refused.</summary>
    private bool TryAccept(HttpContext http)
    {
        var request = http.Request;
        var response = http.Response;
        response.Headers.CacheControl = "no-store";
        var connect = http.Features.GetRequiredFeature<IHttpExtendedConnectFeature>();
        if (connect.IsExtendedConnect && (request.Headers.Upgrade.Count > 0 || request.Headers.Connection.Count > 0))
        {
            response.StatusCode = StatusCodes.Status400BadRequest; // WS-013
        }
        else if (!connect.IsExtendedConnect && !HttpMethods.IsGet(request.Method))
        {
            response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            response.Headers.Allow = "GET";
        }
        else if (!http.WebSockets.IsWebSocketRequest)
        {
            RefuseHandshake(request, response);
        }
        else if (!origins.Allows(request.Headers.Origin))
        {
            response.StatusCode = StatusCodes.Status403Forbidden; // WS-007
        }
        else if (context.Options.RequireSubprotocol && !http.WebSockets.WebSocketRequestedProtocols.Contains(Subprotocol, StringComparer.Ordinal))
        {
            response.StatusCode = StatusCodes.Status400BadRequest; // WS-006
            context.Metrics.SessionRejected(SessionEndReason.BadRequest);
        }
        else if (drain.IsDraining)
        {
            response.StatusCode = StatusCodes.Status503ServiceUnavailable; // WS-053
            response.Headers.RetryAfter = "1";
            context.Metrics.SessionRejected(SessionEndReason.SystemShutdown);
        }
        else if (context.Limits.MaxSessions > 0 && sessions.Count >= context.Limits.MaxSessions)
        {
            response.StatusCode = StatusCodes.Status503ServiceUnavailable; // EDGE-031
            response.Headers.RetryAfter = "30";
            context.Metrics.SessionRejected(SessionEndReason.ResourceConstraint);
        }
        else if (context.Watch.IsBarred(http.Connection.RemoteIpAddress, out var retryAfter))
        {
            response.StatusCode = StatusCodes.Status429TooManyRequests; // EDGE-038
            response.Headers.RetryAfter = ClientAddresses.RetryAfter(retryAfter);
            context.Metrics.SessionRejected(SessionEndReason.AuthFailures);
        }
        else
        {
            return true;
        }

        return false;
    }

    private static void RefuseHandshake(HttpRequest request, HttpResponse response)
    {
        // WS-003, WS-010: another version, or no handshake at all, is told what would be right; the rest is malformed (WS-001).
        var version = request.Headers.SecWebSocketVersion;
        var isUpgrade = request.Headers.Upgrade.Any(value => value?.Contains("websocket", StringComparison.OrdinalIgnoreCase) == true);
        if (isUpgrade && (version.Count == 0 || version == "13"))
        {
            response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }

        response.StatusCode = StatusCodes.Status426UpgradeRequired;
        if (HttpProtocol.IsHttp11(request.Protocol))
        {
            response.Headers.Upgrade = "websocket"; // HTTP/2 has no such fields
            response.Headers.Connection = "Upgrade";
        }

        response.Headers.SecWebSocketVersion = "13";
    }
}
