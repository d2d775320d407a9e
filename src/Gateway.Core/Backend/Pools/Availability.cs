namespace Gateway.Core.Backend.Pools;

/// <summary>Whether a server, or a backend as a whole, gets sessions.</summary>
public enum Availability : byte
{
    /// <summary>It does.</summary>
    Up,

    /// <summary>Of a backend: some of its servers are down, or all of those that stand for domains without a backend.</summary>
    Degraded,

    /// <summary>It does not, for it failed.</summary>
    Down,

    /// <summary>It is no more in the configuration, or named no more, and gets no new ones.</summary>
    Leaving,
}
