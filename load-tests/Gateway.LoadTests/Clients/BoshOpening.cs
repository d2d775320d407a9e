namespace Gateway.LoadTests.Clients;

/// <summary>What the next body does to the session, besides carrying stanzas.</summary>
internal enum BoshOpening
{
    None,
    Creation,
    Restart,
    Termination,

    /// <summary>Terminated: no further request.</summary>
    Over,
}
