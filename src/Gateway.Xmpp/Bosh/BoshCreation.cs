namespace Gateway.Xmpp.Bosh;

/// <summary>What only the session creation response says (BOSH-042..046, BOSH-104). Times in whole seconds.</summary>
/// <param name="Sid">The session's name.</param>
/// <param name="Wait">Longest time a request is held.</param>
/// <param name="Requests">Size of the window.</param>
/// <param name="Hold">Most requests held at a time.</param>
/// <param name="Inactivity">Longest time without an open request.</param>
/// <param name="Polling">Shortest time between empty requests; 0: not sent.</param>
/// <param name="MaxPause">Longest pause; 0: not sent.</param>
/// <param name="Ver">Version in use; null for a legacy client.</param>
/// <param name="From">The served domain.</param>
public sealed record BoshCreation(string Sid, int Wait, int Requests, int Hold, int Inactivity, int Polling, int MaxPause, BoshVersion? Ver, string From);

/// <summary>The attributes of one response that vary.</summary>
public readonly record struct BoshResponseAttributes
{
    /// <summary>Set in the creation response.</summary>
    public BoshCreation? Creation { get; init; }

    /// <summary>Highest rid received with none missing below; 0: not sent (BOSH-074).</summary>
    public long Ack { get; init; }

    /// <summary>The rid whose response the client seems to miss; 0: not sent (BOSH-075).</summary>
    public long Report { get; init; }

    /// <summary>Milliseconds since the response to <see cref="Report"/> was sent, 0..65535.</summary>
    public int Time { get; init; }

    /// <summary>The backend's stream id, with the first features (BOSH-046).</summary>
    public string? AuthId { get; init; }

    /// <summary>The backend's stream version, with the first features (BOSH-105).</summary>
    public string? XmppVersion { get; init; }

    /// <summary>The prefix <c>stream</c> is used inside (BOSH-027).</summary>
    public bool DeclaresStream { get; init; }
}
