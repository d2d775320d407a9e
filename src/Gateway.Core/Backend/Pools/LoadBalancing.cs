namespace Gateway.Core.Backend.Pools;

/// <summary>Which of a backend's servers gets the next session, among those of one priority that are up.</summary>
public enum LoadBalancing : byte
{
    /// <summary>The one with fewer sessions for its weight, of two that are drawn by weight: even, and no two replicas run for the same server.</summary>
    PowerOfTwoChoices,

    /// <summary>The one with the fewest sessions of this gateway for its weight.</summary>
    LeastSessions,

    /// <summary>Each in turn, as often as its weight says.</summary>
    RoundRobin,

    /// <summary>Drawn by weight, as SRV records want it (RFC 2782).</summary>
    WeightedRandom,
}
