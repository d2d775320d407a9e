namespace Gateway.Xmpp.Streams;

/// <summary>What stays out of the features that a client sees, beside what the gateway can never relay.</summary>
public sealed record StreamFeaturesRules
{
    /// <summary>A mechanism of SASL, SASL2 or FAST may be offered (EDGE-013, EDGE-014, EDGE-016).</summary>
    public required Func<string, bool> AllowsMechanism { get; init; }

    /// <summary>Nothing tells the client which channel bindings there are (EDGE-005); the mechanisms that bind are <see cref="AllowsMechanism"/>'s.</summary>
    public bool RemovesChannelBinding { get; init; }

    /// <summary>Registration and recovery are not offered (EDGE-021).</summary>
    public bool RemovesRegistration { get; init; }
}
