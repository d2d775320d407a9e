using System.Diagnostics.Metrics;
using Gateway.Core.Sessions;
using Gateway.Core.Telemetry;
using Gateway.TestKit;

namespace Gateway.Core.Tests.Telemetry;

public sealed class SessionTotalsTests : IDisposable
{
    private readonly TestMeterFactory _meters = new();
    private readonly SessionRegistry _registry = new();
    private readonly GatewayMetrics _metrics;

    public SessionTotalsTests() => _metrics = new GatewayMetrics(_meters, _registry);

    public void Dispose() => _meters.Dispose();

    [Fact]
    public void Stanzas_LiveAndEndedSessions_AreSummed()
    {
        var session = Start(ClientTransport.WebSocket);
        session.Counters.CountUp(100);
        session.Counters.CountDown(20);
        session.Counters.CountDown(30);

        Read("xmpp.gateway.stanzas", "websocket", "down").ShouldBe(2);
        _metrics.SessionEnded(session, SessionEndReason.ClientClosed, TimeSpan.FromSeconds(1));
        Read("xmpp.gateway.stanzas", "websocket", "up").ShouldBe(1);
        Read("xmpp.gateway.stanzas", "websocket", "down").ShouldBe(2);
        Read("xmpp.gateway.bytes", "websocket", "up").ShouldBe(100);
        Read("xmpp.gateway.bytes", "websocket", "down").ShouldBe(50);
        Read("xmpp.gateway.bytes", "bosh", "down").ShouldBe(0);
    }

    [Fact]
    public void SessionEnded_Twice_CountsOnce()
    {
        var session = Start(ClientTransport.Bosh);
        session.Counters.CountUp(7);

        _metrics.SessionEnded(session, SessionEndReason.ClientClosed, TimeSpan.FromSeconds(1));
        _metrics.SessionEnded(session, SessionEndReason.Inactivity, TimeSpan.FromSeconds(1));

        Read("xmpp.gateway.bytes", "bosh", "up").ShouldBe(7);
        _registry.Count.ShouldBe(0);
    }

    [Fact]
    public async Task Totals_WhileSessionsEnd_NeverFall()
    {
        var sessions = Enumerable.Range(0, 500).Select(_ => Start(ClientTransport.Bosh)).ToArray();
        Array.ForEach(sessions, s => s.Counters.CountUp(1));
        var ending = Task.Run(() => Array.ForEach(sessions, s => _metrics.SessionEnded(s, SessionEndReason.ClientLost, TimeSpan.Zero)), TestContext.Current.CancellationToken);

        do
        {
            Read("xmpp.gateway.stanzas", "bosh", "up").ShouldBe(500);
        }
        while (!ending.IsCompleted);

        await ending.WithinAsync();
        Read("xmpp.gateway.stanzas", "bosh", "up").ShouldBe(500);
    }

    [Fact]
    public void Active_DomainWithoutSessionsAnyMore_IsToldAsZero()
    {
        var session = Start(ClientTransport.Bosh);
        Read("xmpp.gateway.sessions.active", "bosh", "example.org").ShouldBe(1);

        _metrics.SessionEnded(session, SessionEndReason.ClientClosed, TimeSpan.Zero);

        Read("xmpp.gateway.sessions.active", "bosh", "example.org").ShouldBe(0);
    }

    [Fact]
    public void Active_SessionWithoutAStreamYet_IsCountedWhenItHasADomain()
    {
        var session = Start(ClientTransport.WebSocket, domain: null);
        Read("xmpp.gateway.sessions.active", "websocket", "").ShouldBeNull();

        session.Domain = "example.org";

        Read("xmpp.gateway.sessions.active", "websocket", "example.org").ShouldBe(1);
        Read("xmpp.gateway.sessions.active", "websocket", "").ShouldBeNull();
    }

    private Session Start(ClientTransport transport, string? domain = "example.org")
    {
        var session = new Session(transport) { Domain = domain };
        _metrics.SessionStarted(session);
        return session;
    }

    private long? Read(string instrument, params string[] tags)
    {
        long? found = null;
        using var listener = new MeterListener
        {
            InstrumentPublished = (published, self) =>
            {
                if (published.Meter.Scope == _meters && published.Name == instrument)
                {
                    self.EnableMeasurementEvents(published);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, labels, _) =>
        {
            if (labels.ToArray().Select(l => (string)l.Value!).SequenceEqual(tags, StringComparer.Ordinal))
            {
                found = value;
            }
        });
        listener.Start();
        listener.RecordObservableInstruments();
        return found;
    }

    private sealed class Session(ClientTransport transport) : IClientSession
    {
        public SessionId Id { get; } = SessionId.New();

        public ClientTransport Transport => transport;

        public string? Domain { get; set; }

        public DateTimeOffset StartedAt => default;

        public SessionCounters Counters { get; } = new();

        public Task CloseAsync(SessionEndReason reason) => Task.CompletedTask;
    }
}
