using Gateway.Core.Backend.Dns;
using Gateway.Core.Sessions;

namespace Gateway.Core.Backend;

/// <summary>What all sessions of one backend share, and where its servers are.</summary>
/// <param name="name">The backend's name, for logs and metrics.</param>
/// <param name="options">Its configuration; addresses are valid.</param>
/// <param name="resolver">Finds services.</param>
/// <param name="draw">The randomness of the order.</param>
/// <param name="time">The clock.</param>
internal sealed class BackendRoute(string name, BackendOptions options, ISrvResolver resolver, RandomDraw draw, TimeProvider time)
{
    private const string ClientService = "_xmpp-client._tcp";
    private const string ClientOverTlsService = "_xmpps-client._tcp";

    private readonly BackendTarget[] _servers =
    [
        .. options.Servers.OrderBy(s => s.Priority).ThenByDescending(s => s.Weight).Select(s => BackendAddress.TryParse(s.Address, out var address)
            ? new BackendTarget(address with { Port = address.Port != 0 ? address.Port : BackendAddress.DefaultPort }, options.Security, IsPublic: false)
            : throw new ArgumentException($"'{s.Address}' is no host:port.", nameof(options))),
    ];

    public string Name => name;

    public bool FollowsSeeOtherHost => options.FollowSeeOtherHost;

    public TimeSpan ConnectTimeout => options.ConnectTimeout;

    public TimeSpan StepTimeout => options.StepTimeout;

    public ConnectPipeline Pipeline { get; } = new(options.SetupTimeout, time);

    public BackendTls Tls { get; } = new(options.Tls, time);

    /// <summary>The servers in the order in which they are tried (XS-001, XS-002).</summary>
    /// <param name="domain">The session's domain.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="BackendConnectException">DNS names none.</exception>
    public async ValueTask<IReadOnlyList<BackendTarget>> TargetsAsync(string domain, CancellationToken cancellationToken)
    {
        if (_servers.Length > 0)
        {
            return _servers;
        }

        var host = CertificateNames.ToAscii(options.Srv ?? domain);
        var asksPlain = options.Security != BackendSecurity.DirectTls;
        var asksDirect = options.Security is BackendSecurity.Srv or BackendSecurity.DirectTls;
        var plainAnswer = asksPlain ? resolver.FindServiceAsync(ClientService, host, cancellationToken).AsTask() : null;
        var directAnswer = asksDirect ? resolver.FindServiceAsync(ClientOverTlsService, host, cancellationToken).AsTask() : null;
        var plain = plainAnswer is null ? DnsAnswer.None : await plainAnswer;
        var direct = directAnswer is null ? DnsAnswer.None : await directAnswer;

        // DISC-025: both as one list, each record with its service, which says where TLS begins (XS-019, XS-029).
        var starttls = options.Security == BackendSecurity.Srv ? BackendSecurity.StartTls : options.Security;
        var records = plain.Services.Select(r => (Record: r, Security: starttls)).Concat(direct.Services.Select(r => (Record: r, Security: BackendSecurity.DirectTls)));
        var ordered = SrvTargets.Order(records.Where(r => r.Record is { Target.Length: > 0, Port: > 0 }), r => r.Record, draw);
        if (ordered.Count > 0)
        {
            return [.. ordered.Select(r => new BackendTarget(new BackendAddress(r.Record.Target, r.Record.Port), r.Security, IsPublic: options.Srv is null))];
        }

        // DISC-028 to DISC-031: records, the one that says "not here" included, are an answer; only their absence leads to the domain itself.
        if (!asksPlain || plain.Outcome == DnsOutcome.Found || direct.Outcome == DnsOutcome.Found)
        {
            throw new BackendConnectException(SessionEndReason.DnsFailed, plain.Failure ?? direct.Failure ?? "the domain's SRV records name no server");
        }

        return [new BackendTarget(new BackendAddress(host, BackendAddress.DefaultPort), starttls, IsPublic: options.Srv is null)];
    }
}
