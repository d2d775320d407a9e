using Microsoft.Extensions.Logging;

namespace Gateway.Core.Sessions;

/// <summary>
/// Why a session ended or was refused: one closed list. The same word, in kebab case, stands in the log line, the metric's
/// label, the trace's error.type and, where the protocol has room, in the text that the client gets.
/// </summary>
public enum SessionEndReason : byte
{
    /// <summary>The client closed its stream (close, terminate).</summary>
    ClientClosed,

    /// <summary>The client's transport broke or ended without a close.</summary>
    ClientLost,

    /// <summary>A BOSH client made no request for too long.</summary>
    Inactivity,

    /// <summary>No answer to a WebSocket ping.</summary>
    PingTimeout,

    /// <summary>No stream was opened in time (EDGE-036).</summary>
    OpenTimeout,

    /// <summary>No authentication in time (EDGE-036).</summary>
    AuthTimeout,

    /// <summary>The backend closed its stream.</summary>
    BackendClosed,

    /// <summary>The backend sent a stream error.</summary>
    RemoteStreamError,

    /// <summary>An established backend connection was lost.</summary>
    BackendLost,

    /// <summary>What the backend sent was no acceptable XMPP.</summary>
    BackendProtocolError,

    /// <summary>The backend's address could not be resolved.</summary>
    DnsFailed,

    /// <summary>TCP to the backend was refused or unreachable.</summary>
    BackendRefused,

    /// <summary>The backend did not answer in time.</summary>
    BackendTimeout,

    /// <summary>Every server of the backend is down: nothing was tried.</summary>
    BackendUnavailable,

    /// <summary>The backend offered no STARTTLS or refused it.</summary>
    StarttlsMissing,

    /// <summary>The TLS handshake with the backend failed.</summary>
    TlsHandshake,

    /// <summary>The backend's certificate is out of its validity time.</summary>
    CertificateExpired,

    /// <summary>The backend's certificate names another domain.</summary>
    NameMismatch,

    /// <summary>The backend's certificate chain leads to no trusted root.</summary>
    UntrustedRoot,

    /// <summary>The domain is not served here.</summary>
    HostUnknown,

    /// <summary>The request named no domain.</summary>
    ImproperAddressing,

    /// <summary>Malformed request of the binding.</summary>
    BadRequest,

    /// <summary>An element that has no place here.</summary>
    BadFormat,

    /// <summary>A namespace that has no place here.</summary>
    InvalidNamespace,

    /// <summary>XML or namespaces are not well-formed.</summary>
    NotWellFormed,

    /// <summary>XML that XMPP forbids.</summary>
    RestrictedXml,

    /// <summary>Not UTF-8.</summary>
    UnsupportedEncoding,

    /// <summary>A stream version below 1.0.</summary>
    UnsupportedVersion,

    /// <summary>A stream-level element that is not accepted.</summary>
    UnsupportedStanzaType,

    /// <summary>Something was sent before it was allowed.</summary>
    NotAuthorized,

    /// <summary>Too many failed logins (EDGE-038).</summary>
    AuthFailures,

    /// <summary>Too many attempts to register where that is blocked (EDGE-023).</summary>
    RegistrationBlocked,

    /// <summary>A stanza over the size limit.</summary>
    StanzaTooBig,

    /// <summary>A stanza over the limits of depth, attributes, declarations or name length.</summary>
    StanzaTooComplex,

    /// <summary>A message that is not text.</summary>
    UnsupportedData,

    /// <summary>A violation of the WebSocket protocol itself.</summary>
    WebSocketError,

    /// <summary>A rid outside the window, or a key that does not fit.</summary>
    ItemNotFound,

    /// <summary>Requests too many, too often, or a pause too long.</summary>
    PolicyViolation,

    /// <summary>A limit on sessions is reached.</summary>
    ResourceConstraint,

    /// <summary>The gateway stops.</summary>
    SystemShutdown,

    /// <summary>A fault of the gateway itself.</summary>
    InternalServerError,
}

/// <summary>The reasons' words.</summary>
public static class SessionEndReasons
{
    private static readonly string[] Words = [.. Enum.GetNames<SessionEndReason>().Select(ToWord)];

    /// <summary>The word, such as <c>backend-lost</c>.</summary>
    public static string ToWord(this SessionEndReason reason) => Words[(int)reason];

    /// <summary>How loud a session's last line is: while a backend is down, sessions that it cost are counted and not told one by one.</summary>
    public static LogLevel ToLogLevel(this SessionEndReason reason) => reason == SessionEndReason.BackendUnavailable ? LogLevel.Debug : LogLevel.Information;

    private static string ToWord(string name) =>
        string.Concat(name.Select((c, i) => char.IsAsciiLetterUpper(c) && i > 0 ? "-" + char.ToLowerInvariant(c) : char.ToLowerInvariant(c).ToString()))
            .Replace("web-socket", "websocket", StringComparison.Ordinal);
}
