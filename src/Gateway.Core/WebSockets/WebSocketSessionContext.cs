using Gateway.Core.Backend;
using Gateway.Core.Policies;
using Gateway.Core.Sessions;
using Gateway.Core.Telemetry;
using Microsoft.Extensions.Logging;

namespace Gateway.Core.WebSockets;

/// <summary>What all WebSocket sessions share: one object, made at start.</summary>
public sealed record WebSocketSessionContext(
    WebSocketSessionOptions Options,
    SessionLimits Limits,
    DomainPolicy Domains,
    IBackendConnector Connector,
    GatewayMetrics Metrics,
    AuthenticationWatch Watch,
    TimeProvider Time,
    ILogger<XmppWebSocketSession> Log);
