namespace Gateway.LoadTests.Clients;

/// <summary>What a session needs to know to log in.</summary>
internal sealed record SessionSettings
{
    /// <summary>Where it connects to.</summary>
    public required LoadTarget Target { get; init; }

    /// <summary>The XMPP domain.</summary>
    public required string Domain { get; init; }

    /// <summary>The resource it asks for.</summary>
    public required string Resource { get; init; }

    /// <summary>WebSocket: the bytes of a stream inside messages.</summary>
    public bool IsRawStream { get; init; }

    /// <summary>Buffers of its connections.</summary>
    public WireSettings Wire { get; init; }

    /// <summary>BOSH: requests and answers are kept, so that they can be repeated and compared.</summary>
    public bool RemembersRequests { get; init; }

    /// <summary>Counts each HTTP request.</summary>
    public Action? OnRequest { get; init; }
}
