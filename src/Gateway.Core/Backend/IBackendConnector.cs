using Gateway.Core.Backend.Pools;
using Gateway.Core.Sessions;
using Gateway.Xmpp.Streams;

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
/// <param name="Client">The client's connection, for the PROXY header.</param>
public sealed record BackendRequest(string Backend, string Domain, string? From, string Lang, ClientConnection Client)
{
    /// <summary>The session's name, for the PROXY header.</summary>
    public SessionId Session { get; init; }

    /// <summary>The backend that goes with the row of the domain, while the table may be changing; null: found by its name.</summary>
    internal BackendPool? Pool { get; init; }

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

    /// <summary>That stream error's condition; null if it sent none, or one of its own.</summary>
    internal StreamErrorCondition? Condition { get; init; }

    /// <summary>It says something about the server, and not only about what this client wanted.</summary>
    internal bool IsServersFault { get; set; }

    /// <summary>Where the server sent the gateway instead, inside TLS (XS-049); never for a client's eyes, nor for a log.</summary>
    internal string? SeeOtherHost { get; init; }
}
