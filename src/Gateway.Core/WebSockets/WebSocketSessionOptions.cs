namespace Gateway.Core.WebSockets;

/// <summary>XMPP over WebSocket (<c>Gateway:WebSocket</c>).</summary>
public sealed class WebSocketSessionOptions
{
    /// <summary>Serve it at all. Default true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Where. Default the path of Prosody and of RFC 7395's example, and the one of ejabberd.</summary>
    public string[] Paths { get; set; } = ["/xmpp-websocket", "/ws"];

    /// <summary>Silence of the client after which it is pinged. Default 30 s: half of what proxies allow an idle connection (WS-055).</summary>
    public TimeSpan PingInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long any frame may take to come after a ping. Default 45 s (WS-055).</summary>
    public TimeSpan PongTimeout { get; set; } = TimeSpan.FromSeconds(45);

    /// <summary>From the handshake to <c>open</c>. Default 10 s (EDGE-036).</summary>
    public TimeSpan OpenTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Refuse a handshake that does not offer the subprotocol <c>xmpp</c>. Default true (WS-006).</summary>
    public bool RequireSubprotocol { get; set; } = true;

    /// <summary>
    /// Agree to permessage-deflate. Default false: the length of what is compressed tells of secrets that stand beside text
    /// of an attacker's choice (WS-057).
    /// </summary>
    public bool Compression { get; set; }
}
