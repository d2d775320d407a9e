using System.Net.WebSockets;
using Gateway.Core.Sessions;
using Gateway.Xmpp.Streams;

namespace Gateway.Core.WebSockets;

/// <summary>What the client and the backend get when a session ends (the table of websocket.md section 6).</summary>
/// <param name="Reason">The named cause.</param>
/// <param name="Condition">The stream error for the client; null for none.</param>
/// <param name="SaysClose">The client gets <c>close</c>.</param>
/// <param name="Code">The Close frame; null when the connection is simply dropped.</param>
/// <param name="ClosesBackendCleanly">The backend gets <c>&lt;/stream:stream&gt;</c>; otherwise TCP is closed, and a session that can be resumed stays (XS-052).</param>
internal sealed record WebSocketEnding(
    SessionEndReason Reason, StreamErrorCondition? Condition, bool SaysClose, WebSocketCloseStatus? Code, bool ClosesBackendCleanly)
{
    /// <summary>The backend's own stream error, rebased, to be relayed in place of <see cref="Condition"/>.</summary>
    public byte[]? RelayedError { get; init; }

    /// <summary>The condition that the backend is told (XS-050).</summary>
    public StreamErrorCondition? BackendCondition { get; init; }

    /// <summary>Looks the reason up in the table.</summary>
    /// <param name="reason">Why it ends.</param>
    /// <param name="isOpen">The client's stream was opened; before that the cause is a failure to open it (WS-035, WS-050).</param>
    /// <param name="isResumable">The backend granted stream resumption (XS-058).</param>
    public static WebSocketEnding For(SessionEndReason reason, bool isOpen, bool isResumable) => reason switch
    {
        SessionEndReason.ClientClosed or SessionEndReason.BackendClosed =>
            new(reason, null, true, WebSocketCloseStatus.NormalClosure, true),
        SessionEndReason.ClientLost or SessionEndReason.PingTimeout =>
            new(reason, null, false, null, false),
        SessionEndReason.RemoteStreamError =>
            new(reason, StreamErrorCondition.UndefinedCondition, true, WebSocketCloseStatus.NormalClosure, true),

        // WS-049: a client that may resume must see a broken connection, not an ended stream.
        SessionEndReason.BackendLost when isOpen && isResumable =>
            new(reason, null, false, WebSocketCloseStatus.InternalServerError, false),
        SessionEndReason.BackendLost or SessionEndReason.BackendProtocolError or SessionEndReason.BackendTimeout when isOpen =>
            new(reason, StreamErrorCondition.RemoteConnectionFailed, true, WebSocketCloseStatus.InternalServerError, false),
        SessionEndReason.BackendLost or SessionEndReason.BackendProtocolError or SessionEndReason.DnsFailed or SessionEndReason.BackendRefused
            or SessionEndReason.BackendTimeout or SessionEndReason.BackendUnavailable or SessionEndReason.StarttlsMissing or SessionEndReason.TlsHandshake
            or SessionEndReason.CertificateExpired or SessionEndReason.NameMismatch or SessionEndReason.UntrustedRoot =>
            new(reason, StreamErrorCondition.RemoteConnectionFailed, true, WebSocketCloseStatus.NormalClosure, false),
        SessionEndReason.SystemShutdown when isResumable =>
            new(reason, null, false, WebSocketCloseStatus.EndpointUnavailable, false),
        SessionEndReason.SystemShutdown =>
            new(reason, StreamErrorCondition.SystemShutdown, true, WebSocketCloseStatus.EndpointUnavailable, true),
        SessionEndReason.InternalServerError =>
            new(reason, StreamErrorCondition.InternalServerError, true, WebSocketCloseStatus.InternalServerError, false),
        SessionEndReason.UnsupportedData =>
            new(reason, null, false, WebSocketCloseStatus.InvalidMessageType, true),
        SessionEndReason.StanzaTooBig =>
            new(reason, StreamErrorCondition.PolicyViolation, true, WebSocketCloseStatus.MessageTooBig, true),
        SessionEndReason.OpenTimeout or SessionEndReason.AuthTimeout or SessionEndReason.PolicyViolation or SessionEndReason.StanzaTooComplex
            or SessionEndReason.AuthFailures or SessionEndReason.RegistrationBlocked =>
            new(reason, StreamErrorCondition.PolicyViolation, true, WebSocketCloseStatus.PolicyViolation, true),
        SessionEndReason.ResourceConstraint =>
            new(reason, StreamErrorCondition.ResourceConstraint, true, WebSocketCloseStatus.PolicyViolation, true),
        SessionEndReason.HostUnknown or SessionEndReason.ImproperAddressing => Refused(reason, StreamErrorCondition.HostUnknown),
        SessionEndReason.BadFormat or SessionEndReason.BadRequest => Refused(reason, StreamErrorCondition.BadFormat),
        SessionEndReason.InvalidNamespace => Refused(reason, StreamErrorCondition.InvalidNamespace),
        SessionEndReason.NotWellFormed => Refused(reason, StreamErrorCondition.NotWellFormed),
        SessionEndReason.RestrictedXml => Refused(reason, StreamErrorCondition.RestrictedXml),
        SessionEndReason.UnsupportedEncoding => Refused(reason, StreamErrorCondition.UnsupportedEncoding),
        SessionEndReason.UnsupportedVersion => Refused(reason, StreamErrorCondition.UnsupportedVersion),
        SessionEndReason.UnsupportedStanzaType => Refused(reason, StreamErrorCondition.UnsupportedStanzaType),
        SessionEndReason.NotAuthorized => Refused(reason, StreamErrorCondition.NotAuthorized),

        // WS-044: what breaks the rules of WebSocket itself is answered by a Close frame, and nothing may follow.
        SessionEndReason.WebSocketError => new(reason, null, false, null, false),
        _ => new(reason, StreamErrorCondition.InternalServerError, true, WebSocketCloseStatus.InternalServerError, false),
    };

    private static WebSocketEnding Refused(SessionEndReason reason, StreamErrorCondition condition) =>
        new(reason, condition, true, WebSocketCloseStatus.NormalClosure, true);
}
