namespace Gateway.LoadTests.Results;

/// <summary>What is done besides echoes, and counted so that a run in which nothing of it happened is seen.</summary>
public enum Deed
{
    /// <summary>A session that logged in, had its echoes and ended.</summary>
    ShortSession,

    /// <summary>Connections cut under their requests, which were sent again.</summary>
    Cut,

    /// <summary>An answered request sent once more, and answered as before.</summary>
    Repeat,

    /// <summary>A session that stopped reading, and caught up.</summary>
    Silence,
}
