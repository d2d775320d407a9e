using Gateway.Core.Sessions;
using Gateway.Xmpp.Bosh;

namespace Gateway.Core.Bosh;

/// <summary>From the closed list of reasons to what XEP-0124 §17.2 has for them.</summary>
public static class TerminalReasons
{
    /// <summary>The terminal condition; null for an orderly end (BOSH-090, BOSH-098).</summary>
    public static TerminalCondition? ToTerminalCondition(this SessionEndReason reason) => reason switch
    {
        SessionEndReason.ClientClosed or SessionEndReason.ClientLost or SessionEndReason.Inactivity or SessionEndReason.BackendClosed => null,
        SessionEndReason.RemoteStreamError => TerminalCondition.RemoteStreamError,
        SessionEndReason.BackendLost or SessionEndReason.BackendProtocolError or SessionEndReason.DnsFailed or SessionEndReason.BackendRefused
            or SessionEndReason.BackendTimeout or SessionEndReason.BackendUnavailable or SessionEndReason.StarttlsMissing or SessionEndReason.TlsHandshake
            or SessionEndReason.CertificateExpired or SessionEndReason.NameMismatch or SessionEndReason.UntrustedRoot
            => TerminalCondition.RemoteConnectionFailed,
        SessionEndReason.HostUnknown => TerminalCondition.HostUnknown,
        SessionEndReason.ImproperAddressing => TerminalCondition.ImproperAddressing,
        SessionEndReason.BadRequest or SessionEndReason.BadFormat or SessionEndReason.InvalidNamespace or SessionEndReason.NotWellFormed
            or SessionEndReason.RestrictedXml or SessionEndReason.UnsupportedEncoding or SessionEndReason.UnsupportedVersion
            or SessionEndReason.UnsupportedData
            => TerminalCondition.BadRequest,
        SessionEndReason.ItemNotFound => TerminalCondition.ItemNotFound,
        SessionEndReason.SystemShutdown => TerminalCondition.SystemShutdown,
        SessionEndReason.InternalServerError => TerminalCondition.InternalServerError,
        _ => TerminalCondition.PolicyViolation,
    };
}
