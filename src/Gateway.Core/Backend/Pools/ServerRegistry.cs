using System.Collections.Concurrent;

namespace Gateway.Core.Backend.Pools;

/// <summary>The servers of a backend and its sessions, for as long as the backend has its name: changes of the configuration pass over it.</summary>
/// <param name="make">Makes a server.</param>
/// <param name="options">What is in force at first.</param>
internal sealed class ServerRegistry(Func<ServerKey, BackendOptions, SessionCount, BackendServer> make, BackendOptions options)
{
    /// <summary>Most servers that are remembered without a session: who owns a domain's DNS may name as many as he likes.</summary>
    private const int Most = 1024;

    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<ServerKey, BackendServer> _servers = new();
    private BackendOptions _options = options;
    private ServedNames _serves = ServedNames.Some;

    /// <summary>Its sessions.</summary>
    public SessionCount Sessions { get; } = new();

    /// <summary>Every server that is known.</summary>
    public IEnumerable<BackendServer> Servers
    {
        get
        {
            foreach (var (_, server) in _servers)
            {
                yield return server;
            }
        }
    }

    /// <summary>The server of that key. A new one goes by what is in force, whoever asks: a login may have waited for DNS while that changed.</summary>
    public BackendServer GetOrAdd(ServerKey key)
    {
        if (_servers.TryGetValue(key, out var known))
        {
            return known;
        }

        lock (_lock)
        {
            while (_servers.Count >= Most && TryMakeRoom())
            {
            }

            return _servers.GetOrAdd(key, made =>
            {
                var server = make(made, _options, Sessions);
                server.Serves = _serves;
                return server;
            });
        }
    }

    /// <summary>A server that is given to sessions is known, whoever forgot it before they were.</summary>
    public void Keep(BackendServer server) => _servers.TryAdd(new ServerKey(server.Address, server.Security), server);

    /// <summary>Something else is in force.</summary>
    public void Configure(BackendOptions options, ServedNames serves)
    {
        lock (_lock)
        {
            (_options, _serves) = (options, serves);
            foreach (var server in Servers)
            {
                server.Serves = serves;
                server.Configure(options);
            }
        }
    }

    /// <summary>Forgets servers that nobody uses.</summary>
    /// <param name="isNamed">Who stays all the same.</param>
    /// <returns>Servers or sessions are left.</returns>
    public bool Tidy(Func<BackendServer, bool> isNamed)
    {
        foreach (var (key, server) in _servers)
        {
            if (server.Sessions == 0 && !isNamed(server))
            {
                _servers.TryRemove(key, out _);
            }
        }

        return !_servers.IsEmpty || Sessions.Value > 0;
    }

    /// <summary>The one goes that was named least lately and would be missed least: a server that is left alone is dialled anew by who forgets it.</summary>
    private bool TryMakeRoom()
    {
        var idle = _servers.Where(s => s.Value.Sessions == 0).ToArray();
        return idle.Length > 0 && _servers.TryRemove(idle.MinBy(s => (s.Value.IsDown, s.Value.LastNamed)));
    }
}
