using Gateway.Core.Backend.Dns;
using Gateway.Core.Sessions;
using Microsoft.Extensions.Logging;

namespace Gateway.Core.Backend.Pools;

/// <summary>One backend as it is configured: what all of its sessions share, and which servers they get.</summary>
internal sealed class BackendPool
{
    private const string ClientService = "_xmpp-client._tcp";
    private const string ClientOverTlsService = "_xmpps-client._tcp";

    /// <summary>Most targets of one answer that count, in the order of their priority.</summary>
    private const int MostTargets = 64;

    /// <summary>How long a server that a domain's records named is remembered, and with it how it failed.</summary>
    private static readonly TimeSpan Memory = DnsSrvResolver.MostTtl;

    private readonly Lock _lock = new();
    private readonly ServerRegistry _registry;
    private readonly BackendTarget[] _fixed;
    private readonly ISrvResolver _resolver;
    private readonly RandomDraw _draw;
    private readonly TimeProvider _time;
    private volatile string? _checkedName;
    private volatile bool _isRetired;
    private volatile SrvTable? _srv;

    /// <summary>Makes the pool; reads certificate files.</summary>
    /// <param name="name">The backend's name, for logs and metrics.</param>
    /// <param name="options">Its configuration; addresses are valid.</param>
    /// <param name="before">The pool of that name so far, whose servers live on.</param>
    /// <param name="resolver">Finds services.</param>
    /// <param name="draw">The randomness of choices.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">One line for each change of a server between up and down.</param>
    public BackendPool(string name, BackendOptions options, BackendPool? before, ISrvResolver resolver, RandomDraw draw, TimeProvider time, ILogger log)
    {
        (Name, Options, _resolver, _draw, _time) = (name, options, resolver, draw, time);
        _registry = before?._registry ?? new ServerRegistry((key, inForce, sessions) => new BackendServer(name, key, inForce, sessions, draw, time, log), options);
        _srv = before?.Options is { } then && (then.Srv, then.Security) == (options.Srv, options.Security) ? before._srv : null;
        Pipeline = new ConnectPipeline(options.SetupTimeout, time);
        Tls = new BackendTls(options.Tls, time);
        _fixed = [.. options.Servers.Select(s => new BackendTarget(_registry.GetOrAdd(KeyOf(s, options)), s.Priority, s.Weight))];
    }

    /// <summary>The backend's name.</summary>
    public string Name { get; }

    /// <summary>Its configuration.</summary>
    public BackendOptions Options { get; }

    /// <summary>The time limit of one login.</summary>
    public ConnectPipeline Pipeline { get; }

    /// <summary>TLS to its servers.</summary>
    public BackendTls Tls { get; }

    /// <summary>The servers that are known, those included that get no new sessions.</summary>
    public IEnumerable<BackendServer> Servers => _registry.Servers;

    /// <summary>Its sessions.</summary>
    public SessionCount Sessions => _registry.Sessions;

    /// <summary>The name that checks ask for; null: no domain leads here.</summary>
    public string? CheckedName => _checkedName;

    /// <summary>They are named by the configuration.</summary>
    public bool HasFixedServers => _fixed.Length > 0;

    /// <summary>How its servers are chosen; <see cref="LoadBalancing.WeightedRandom"/> with SRV records, as RFC 2782 has it.</summary>
    public LoadBalancing Policy => _fixed.Length > 0 ? Options.LoadBalancing : LoadBalancing.WeightedRandom;

    /// <summary>All of its servers are down. Never said of those of many domains: one domain's are not another's.</summary>
    public bool IsDown => Current is { Length: > 0 } targets && Array.TrueForAll(targets, t => t.Server.IsDown);

    /// <summary>None of its servers gets a login now.</summary>
    public bool HasNobody => Current is { Length: > 0 } targets && !Array.Exists(targets, t => t.Server.IsAvailable);

    private BackendTarget[] Current => _fixed.Length > 0 ? _fixed : _srv?.Targets ?? [];

    /// <summary>It gives this server to new sessions.</summary>
    public bool IsNamed(BackendServer server) =>
        !_isRetired && (Options.IsPerDomain ? _time.GetElapsedTime(server.LastNamed) < Memory : Array.Exists(Current, t => t.Server == server));

    /// <summary>Begins to serve.</summary>
    /// <param name="names">The exact domains that lead here.</param>
    /// <param name="patterns">The domains below which all lead here.</param>
    public void Activate(IReadOnlyCollection<string> names, IReadOnlyCollection<string> patterns)
    {
        _checkedName = names.FirstOrDefault() ?? patterns.FirstOrDefault();
        foreach (var target in Current)
        {
            _registry.Keep(target.Server);
        }

        _registry.Configure(Options, patterns.Count > 0 ? ServedNames.Any : names.Count == 1 ? ServedNames.One : ServedNames.Some);
    }

    /// <summary>Ends: its servers get no new sessions.</summary>
    public void Retire() => _isRetired = true;

    /// <summary>Forgets servers that are neither named nor used.</summary>
    /// <returns>Some are left.</returns>
    public bool Tidy() => _registry.Tidy(IsNamed);

    /// <summary>Chooses among servers of one priority.</summary>
    public BackendTarget Pick(IReadOnlyList<BackendTarget> group)
    {
        if (Policy != LoadBalancing.RoundRobin)
        {
            return ServerPicker.Pick(Policy, group, _draw);
        }

        lock (_lock)
        {
            return ServerPicker.Pick(Policy, group, _draw);
        }
    }

    /// <summary>The servers that a domain has (XS-001, XS-002).</summary>
    /// <param name="domain">The session's domain.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="BackendConnectException">DNS names none.</exception>
    public async ValueTask<IReadOnlyList<BackendTarget>> TargetsAsync(string domain, CancellationToken cancellationToken)
    {
        if (_fixed.Length > 0)
        {
            return _fixed;
        }

        var host = CertificateNames.ToAscii(Options.Srv ?? domain);
        var asksPlain = Options.Security != BackendSecurity.DirectTls;
        var asksDirect = Options.Security is BackendSecurity.Srv or BackendSecurity.DirectTls;
        var plainAnswer = asksPlain ? _resolver.FindServiceAsync(ClientService, host, cancellationToken).AsTask() : null;
        var directAnswer = asksDirect ? _resolver.FindServiceAsync(ClientOverTlsService, host, cancellationToken).AsTask() : null;
        var plain = plainAnswer is null ? DnsAnswer.None : await plainAnswer;
        var direct = directAnswer is null ? DnsAnswer.None : await directAnswer;
        if (_srv is { } known && known.Plain == plain && known.Direct == direct)
        {
            return known.Targets;
        }

        // DISC-025: both as one list, each record with its service, which says where TLS begins (XS-019, XS-029).
        var starttls = Options.Security == BackendSecurity.Srv ? BackendSecurity.StartTls : Options.Security;
        var records = plain.Services.Select(r => (Record: r, Security: starttls)).Concat(direct.Services.Select(r => (Record: r, Security: BackendSecurity.DirectTls)));
        BackendTarget[] targets =
        [
            .. records.Where(r => r.Record is { Target.Length: > 0, Port: > 0 })
                .OrderBy(r => r.Record.Priority)
                .Take(MostTargets)
                .Select(r => new BackendTarget(Named(new BackendAddress(r.Record.Target, r.Record.Port), r.Security), r.Record.Priority, r.Record.Weight)),
        ];

        // DISC-028 to DISC-031: records, the one that says "not here" included, are an answer; only their absence leads to the domain itself.
        if (targets.Length == 0)
        {
            if (!asksPlain || plain.Outcome == DnsOutcome.Found || direct.Outcome == DnsOutcome.Found)
            {
                throw new BackendConnectException(SessionEndReason.DnsFailed, plain.Failure ?? direct.Failure ?? "the domain's SRV records name no server");
            }

            targets = [new BackendTarget(Named(new BackendAddress(host, BackendAddress.DefaultPort), starttls), 0, 0)];
        }

        if (!Options.IsPerDomain)
        {
            _srv = new SrvTable(plain, direct, targets);
            foreach (var target in targets)
            {
                _registry.Keep(target.Server);
            }
        }

        return targets;
    }

    private static ServerKey KeyOf(BackendServerOptions server, BackendOptions options) =>
        BackendAddress.TryParse(server.Address, out var address)
            ? new ServerKey(address with { Port = address.Port != 0 ? address.Port : BackendAddress.DefaultPort }, options.Security)
            : throw new ArgumentException($"'{server.Address}' is no host:port.", nameof(server));

    private BackendServer Named(BackendAddress address, BackendSecurity security)
    {
        var server = _registry.GetOrAdd(new ServerKey(address, security));
        server.LastNamed = _time.GetTimestamp();
        return server;
    }

    /// <summary>What SRV records said, and what it was made into.</summary>
    private sealed record SrvTable(DnsAnswer Plain, DnsAnswer Direct, BackendTarget[] Targets);
}
