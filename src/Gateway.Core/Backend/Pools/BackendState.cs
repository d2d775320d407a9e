namespace Gateway.Core.Backend.Pools;

/// <summary>What can be seen of a backend.</summary>
public sealed class BackendState
{
    internal BackendState(BackendPool pool, IReadOnlyList<ServerState> servers)
    {
        Name = pool.Name;
        IsPerDomain = pool.Options.IsPerDomain;
        Security = pool.Options.Security;
        LoadBalancing = pool.Policy;
        MaxSessions = pool.Options.MaxSessions;
        Servers = servers;
        Sessions = pool.Sessions.Value;
        var named = servers.Where(s => s.State != Availability.Leaving).ToArray();
        State = named.Length == 0 && servers.Count > 0 ? Availability.Leaving
            : Array.TrueForAll(named, s => s.State == Availability.Up) ? Availability.Up
            : !IsPerDomain && Array.TrueForAll(named, s => s.State == Availability.Down) ? Availability.Down
            : Availability.Degraded;
    }

    /// <summary>Its name; <c>srv</c> for the servers of the domains without a backend.</summary>
    public string Name { get; }

    /// <summary>Whether it gets sessions; down while all of its servers are.</summary>
    public Availability State { get; }

    /// <summary>It stands for the servers of all domains without a backend.</summary>
    public bool IsPerDomain { get; }

    /// <summary>How it is protected.</summary>
    public BackendSecurity Security { get; }

    /// <summary>How its servers are chosen.</summary>
    public LoadBalancing LoadBalancing { get; }

    /// <summary>Sessions, those being opened included.</summary>
    public int Sessions { get; }

    /// <summary>Most of them; 0: no limit.</summary>
    public int MaxSessions { get; }

    /// <summary>Its servers, by address.</summary>
    public IReadOnlyList<ServerState> Servers { get; }
}
