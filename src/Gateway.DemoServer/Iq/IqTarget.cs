namespace Gateway.DemoServer.Iq;

/// <summary>On whose behalf the server answers.</summary>
internal enum IqTarget
{
    /// <summary>Its own.</summary>
    Server,

    /// <summary>The account that asks.</summary>
    OwnAccount,

    /// <summary>Another account.</summary>
    OtherAccount,
}
