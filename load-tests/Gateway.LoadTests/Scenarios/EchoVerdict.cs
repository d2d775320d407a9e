namespace Gateway.LoadTests.Scenarios;

/// <summary>What a stanza is that came.</summary>
internal enum EchoVerdict
{
    /// <summary>What was sent.</summary>
    Same,

    /// <summary>Its text is another.</summary>
    Changed,

    /// <summary>It was for another session.</summary>
    Misrouted,

    /// <summary>The server sent it back as an error.</summary>
    Refused,

    /// <summary>The server's own.</summary>
    NoEcho,
}
