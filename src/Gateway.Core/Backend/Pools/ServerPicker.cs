using Gateway.Core.Backend.Dns;

namespace Gateway.Core.Backend.Pools;

/// <summary>The four ways to choose among servers of one priority. Pure but for the turns of <see cref="LoadBalancing.RoundRobin"/>.</summary>
internal static class ServerPicker
{
    /// <summary>Chooses.</summary>
    /// <param name="policy">How.</param>
    /// <param name="servers">At least one, all of them up; for <see cref="LoadBalancing.WeightedRandom"/> in the order that was drawn.</param>
    /// <param name="draw">The randomness.</param>
    public static BackendTarget Pick(LoadBalancing policy, IReadOnlyList<BackendTarget> servers, RandomDraw draw) =>
        servers.Count == 1 ? servers[0] : policy switch
        {
            LoadBalancing.LeastSessions => servers.Aggregate((best, next) => IsLessLoaded(next, best) ? next : best),
            LoadBalancing.RoundRobin => NextTurn(servers),
            LoadBalancing.WeightedRandom => servers[0],
            _ => LessLoadedOfTwo(servers, draw),
        };

    private static BackendTarget LessLoadedOfTwo(IReadOnlyList<BackendTarget> servers, RandomDraw draw)
    {
        var first = Draw(servers, except: -1, draw);
        var second = Draw(servers, first, draw);
        return IsLessLoaded(servers[second], servers[first]) ? servers[second] : servers[first];
    }

    /// <summary>One session more would weigh less on it. A weight of 0 is that of a server for emergencies.</summary>
    private static bool IsLessLoaded(in BackendTarget one, in BackendTarget other) =>
        one.Weight == 0 && other.Weight == 0
            ? one.Server.Sessions < other.Server.Sessions
            : (one.Server.Sessions + 1L) * other.Weight < (other.Server.Sessions + 1L) * one.Weight;

    /// <summary>One drawn by weight; where nobody has any, by chance.</summary>
    private static int Draw(IReadOnlyList<BackendTarget> servers, int except, RandomDraw draw)
    {
        var total = 0;
        for (var i = 0; i < servers.Count; i++)
        {
            total += i == except ? 0 : servers[i].Weight;
        }

        var drawn = draw((total > 0 ? total : servers.Count - (except < 0 ? 0 : 1)) - 1);
        var picked = 0;
        for (; picked < servers.Count - 1; picked++)
        {
            drawn -= picked == except ? 0 : total > 0 ? servers[picked].Weight : 1;
            if (drawn < 0 && picked != except)
            {
                break;
            }
        }

        return picked;
    }

    /// <summary>Everybody gets turns as it weighs, who has most goes and pays for all: spread evenly, never in bursts.</summary>
    private static BackendTarget NextTurn(IReadOnlyList<BackendTarget> servers)
    {
        var none = servers.All(t => t.Weight == 0);
        var best = servers.First(t => none || t.Weight > 0);
        var total = 0L;
        foreach (var target in servers.Where(t => none || t.Weight > 0))
        {
            var weight = none ? 1L : target.Weight;
            total += weight;
            target.Server.Turns += weight;
            best = target.Server.Turns > best.Server.Turns ? target : best;
        }

        best.Server.Turns -= total;
        return best;
    }
}
