using System.Diagnostics.Metrics;
using Gateway.Core.Backend.Pools;
using Gateway.Core.Sessions;

namespace Gateway.Core.Telemetry;

/// <summary>
/// Every instrument of the product, with methods named for events. Tags come from closed lists only. Names and units follow
/// interface.md section 5: dots and a UCUM unit here, underscores and the unit's name in the Prometheus spelling.
/// </summary>
public sealed class GatewayMetrics
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "xmpp.gateway";

    // From a chat that was only looked at to one that stays open for a week.
    private static readonly double[] SessionSeconds = [1, 5, 15, 60, 300, 900, 3600, 14_400, 43_200, 86_400, 604_800];

    // From loopback to the longest set-up that the defaults allow (20 s).
    private static readonly double[] ConnectSeconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20];

    private static readonly double[] ProcessingSeconds = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1];

    // Up to the longest wait that can be configured (5 min).
    private static readonly double[] HeldSeconds = [0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300];

    private readonly Meter _meter;
    private readonly SessionRegistry _registry;
    private readonly SessionTotals _totals;
    private readonly Counter<long> _opened;
    private readonly Counter<long> _rejected;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _connect;
    private readonly Histogram<double> _processingTime;
    private readonly Histogram<double> _heldTime;
    private readonly Counter<long> _replays;
    private readonly Counter<long> _ridViolations;
    private readonly Counter<long> _undelivered;
    private readonly Counter<long> _authFailures;
    private readonly Counter<long> _channelBindingOffers;
    private long _held; // changes twice with each request, so the instrument asks for it when it is read

    /// <summary>Creates the instruments.</summary>
    public GatewayMetrics(IMeterFactory meters, SessionRegistry registry)
    {
        var meter = meters.Create(MeterName);
        _registry = registry;
        _totals = new SessionTotals(registry);

        meter.CreateObservableUpDownCounter("xmpp.gateway.sessions.active", _totals.Active, "{session}", "Live sessions.");
        _opened = meter.CreateCounter<long>("xmpp.gateway.sessions.opened", "{session}", "Sessions that began.");
        _rejected = meter.CreateCounter<long>("xmpp.gateway.sessions.rejected", "{session}", "Sessions refused before they began.");
        _duration = Seconds(meter, "xmpp.gateway.session.duration", "Length of ended sessions.", SessionSeconds);
        meter.CreateObservableCounter("xmpp.gateway.stanzas", _totals.Stanzas, "{stanza}", "First-level elements relayed.");
        meter.CreateObservableCounter("xmpp.gateway.bytes", _totals.Bytes, "By", "Bytes of first-level elements relayed.");
        _connect = Seconds(meter, "xmpp.gateway.backend.connect", "Time to open a stream to a backend, over all servers tried.", ConnectSeconds);
        meter.CreateObservableUpDownCounter("xmpp.gateway.bosh.requests.held", () => Interlocked.Read(ref _held), "{request}", "BOSH requests that wait for something to say.");
        _processingTime = Seconds(meter, "xmpp.gateway.bosh.request.processing", "Time the gateway worked on a BOSH request.", ProcessingSeconds);
        _heldTime = Seconds(meter, "xmpp.gateway.bosh.request.held", "Time a BOSH request waited for something to say.", HeldSeconds);
        _replays = meter.CreateCounter<long>("xmpp.gateway.bosh.replays", "{response}", "BOSH responses sent again from the cache.");
        _ridViolations = meter.CreateCounter<long>("xmpp.gateway.bosh.rid.violations", "{request}", "BOSH requests with a rid outside of the window.");
        _undelivered = meter.CreateCounter<long>("xmpp.gateway.bosh.undelivered", "{stanza}", "Stanzas bounced because their BOSH client had gone.");
        _authFailures = meter.CreateCounter<long>("xmpp.gateway.auth.failures", "{failure}", "Logins that failed.");
        _channelBindingOffers = meter.CreateCounter<long>("xmpp.gateway.backend.channel.binding.offers", "{offer}", "Stream features that offered channel binding, which cannot work through a gateway.");
        _meter = meter;
        Zero();
    }

    /// <summary>Tells of a drain: whether it is on, and how many sessions are left to end.</summary>
    public void Observe(IDrainState drain)
    {
        _meter.CreateObservableGauge("xmpp.gateway.draining", () => drain.IsDraining ? 1L : 0L, null, "1 while the gateway takes no new sessions.");
        _meter.CreateObservableGauge("xmpp.gateway.drain.sessions.left", () => drain.IsDraining ? _registry.Count : 0L, "{session}", "Sessions that a drain has still to end.");
    }

    /// <summary>Tells of the servers of all backends.</summary>
    public void Observe(BackendTable backends)
    {
        // Where the owners of domains name the servers they are not told apart: a label must not grow with them.
        IEnumerable<Measurement<long>> Servers(Func<ServerState, long> value, Func<IEnumerable<long>, long> all) =>
            from backend in backends.Snapshot()
            from server in backend.Servers
            group value(server) by (backend.Name, Server: backend.IsPerDomain ? "any" : server.Server) into one
            select new Measurement<long>(all(one), new("backend", one.Key.Name), new("server", one.Key.Server));

        _meter.CreateObservableUpDownCounter("xmpp.gateway.backend.connections", () => Servers(s => s.Sessions, Enumerable.Sum), "{connection}", "Sessions on a server, those being opened included.");
        _meter.CreateObservableGauge("xmpp.gateway.backend.healthy", () => Servers(s => s.State == Availability.Up ? 1 : 0, Enumerable.Max), null, "1 while a server is up and gets sessions.");
    }

    /// <summary>A session began: it is registered and counted.</summary>
    public void SessionStarted(IClientSession session)
    {
        if (_registry.Add(session))
        {
            _opened.Add(1, new KeyValuePair<string, object?>("transport", session.Transport.ToLabel()));
        }
    }

    /// <summary>A session has released everything it held; a second call for it changes nothing.</summary>
    public void SessionEnded(IClientSession session, SessionEndReason reason, TimeSpan duration)
    {
        if (_totals.Fold(session))
        {
            _duration.Record(
                duration.TotalSeconds,
                new KeyValuePair<string, object?>("transport", session.Transport.ToLabel()),
                new KeyValuePair<string, object?>("end_reason", reason.ToWord()));
        }
    }

    /// <summary>A session was refused before it began.</summary>
    public void SessionRejected(SessionEndReason reason) => _rejected.Add(1, new KeyValuePair<string, object?>("reason", reason.ToWord()));

    /// <summary>An attempt to reach a backend ended; <paramref name="failure"/> is null when it succeeded.</summary>
    public void BackendConnected(string backend, SessionEndReason? failure, TimeSpan duration) =>
        _connect.Record(
            duration.TotalSeconds,
            new KeyValuePair<string, object?>("backend", backend),
            new KeyValuePair<string, object?>("outcome", failure is { } reason ? reason.ToWord() : "success"));

    /// <summary>The held requests changed by <paramref name="delta"/>.</summary>
    public void BoshHeldChanged(int delta) => Interlocked.Add(ref _held, delta);

    /// <summary>A BOSH request was answered.</summary>
    /// <param name="processing">Time the gateway worked on it.</param>
    /// <param name="held">Time it waited for something to say.</param>
    public void BoshRequestAnswered(TimeSpan processing, TimeSpan held)
    {
        _processingTime.Record(processing.TotalSeconds);
        _heldTime.Record(held.TotalSeconds);
    }

    /// <summary>A cached response was sent again.</summary>
    public void BoshReplayed() => _replays.Add(1);

    /// <summary>A rid was outside of its window.</summary>
    public void BoshRidViolated() => _ridViolations.Add(1);

    /// <summary>Stanzas were bounced because their client had gone.</summary>
    public void BoshUndelivered(int count) => _undelivered.Add(count);

    /// <summary>A domain is served: its failures begin at 0.</summary>
    public void DomainServed(string domain) => _authFailures.Add(0, new KeyValuePair<string, object?>("domain", domain));

    /// <summary>A login failed on a configured domain.</summary>
    public void AuthFailed(string domain) => _authFailures.Add(1, new KeyValuePair<string, object?>("domain", domain));

    /// <summary>A backend offered channel binding (EDGE-004).</summary>
    public void ChannelBindingOffered(string backend) => _channelBindingOffers.Add(1, new KeyValuePair<string, object?>("backend", backend));

    // A counter that is not there until its first event hides that event from rate().
    private void Zero()
    {
        _opened.Add(0, new KeyValuePair<string, object?>("transport", ClientTransport.Bosh.ToLabel()));
        _opened.Add(0, new KeyValuePair<string, object?>("transport", ClientTransport.WebSocket.ToLabel()));
        _replays.Add(0);
        _ridViolations.Add(0);
        _undelivered.Add(0);
    }

    private static Histogram<double> Seconds(Meter meter, string name, string description, double[] buckets) =>
        meter.CreateHistogram(name, "s", description, advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = buckets });
}
