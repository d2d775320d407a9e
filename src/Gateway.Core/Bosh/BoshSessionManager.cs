using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Net;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Gateway.Core.Backend;
using Gateway.Core.Policies;
using Gateway.Core.Sessions;
using Gateway.Core.Telemetry;
using Gateway.Core.Timing;
using Gateway.Xmpp.Bosh;
using Microsoft.Extensions.Logging;

namespace Gateway.Core.Bosh;

/// <summary>Fills a span with bytes that nobody can foretell.</summary>
public delegate void RandomSource(Span<byte> bytes);

/// <summary>From a sid to its session, and from a creation request to a new one.</summary>
public sealed class BoshSessionManager
{
    private const int SidBytes = 16; // BOSH-041: 128 bits

    private readonly ConcurrentDictionary<string, BoshSession> _sessions = new(new SidComparer());
    private readonly DomainPolicy _domains;
    private readonly GatewayMetrics _metrics;
    private readonly SessionRegistry _registry;
    private readonly RandomSource _random;
    private readonly BoshSessionServices _services;

    /// <summary>Takes what sessions need.</summary>
    public BoshSessionManager(
        IBackendConnector connector,
        DomainPolicy domains,
        GatewayMetrics metrics,
        AuthenticationWatch watch,
        SessionRegistry registry,
        BoshOptions options,
        SessionLimits limits,
        TimeProvider time,
        ILogger<BoshSession> log,
        RandomSource? random = null)
    {
        _domains = domains;
        _metrics = metrics;
        _registry = registry;
        _random = random ?? RandomNumberGenerator.Fill;
        _services = new BoshSessionServices(connector, metrics, watch, options, limits, time, new TimerWheel(time), log, sid => _sessions.TryRemove(sid, out _));
    }

    /// <summary>Sessions known here, those that linger included.</summary>
    public int Count => _sessions.Count;

    /// <summary>What is granted.</summary>
    public BoshOptions Options => _services.Options;

    /// <summary>What a client may cost, on whatever domain: a session's own limits are never wider.</summary>
    public SessionLimits Limits => _domains.WidestLimits(_services.Limits);

    /// <summary>The session of a sid, which may have ended and linger.</summary>
    public BoshSession? Find(string sid) => _sessions.GetValueOrDefault(sid);

    /// <summary>No further session fits (EDGE-031).</summary>
    public bool IsFull => _services.Limits.MaxSessions > 0 && _registry.Count >= _services.Limits.MaxSessions;

    /// <summary>Too many logins of an address have failed (EDGE-038).</summary>
    /// <param name="client">Where the client is.</param>
    /// <param name="retryAfter">How long it gets no further session.</param>
    public bool IsBarred(IPAddress? client, out TimeSpan retryAfter) => _services.Watch.IsBarred(client, out retryAfter);

    /// <summary>Begins a session. False: the refusal says why, and nothing is left.</summary>
    /// <param name="exchange">The creation request.</param>
    /// <param name="client">The client's connection.</param>
    /// <param name="session">The new session; its creation response is the exchange's.</param>
    /// <param name="refusal">The terminal body otherwise.</param>
    public bool TryCreate(HeldRequest exchange, ClientConnection client, out BoshSession session, out BoshResponse refusal)
    {
        ArgumentNullException.ThrowIfNull(exchange);
        session = null!;
        refusal = default;
        var body = exchange.Request!.Body;
        if (body.Rid is null || body.Malformed != BoshAttributes.None)
        {
            refusal = Refuse(SessionEndReason.BadRequest, body);
            return false;
        }

        if (string.IsNullOrEmpty(body.To))
        {
            refusal = Refuse(SessionEndReason.ImproperAddressing, body);
            return false;
        }

        if (_domains.Find(body.To, out var name) is not { } served)
        {
            refusal = Refuse(SessionEndReason.HostUnknown, body);
            return false;
        }

        var domain = name.Unicode; // BOSH-035
        var services = served.Limits is null && served.Bosh is null
            ? _services
            : _services with { Limits = served.Limits ?? _services.Limits, Options = served.Bosh ?? _services.Options };
        if (!BoshTerms.TryNegotiate(body, NewSid(), domain, services.Options, out var terms))
        {
            refusal = Refuse(SessionEndReason.BadRequest, body);
            return false;
        }

        var request = new BackendRequest(served.Backend, domain, terms.From, terms.Lang, client) { Version = terms.Version, Pool = served.Pool };
        session = new BoshSession(terms, request, served, services);
        _sessions[terms.Sid] = session;
        session.Start(exchange);
        return true;
    }

    private BoshResponse Refuse(SessionEndReason reason, BoshBody body)
    {
        _metrics.SessionRejected(reason);
        return BoshSessionMachine.TerminalResponse(reason.ToTerminalCondition(), body.Ver is null, BoshResponse.DefaultContentType);
    }

    private string NewSid()
    {
        Span<byte> bytes = stackalloc byte[SidBytes];
        _random(bytes);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>The hash is seeded anew in every process and the comparison takes the same time wherever the names differ (BOSH-041, BOSH-095).</summary>
    private sealed class SidComparer : IEqualityComparer<string>
    {
        public bool Equals(string? x, string? y) =>
            CryptographicOperations.FixedTimeEquals(MemoryMarshal.AsBytes<char>(x), MemoryMarshal.AsBytes<char>(y));

        public int GetHashCode(string obj) => string.GetHashCode(obj, StringComparison.Ordinal);
    }
}
