using System.Text;
using Gateway.Core.Backend;
using Gateway.Core.Bosh;
using Gateway.Core.Policies;
using Gateway.Core.Sessions;
using Gateway.Core.Telemetry;
using Gateway.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Core.Tests.Bosh;

/// <summary>The session around the rules: backend in memory, time by hand.</summary>
public sealed class BoshSessionTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly TestMeterFactory _meters = new();
    private readonly SessionRegistry _registry = new();
    private readonly FakeBackendConnector _connector = new();
    private readonly GatewayMetrics _metrics;
    private readonly BoshSessionManager _manager;
    private byte _random;

    public BoshSessionTests()
    {
        _metrics = new GatewayMetrics(_meters, _registry);
        _manager = Manager(new BoshOptions());
    }

    public void Dispose() => _meters.Dispose();

    private BoshSessionManager Manager(
        BoshOptions options, SessionLimits? limits = null, TimeProvider? time = null, IBackendConnector? connector = null) => new(
        connector ?? _connector, new DomainPolicy([new ServedDomain("example.com", "main")]), _metrics, new AuthenticationWatch(limits ?? new SessionLimits(), _metrics, time ?? _time, NullLogger<AuthenticationWatch>.Instance), _registry, options,
        limits ?? new SessionLimits(), time ?? _time, NullLogger<BoshSession>.Instance, bytes => bytes.Fill(++_random));

    private (BoshSession Session, Task<string> Response) Create(string creation = MachineRig.Creation)
    {
        var exchange = new HeldRequest(MachineRig.Parse(creation));
        _manager.TryCreate(exchange, null, null, out var session, out _).ShouldBeTrue();
        return (session, Text(exchange));
    }

    private static async Task<string> Text(HeldRequest exchange)
    {
        var response = await exchange.Response;

        // Whoever answers runs what waits for the answer: a test must not go on inside of the session.
        await Task.Yield();
        return Encoding.UTF8.GetString(response.Body.Span);
    }

    private static Task<string> Send(BoshSession session, long rid, string payload = "", string attributes = "") => Send(session, rid, payload, attributes, out _);

    private static Task<string> Send(BoshSession session, long rid, string payload, string attributes, out HeldRequest exchange)
    {
        exchange = new HeldRequest(MachineRig.Parse(MachineRig.Request(rid, payload, attributes)));
        var text = Text(exchange);
        session.Receive(exchange);
        return text;
    }

    private async Task<(BoshSession Session, FakeXmppStream Backend)> LogInAsync()
    {
        var backend = _connector.Give();
        var (session, response) = Create();
        (await response.WithinAsync()).ShouldContain("PLAIN");
        var auth = Send(session, 101, "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
        backend.Receive(MachineRig.Success);
        (await auth.WithinAsync()).ShouldContain("success");
        var restart = Send(session, 102, attributes: "xmpp:restart='true' xmlns:xmpp='urn:xmpp:xbosh'");
        await backend.ExpectAsync("<stream:stream");
        backend.ReceiveHeader();
        (await restart.WithinAsync()).ShouldContain("bind");
        return (session, backend);
    }

    [Fact]
    [Trait("Requirement", "BOSH-108")]
    public async Task LogIn_RestartsTheStreamAndTalksBothWays()
    {
        var (session, backend) = await LogInAsync();
        backend.Restarts.ShouldHaveSingleItem().To.ShouldBe("example.com");
        var request = Send(session, 103, "<message to='b@example.com'><body>hi</body></message>");
        await backend.ExpectAsync("<message to='b@example.com'><body>hi</body></message>");
        backend.Receive("<message from='b@example.com'><body>ho</body></message>");
        (await request.WithinAsync()).ShouldBe(
            MachineRig.Carrying("<message xmlns='jabber:client' from='b@example.com'><body>ho</body></message>"));
        session.Counters.StanzasUp.ShouldBe(2);
        _registry.Count.ShouldBe(1);
    }

    [Fact]
    [Trait("Requirement", "XS-059")]
    public async Task Enabled_LocationIsTakenOut()
    {
        var (session, backend) = await LogInAsync();
        var request = Send(session, 103, "<enable xmlns='urn:xmpp:sm:3' resume='true'/>");
        await backend.ExpectAsync("<enable ");
        backend.Receive("<enabled xmlns='urn:xmpp:sm:3' id='x' location='10.0.0.9:5222' resume='true'/>");
        (await request.WithinAsync()).ShouldContain("<enabled xmlns='urn:xmpp:sm:3' id='x' resume='true'/>");
    }

    [Fact]
    [Trait("Requirement", "BOSH-106")]
    [Trait("Requirement", "XS-058")]
    [Trait("Requirement", "XS-059")]
    public async Task Sasl2Success_ResumptionInside_LosesItsLocationAndShutdownLeavesWithoutAClose()
    {
        var backend = _connector.Give();
        var (session, response) = Create();
        await response.WithinAsync();
        var request = Send(session, 101, "<authenticate xmlns='urn:xmpp:sasl:2' mechanism='PLAIN'/>");
        backend.Receive(
            "<success xmlns='urn:xmpp:sasl:2'><bound xmlns='urn:xmpp:bind:0'>"
            + "<enabled xmlns='urn:xmpp:sm:3' id='x' location='10.0.0.9:5222' resume='true'/></bound></success>");
        (await request.WithinAsync()).ShouldContain("<bound xmlns='urn:xmpp:bind:0'><enabled xmlns='urn:xmpp:sm:3' id='x' resume='true'/></bound>");
        await session.CloseAsync(SessionEndReason.SystemShutdown).WithinAsync();
        backend.Written.ShouldNotContain("</stream:stream>");
    }

    [Fact]
    [Trait("Requirement", "BOSH-089")]
    [Trait("Requirement", "XS-051")]
    public async Task Terminate_SaysCloseWaitsForTheBackendsAndReleasesAll()
    {
        var (session, backend) = await LogInAsync();
        (await Send(session, 103, "<presence type='unavailable'/>", "type='terminate'").WithinAsync()).ShouldBe(MachineRig.Terminate);
        await backend.ExpectAsync("<presence type='unavailable'/></stream:stream>");
        backend.IsDisposed.ShouldBeFalse();
        backend.Receive("</stream:stream>");
        await backend.Disposed;
        await session.Released.WithinAsync();
        _registry.Count.ShouldBe(0);
        _time.Advance(TimeSpan.FromSeconds(30));
        _manager.Count.ShouldBe(0);
        _time.ArmedTimers.ShouldBe(0);
    }

    [Fact]
    [Trait("Requirement", "XS-051")]
    public async Task Terminate_BackendNeverCloses_IsLeftAfterFiveSeconds()
    {
        var (session, backend) = await LogInAsync();
        await Send(session, 103, attributes: "type='terminate'").WithinAsync();
        await backend.ExpectAsync("</stream:stream>");
        _time.Advance(TimeSpan.FromSeconds(5));
        await backend.Disposed;
        await session.Released.WithinAsync();
    }

    [Fact]
    [Trait("Requirement", "BOSH-078")]
    [Trait("Requirement", "BOSH-106")]
    public async Task Inactivity_LeavesTheBackendWithoutAClose()
    {
        var (session, backend) = await LogInAsync();
        _time.Advance(TimeSpan.FromSeconds(90));
        await backend.Disposed;
        await session.Released.WithinAsync();
        backend.Written.ShouldNotContain("</stream:stream>");
        _manager.Find(Sid(1)).ShouldBeNull();
        _time.ArmedTimers.ShouldBe(0);
    }

    [Fact]
    [Trait("Requirement", "BOSH-114")]
    public async Task Inactivity_UndeliveredStanza_IsBouncedBeforeTheConnectionCloses()
    {
        var (session, backend) = await LogInAsync();
        backend.Receive("<message from='b@example.com' id='m1'/>");
        await TestTimeout.UntilAsync(() => session.Counters.StanzasDown == 4);
        _time.Advance(TimeSpan.FromSeconds(90));
        await backend.Disposed;
        backend.Written.ShouldEndWith(
            "<message type='error' to='b@example.com' id='m1'><error type='wait'><recipient-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>");
    }

    [Fact]
    [Trait("Requirement", "BOSH-053")]
    public async Task Held_WaitIsOver_IsAnswered()
    {
        var (session, _) = await LogInAsync();
        var held = Send(session, 103);
        _time.Advance(TimeSpan.FromSeconds(49));
        held.IsCompleted.ShouldBeFalse();
        _time.Advance(TimeSpan.FromSeconds(1));
        (await held.WithinAsync()).ShouldBe(MachineRig.Empty);
    }

    [Fact]
    [Trait("Requirement", "BOSH-097")]
    [Trait("Requirement", "XS-048")]
    public async Task StreamError_ReachesTheClientAndTheCloseIsAnswered()
    {
        var (session, backend) = await LogInAsync();
        var held = Send(session, 103);
        backend.Receive("<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>");
        (await held.WithinAsync()).ShouldBe(
            "<body type='terminate' condition='remote-stream-error' xmlns='http://jabber.org/protocol/httpbind' xmlns:stream='http://etherx.jabber.org/streams'>"
            + "<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></body>");
        await backend.ExpectAsync("</stream:stream>");
        await backend.Disposed;
        await session.Released.WithinAsync();
    }

    [Fact]
    [Trait("Requirement", "XS-049")]
    public async Task SeeOtherHost_IsNeverShown()
    {
        var (session, backend) = await LogInAsync();
        var held = Send(session, 103);
        backend.Receive("<stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>10.0.0.1</see-other-host></stream:error>");
        var body = await held.WithinAsync();
        body.ShouldContain("<reset ");
        body.ShouldNotContain("10.0.0.1");
    }

    [Fact]
    [Trait("Requirement", "BOSH-096")]
    public async Task BackendLost_InTheMiddleOfAStanza_IsRemoteConnectionFailed()
    {
        var (session, backend) = await LogInAsync();
        var held = Send(session, 103);
        backend.Receive("<message><bo");
        backend.Lose();
        (await held.WithinAsync()).ShouldBe(MachineRig.TerminateWith("remote-connection-failed"));
        await session.Released.WithinAsync();
        backend.IsDisposed.ShouldBeTrue();
    }

    [Fact]
    [Trait("Requirement", "XS-050")]
    public async Task BackendSendsNoXml_IsToldSoAndTheClientHearsRemoteConnectionFailed()
    {
        var (session, backend) = await LogInAsync();
        var held = Send(session, 103);
        backend.Receive("<message></iq>");
        (await held.WithinAsync()).ShouldBe(MachineRig.TerminateWith("remote-connection-failed"));
        await backend.ExpectAsync("<not-well-formed xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>");
        await backend.Disposed;
        await session.Released.WithinAsync();
    }

    [Fact]
    [Trait("Requirement", "BOSH-096")]
    public async Task BackendRefuses_TheCreationRequestHearsOfItAndNothingIsLeft()
    {
        _connector.Fail(new BackendConnectException(SessionEndReason.BackendRefused, "refused"));
        var (session, response) = Create();
        (await response.WithinAsync()).ShouldBe(MachineRig.TerminateWith("remote-connection-failed"));
        await session.Released.WithinAsync();
        _registry.Count.ShouldBe(0);
    }

    [Fact]
    public async Task CreationRequestBreaks_WhileConnecting_TheAttemptIsGivenUp()
    {
        _connector.Hang();
        var exchange = new HeldRequest(MachineRig.Parse(MachineRig.Creation));
        _manager.TryCreate(exchange, null, null, out var session, out _).ShouldBeTrue();
        session.Abort(exchange);
        (await exchange.Response).IsAbandoned.ShouldBeTrue();
        await session.Released.WithinAsync();
        _connector.Cancelled.ShouldBe(1);
        _registry.Count.ShouldBe(0);
    }

    [Fact]
    [Trait("Requirement", "BOSH-099")]
    public async Task CloseAsync_Shutdown_CompletesWhenAllIsReleased()
    {
        var (session, backend) = await LogInAsync();
        var held = Send(session, 103);
        var closed = session.CloseAsync(SessionEndReason.SystemShutdown);
        (await held.WithinAsync()).ShouldBe(MachineRig.TerminateWith("system-shutdown"));
        await backend.ExpectAsync("</stream:stream>");
        closed.IsCompleted.ShouldBeFalse();
        backend.Receive("</stream:stream>");
        await closed.WithinAsync();
        backend.IsDisposed.ShouldBeTrue();
    }

    [Fact]
    [Trait("Requirement", "BOSH-048")]
    public async Task ClientNeverReads_BackendIsReadNoFurther()
    {
        var (session, backend) = await LogInAsync();
        var stanza = "<message><body>" + new string('x', 100_000) + "</body></message>";
        for (var i = 0; i < 11; i++)
        {
            backend.Receive(stanza);
            await TestTimeout.UntilAsync(() => session.Counters.StanzasDown >= 4 + i);
        }

        await TestTimeout.UntilAsync(() => !backend.IsReading);
        var fills = backend.Fills;
        backend.Receive(stanza);
        await Task.Yield();
        backend.Fills.ShouldBe(fills);
        session.Counters.StanzasDown.ShouldBe(14);
        (await Send(session, 103).WithinAsync()).Length.ShouldBeLessThan(513 * 1024);
        await TestTimeout.UntilAsync(() => session.Counters.StanzasDown == 15);
    }

    [Fact]
    public async Task BackendDoesNotRead_RequestsAreTakenNoFurtherAndGoUpOnceItDoes()
    {
        var (session, backend) = await LogInAsync();
        backend.HoldWrites();
        var stanza = "<message><body>" + new string('x', 200_000) + "</body></message>";
        for (var rid = 103; rid < 110; rid++)
        {
            _ = Send(session, rid, stanza);
        }

        // One write is under way and more than a mebibyte is queued: the last request waits unprocessed.
        session.Counters.StanzasUp.ShouldBe(7);
        backend.ReleaseWrites();
        await TestTimeout.UntilAsync(() => session.Counters.StanzasUp == 8);
        await backend.ExpectAsync("xxx</body></message>");
    }

    [Fact]
    public async Task UpWrites_QueuedDuringAWrite_GoOutInOne()
    {
        var (session, backend) = await LogInAsync();
        backend.HoldWrites();
        _ = Send(session, 103, "<a xmlns='x'/>");
        _ = Send(session, 104, "<b xmlns='x'/>");
        _ = Send(session, 105, "<c xmlns='x'/>");
        backend.ReleaseWrites();
        await backend.ExpectAsync("<c xmlns='x'/>");
        backend.Writes.TakeLast(2).ShouldBe(["<a xmlns='x'/>", "<b xmlns='x'/><c xmlns='x'/>"]);
    }

    [Fact]
    [Trait("Requirement", "BOSH-041")]
    public async Task Sid_IsTheRandomBytesInBase64Url()
    {
        var (_, response) = Create();
        (await response.WithinAsync()).ShouldContain($"sid='{Sid(1)}'");
        _manager.Find(Sid(1)).ShouldNotBeNull();
        _manager.Find(Sid(2)).ShouldBeNull();
    }

    [Theory]
    [InlineData("to='example.com'", "", "improper-addressing")]
    [InlineData("example.com", "", "improper-addressing")]
    [InlineData("example.com", "example.org", "host-unknown")]
    [InlineData("rid='100'", "", "bad-request")]
    [InlineData("hold='1'", "hold='x'", "bad-request")]
    [InlineData("hold='1'", "content='text/html'", "bad-request")]
    [Trait("Requirement", "BOSH-034")]
    [Trait("Requirement", "BOSH-035")]
    public async Task Creation_Refused_SaysWhyAndLeavesNothing(string old, string replacement, string condition)
    {
        var exchange = new HeldRequest(MachineRig.Parse(MachineRig.Creation.Replace(old, replacement, StringComparison.Ordinal)));
        _manager.TryCreate(exchange, null, null, out _, out var refusal).ShouldBeFalse();
        Encoding.UTF8.GetString(refusal.Body.Span).ShouldBe(MachineRig.TerminateWith(condition));
        refusal.ContentType.ShouldBe("text/xml; charset=utf-8");
        _manager.Count.ShouldBe(0);
        await Task.CompletedTask;
    }

    [Theory]
    [InlineData("EXAMPLE.com.")]
    [Trait("Requirement", "BOSH-035")]
    public async Task Creation_DomainInAnotherForm_IsPrepared(string to)
    {
        var (session, response) = Create(MachineRig.Creation.Replace("to='example.com'", $"to='{to}'", StringComparison.Ordinal));
        (await response.WithinAsync()).ShouldContain("from='example.com'");
        _connector.Requests.ShouldHaveSingleItem().Domain.ShouldBe("example.com");
        session.Domain.ShouldBe("example.com");
    }

    [Fact]
    [Trait("Requirement", "EDGE-035")]
    public async Task ClientLimits_GrowWithAuthentication()
    {
        var (session, response) = Create();
        await response.WithinAsync();
        session.ClientLimits.MaxBytes.ShouldBe(64 * 1024);
        (session, _) = await LogInAsync();
        session.ClientLimits.MaxBytes.ShouldBe(256 * 1024);
    }

    [Fact]
    [Trait("Requirement", "XS-063")]
    public async Task Features_NameTheLimitInForce()
    {
        var backend = _connector.Give();
        var (session, response) = Create();
        (await response.WithinAsync()).ShouldContain("<max-bytes>65536</max-bytes>");
        var auth = Send(session, 101, "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
        backend.Receive(MachineRig.Success);
        await auth.WithinAsync();
        var restart = Send(session, 102, attributes: "xmpp:restart='true' xmlns:xmpp='urn:xmpp:xbosh'");
        await backend.ExpectAsync("<stream:stream");
        backend.ReceiveHeader();
        (await restart.WithinAsync()).ShouldContain("<max-bytes>262144</max-bytes>");
    }

    [Fact]
    public async Task ManySessions_OpenedAndBroken_LeaveNothing()
    {
        const int count = 2000;
        var released = new List<Task>();
        var backends = new List<FakeXmppStream>();
        for (var i = 0; i < count; i++)
        {
            var backend = _connector.Give();
            backends.Add(backend);
            var exchange = new HeldRequest(MachineRig.Parse(MachineRig.Creation));
            _manager.TryCreate(exchange, null, null, out var session, out _).ShouldBeTrue();
            await exchange.Response;
            _ = Send(session, 101, "", "", out var held);
            switch (i % 4)
            {
                case 0:
                    backend.Lose();
                    break;
                case 1:
                    session.Abort(held);
                    break;
                case 2:
                    _ = Send(session, 102, attributes: "type='terminate'");
                    backend.Receive("</stream:stream>");
                    break;
                default:
                    _ = Send(session, 900);
                    break;
            }

            released.Add(session.Released);
        }

        _time.Advance(TimeSpan.FromSeconds(200));
        await Task.WhenAll(released).WithinAsync();
        _time.Advance(TimeSpan.FromSeconds(31));
        backends.ShouldAllBe(b => b.IsDisposed);
        (_manager.Count, _registry.Count, _time.ArmedTimers).ShouldBe((0, 0, 0));
    }

    [Fact]
    [Trait("Requirement", "BOSH-069")]
    [Trait("Requirement", "BOSH-094")]
    public async Task Timer_FiredJustBeforeTheEnd_LeavesTheRecord()
    {
        var time = new LateTimers(_time);
        var manager = Manager(new BoshOptions(), time: time);
        var exchange = new HeldRequest(MachineRig.Parse(MachineRig.Creation));
        manager.TryCreate(exchange, null, null, out var session, out _).ShouldBeTrue();
        await exchange.Response;
        var terminate = await Send(session, 101, attributes: "type='terminate'").WithinAsync();

        time.Callbacks[0]();

        manager.Count.ShouldBe(1);
        (await Send(session, 101, attributes: "type='terminate'").WithinAsync()).ShouldBe(terminate);
        _time.Advance(TimeSpan.FromSeconds(30));
        manager.Count.ShouldBe(0);
    }

    [Fact]
    public async Task Effect_Fails_TheSessionEndsAndNothingIsLeft()
    {
        var (session, backend) = await LogInAsync();
        var held = new HeldRequest(MachineRig.Parse(MachineRig.Request(103)));
        FailWhenAnswered(held);
        session.Receive(held);
        var next = Send(session, 104, "<iq xmlns='jabber:client' type='set'/>");

        (await next.WithinAsync()).ShouldBe(MachineRig.TerminateWith("internal-server-error"));

        await backend.ExpectAsync("</stream:stream>");
        backend.Receive("</stream:stream>");
        await session.Released.WithinAsync();
        _time.Advance(TimeSpan.FromSeconds(30));
        (_manager.Count, _registry.Count, _time.ArmedTimers).ShouldBe((0, 0, 0));
    }

    [Fact]
    public async Task Stop_SomethingOnItsTokenFails_EverythingIsReleased()
    {
        var manager = Manager(new BoshOptions(), connector: new FailingToStop());
        var exchange = new HeldRequest(MachineRig.Parse(MachineRig.Creation));
        manager.TryCreate(exchange, null, null, out var session, out _).ShouldBeTrue();

        session.Abort(exchange);

        await session.Released.WithinAsync();
        _time.Advance(TimeSpan.FromSeconds(30));
        (manager.Count, _registry.Count, _time.ArmedTimers).ShouldBe((0, 0, 0));
    }

    [Fact]
    public async Task WriteFails_AfterTheEnd_ArmsNothing()
    {
        var (session, backend) = await LogInAsync();
        backend.Lose();
        await session.Released.WithinAsync();
        var armed = _time.ArmedTimers;

        ((BackendWriter.IOwner)session).OnWriteFailed();

        _time.ArmedTimers.ShouldBe(armed);
    }

    private static void FailWhenAnswered(HeldRequest exchange) =>
        exchange.Response.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(() => throw new InvalidOperationException("a writer's fault"));

    private sealed class FailingToStop : IBackendConnector
    {
        public Task<IXmppStream> ConnectAsync(BackendRequest request, CancellationToken cancellationToken)
        {
            cancellationToken.Register(() => throw new InvalidOperationException("a step's fault"));
            return new TaskCompletionSource<IXmppStream>().Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Keeps the callbacks of timers, so that a test can let one come late.</summary>
    private sealed class LateTimers(ManualTimeProvider inner) : TimeProvider
    {
        public List<Action> Callbacks { get; } = [];

        public override long TimestampFrequency => inner.TimestampFrequency;

        public override DateTimeOffset GetUtcNow() => inner.GetUtcNow();

        public override long GetTimestamp() => inner.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Callbacks.Add(() => callback(state));
            return inner.CreateTimer(callback, state, dueTime, period);
        }
    }

    private static string Sid(byte random) => System.Buffers.Text.Base64Url.EncodeToString(Enumerable.Repeat(random, 16).ToArray());
}
