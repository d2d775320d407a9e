namespace Gateway.LoadTests.Clients;

/// <summary>How far a session is, in this order.</summary>
internal enum SessionState
{
    New,
    Connecting,
    AwaitingFeatures,
    Authenticating,
    Restarting,
    Binding,
    Open,
    Closing,
    Closed,
}
