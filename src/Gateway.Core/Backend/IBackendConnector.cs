using System.Net;
using Gateway.Core.Sessions;

namespace Gateway.Core.Backend;

/// <summary>Opens backend streams: a policy door and the seam that tests replace.</summary>
public interface IBackendConnector
{
    /// <summary>Connects, secures, opens the stream and waits for its features (XS-016); <see cref="IXmppStream.Current"/> is then the features element.</summary>
    /// <exception cref="BackendConnectException">With the named cause; nothing of the attempt is left.</exception>
    Task<IXmppStream> ConnectAsync(BackendRequest request, CancellationToken cancellationToken);
}

/// <summary>What a session wants of its backend.</summary>
/// <param name="Backend"><see cref="Policies.ServedDomain.Backend"/>: the name of the configured backend, or that of the domain's own SRV records.</param>
/// <param name="Domain">The domain of the session, allowed by a configured name or pattern: the reference identity and the stream's <c>to</c>; with U-labels.</param>
/// <param name="From">The client's bare JID for headers that are sent protected (XS-011); null if it gave none.</param>
/// <param name="Lang">The stream's xml:lang.</param>
/// <param name="Client">The client's address, for the PROXY header.</param>
/// <param name="Local">Where the client's connection arrived, for the PROXY header.</param>
public sealed record BackendRequest(string Backend, string Domain, string? From, string Lang, IPEndPoint? Client, IPEndPoint? Local)
{
    /// <summary>Version of the stream header (BOSH-038).</summary>
    public string Version { get; init; } = "1.0";
}

/// <summary>A backend stream could not be had.</summary>
public sealed class BackendConnectException : Exception
{
    /// <summary>Makes the failure.</summary>
    public BackendConnectException(SessionEndReason reason, string message, Exception? innerException = null)
        : base(message, innerException) => Reason = reason;

    /// <summary>The named cause.</summary>
    public SessionEndReason Reason { get; }

    /// <summary>The server's own stream error, rebased to stand alone (<see cref="Xmpp.Framing.RebaseTarget.Message"/>); null if it sent none.</summary>
    public byte[]? StreamError { get; init; }

    /// <summary>Where the server sent the gateway instead, inside TLS (XS-049); never for a client's eyes, nor for a log.</summary>
    internal string? SeeOtherHost { get; init; }
}
