using System.Net;
using System.Net.Sockets;

namespace Gateway.Core.Backend.Dns;

/// <summary>
/// Services by our own queries, because the platform has none for SRV records. Addresses from the same servers when an operator
/// named some, otherwise from the system's own resolver, which reads the file of hosts and keeps what it wants.
/// </summary>
public sealed class DnsSrvResolver : ISrvResolver
{
    /// <summary>How long an answer is kept at least (DISC-034): 5 s. Where nobody answered it is kept as long.</summary>
    public static readonly TimeSpan LeastTtl = TimeSpan.FromSeconds(5);

    /// <summary>How long an answer is kept at most (DISC-034): 1 h.</summary>
    public static readonly TimeSpan MostTtl = TimeSpan.FromHours(1);

    /// <summary>How long it is kept that there is nothing (DISC-034): 30 s.</summary>
    public static readonly TimeSpan NegativeTtl = TimeSpan.FromSeconds(30);

    /// <summary>Most answers that are kept: a pattern of domains lets clients name as many as they like.</summary>
    public const int Capacity = 4096;

    private const string SystemResolver = "the system's resolver";
    private static readonly DnsAnswer NoData = new(DnsOutcome.NoData, false, 0, [], []);

    private readonly DnsServers _servers;
    private readonly DnsClient _client;
    private readonly TtlCache<(string Name, DnsRecordType Type), DnsAnswer> _cache;

    /// <inheritdoc/>
    public string AskedForAddresses { get; }

    /// <summary>Makes a resolver.</summary>
    /// <param name="options">Whom to ask.</param>
    /// <param name="time">The clock.</param>
    /// <param name="draw">The randomness of query ids.</param>
    public DnsSrvResolver(DnsOptions options, TimeProvider time, RandomDraw draw)
    {
        _servers = new DnsServers(options.Servers);
        AskedForAddresses = _servers.IsConfigured ? string.Join(", ", options.Servers) : SystemResolver;
        _client = new DnsClient(_servers, time, draw);
        _cache = new TtlCache<(string, DnsRecordType), DnsAnswer>(Capacity, static answer => answer.Outcome == DnsOutcome.Found, time);
    }

    /// <inheritdoc/>
    public ValueTask<DnsAnswer> FindServiceAsync(string service, string domain, CancellationToken cancellationToken) =>
        AskAsync($"{service}.{domain}", DnsRecordType.Srv, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<DnsAnswer> FindAddressesAsync(string host, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(host, out var literal))
        {
            return Found([literal]);
        }

        // RFC 6761 §6.3: localhost is no question for a server.
        var isLocal = host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase);
        return _servers.IsConfigured && !isLocal ? await AskServersAsync(host, cancellationToken) : await AskSystemAsync(host, cancellationToken);
    }

    private async ValueTask<DnsAnswer> AskServersAsync(string host, CancellationToken cancellationToken)
    {
        var six = AskAsync(host, DnsRecordType.Aaaa, cancellationToken).AsTask();
        var four = AskAsync(host, DnsRecordType.A, cancellationToken).AsTask();
        var answers = await Task.WhenAll(six, four);
        IPAddress[] addresses = [.. answers.SelectMany(a => a.Addresses)];

        // One family that nobody answered for may hold what the other lacks: then it is not known that there is nothing.
        return addresses.Length > 0 ? Found(addresses) : answers.FirstOrDefault(a => a.Outcome == DnsOutcome.NoAnswer) ?? NoData;
    }

    private static async ValueTask<DnsAnswer> AskSystemAsync(string host, CancellationToken cancellationToken)
    {
        try
        {
            // The system's resolver cannot be interrupted everywhere; the wait for it can.
            return Found(await System.Net.Dns.GetHostAddressesAsync(host, cancellationToken).WaitAsync(cancellationToken));
        }
        catch (Exception e) when (e is ArgumentException or SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData })
        {
            return NoData;
        }
        catch (SocketException e)
        {
            return DnsAnswer.None with { Failure = $"{SystemResolver} gave no answer: {e.SocketErrorCode}" };
        }
    }

    private static DnsAnswer Found(IPAddress[] addresses) => addresses.Length > 0 ? NoData with { Outcome = DnsOutcome.Found, Addresses = addresses } : NoData;

    /// <summary>One answer for all who ask at a time; who gives up leaves the others waiting.</summary>
    private async ValueTask<DnsAnswer> AskAsync(string name, DnsRecordType type, CancellationToken cancellationToken) =>
        await _cache.GetAsync((name.ToLowerInvariant(), type), FetchAsync).WaitAsync(cancellationToken);

    private async Task<(DnsAnswer Answer, TimeSpan Ttl)> FetchAsync((string Name, DnsRecordType Type) question)
    {
        var answer = await _client.AskAsync(question.Name, question.Type);
        var ttl = answer.Outcome switch
        {
            DnsOutcome.Found => TimeSpan.FromSeconds(Math.Clamp(answer.Ttl, (long)LeastTtl.TotalSeconds, (long)MostTtl.TotalSeconds)),
            DnsOutcome.NoData => NegativeTtl,
            _ => LeastTtl,
        };
        return (answer, ttl);
    }
}
