using Gateway.Core.Sessions;

namespace Gateway.Core.Telemetry;

/// <summary>The values of the label <c>transport</c> (interface.md section 5).</summary>
public static class TransportLabels
{
    /// <summary>The word for a transport.</summary>
    public static string ToLabel(this ClientTransport transport) => transport switch
    {
        ClientTransport.Bosh => "bosh",
        ClientTransport.WebSocket => "websocket",
        ClientTransport.DirectTls => "direct_tls",
        _ => throw new ArgumentOutOfRangeException(nameof(transport), transport, "not a transport"),
    };
}
