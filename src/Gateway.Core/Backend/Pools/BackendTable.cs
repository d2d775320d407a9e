using Gateway.Core.Backend.Dns;
using Gateway.Core.Policies;
using Microsoft.Extensions.Logging;

namespace Gateway.Core.Backend.Pools;

/// <summary>All backends by name, and what can be seen of them. What is configured may change while sessions run.</summary>
public sealed class BackendTable
{
    private readonly ISrvResolver _resolver;
    private readonly RandomDraw _draw;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private volatile Generation _now;

    /// <summary>Sets the backends up; reads certificate files.</summary>
    /// <param name="backends">The configured ones by name; addresses are valid.</param>
    /// <param name="domains">Who leads to which.</param>
    /// <param name="resolver">Finds services.</param>
    /// <param name="draw">The randomness of choices.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">One line for each change of a server between up and down.</param>
    public BackendTable(
        IReadOnlyDictionary<string, BackendOptions> backends,
        IReadOnlyCollection<ServedDomain> domains,
        ISrvResolver resolver,
        RandomDraw draw,
        TimeProvider time,
        ILogger<BackendTable> log)
    {
        (_resolver, _draw, _time, _log) = (resolver, draw, time, log);
        _now = new Generation(new Dictionary<string, BackendPool>(StringComparer.OrdinalIgnoreCase), []);
        Prepare(backends, domains)();
    }

    /// <summary>The backends in force.</summary>
    internal IEnumerable<BackendPool> Pools => _now.Pools.Values;

    /// <summary>Every backend that a domain leads to is down.</summary>
    public bool IsDown => _now.Pools.Values.Where(p => p.CheckedName is not null).ToArray() is { Length: > 0 } used && Array.TrueForAll(used, p => p.IsDown);

    /// <summary>What can be seen of all backends, those included that were removed and still have sessions.</summary>
    public IReadOnlyList<BackendState> Snapshot() =>
    [
        .. _now.Pools.Values.Where(p => p.CheckedName is not null || p.Servers.Any()).Concat(_now.Leaving).Select(pool => new BackendState(
            pool,
            [.. pool.Servers.OrderBy(s => s.Address.ToString(), StringComparer.Ordinal).Select(server => new ServerState(server, pool.IsNamed(server)))])),
    ];

    /// <summary>Sets up what is configured anew, in place of all there is; nothing changes until the result is called.</summary>
    /// <returns>Brings it into force. Sessions go on; servers that are named no more get no new ones.</returns>
    public Action Prepare(IReadOnlyDictionary<string, BackendOptions> backends, IReadOnlyCollection<ServedDomain> domains)
    {
        ArgumentNullException.ThrowIfNull(backends);
        var before = _now;
        var pools = backends.Append(new KeyValuePair<string, BackendOptions>(ServedDomain.OwnSrv, OwnSrv)).ToDictionary(
            b => b.Key,
            b => new BackendPool(
                b.Key == ServedDomain.OwnSrv ? ServedDomain.OwnSrvName : b.Key,
                b.Value,
                before.Pools.GetValueOrDefault(b.Key) ?? before.Leaving.FirstOrDefault(p => IsCalled(p, b.Key)),
                _resolver,
                _draw,
                _time,
                _log),
            StringComparer.OrdinalIgnoreCase);
        foreach (var domain in domains)
        {
            domain.Pool = pools[domain.Backend];
        }

        return () =>
        {
            foreach (var (key, pool) in pools)
            {
                var leading = domains.Where(d => string.Equals(d.Backend, key, StringComparison.OrdinalIgnoreCase)).Select(d => d.Name).ToArray();
                pool.Activate(
                    [.. leading.Where(n => !n.StartsWith("*.", StringComparison.Ordinal))],
                    [.. leading.Where(n => n.StartsWith("*.", StringComparison.Ordinal)).Select(n => n[2..])]);
            }

            var leaving = before.Pools.Values.Concat(before.Leaving).Where(p => !pools.Values.Any(n => IsCalled(n, p.Name))).ToArray();
            foreach (var pool in leaving)
            {
                pool.Retire();
            }

            _now = new Generation(pools, leaving);
        };
    }

    private static bool IsCalled(BackendPool pool, string name) => string.Equals(pool.Name, name, StringComparison.OrdinalIgnoreCase);

    /// <summary>The backend of that name. A session may have been sent here a moment before the backend was removed.</summary>
    internal BackendPool? Find(string name)
    {
        var now = _now;
        return now.Pools.GetValueOrDefault(name) ?? now.Leaving.FirstOrDefault(p => IsCalled(p, name));
    }

    /// <summary>Forgets servers that are neither named nor used, and removed backends without any.</summary>
    internal void Tidy()
    {
        foreach (var pool in Pools)
        {
            pool.Tidy();
        }

        var now = _now;
        BackendPool[] leaving = [.. now.Leaving.Where(p => p.Tidy())];
        if (leaving.Length != now.Leaving.Length)
        {
            Interlocked.CompareExchange(ref _now, now with { Leaving = leaving }, now);
        }
    }

    /// <summary>Checking them is their owners' business; each is tried by whoever logs in.</summary>
    private static BackendOptions OwnSrv { get; } = new() { Security = BackendSecurity.Srv, HealthCheck = { Enabled = false } };

    private sealed record Generation(IReadOnlyDictionary<string, BackendPool> Pools, BackendPool[] Leaving);
}
