namespace Gateway.Core.Backend.Pools;

/// <summary>What a server's circuit breaker does.</summary>
public enum BreakerState : byte
{
    /// <summary>It lets everything through.</summary>
    Closed,

    /// <summary>It lets nothing through until its time is over.</summary>
    Open,

    /// <summary>Its time is over: one attempt decides.</summary>
    HalfOpen,
}
