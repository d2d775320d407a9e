using Gateway.Core.Backend.Dns;

namespace Gateway.Core.Backend.Pools;

/// <summary>The servers of one login, one after the other, each once: by priority, then as the pool balances. Who is down is passed over.</summary>
/// <param name="pool">Whose they are.</param>
/// <param name="targets">All that the domain has.</param>
/// <param name="draw">The randomness.</param>
internal sealed class ServerOrder(BackendPool pool, IReadOnlyList<BackendTarget> targets, RandomDraw draw)
{
    // RFC 2782 draws for all of them at once, and gives a weight of 0 a small chance; of a server it means what it says in the configuration.
    private readonly List<BackendTarget> _left = pool.Policy != LoadBalancing.WeightedRandom ? [.. targets]
        : pool.HasFixedServers ? [.. Drawn(targets, draw).OrderBy(t => t.Weight == 0)]
        : [.. Drawn(targets, draw)];

    /// <summary>The next server to try; null when there is none.</summary>
    public BackendServer? Next()
    {
        _left.RemoveAll(static t => !t.Server.IsAvailable);
        if (_left.Count == 0)
        {
            return null;
        }

        var picked = _left.Count == 1 ? _left[0] : Picked();
        _left.Remove(picked);
        return picked.Server;
    }

    /// <summary>A server is tried out of turn: not again.</summary>
    public void Skip(BackendServer server) => _left.RemoveAll(t => t.Server == server);

    private BackendTarget Picked()
    {
        var priority = _left.Min(t => t.Priority);
        var group = _left.FindAll(t => t.Priority == priority);
        var warm = group.FindAll(t => t.Server.TakesPart());
        return pool.Pick(warm.Count > 0 ? warm : group);
    }

    private static IReadOnlyList<BackendTarget> Drawn(IReadOnlyList<BackendTarget> targets, RandomDraw draw) =>
        SrvTargets.Order(targets, t => new SrvRecord(t.Priority, t.Weight, 0, ""), draw);
}
