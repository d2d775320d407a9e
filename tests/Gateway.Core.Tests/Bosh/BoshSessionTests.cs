using System.Net;
using System.Net.Sockets;
using System.Text;
using Gateway.Core.Backend;
using Gateway.Core.Bosh;
using Gateway.Core.Policies;
using Gateway.Core.Sessions;
using Gateway.Core.Telemetry;
using Gateway.TestKit;
using Gateway.Xmpp.Framing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Core.Tests.Bosh;

/// <summary>The session around the rules: backend in memory, time by hand.</summary>
public sealed partial class BoshSessionTests : IDisposable
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
        _manager.TryCreate(exchange, ClientConnection.Unknown, out var session, out _).ShouldBeTrue();
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
    [Trait("Requirement", "BOSH-036")]
    public async Task Creation_Route_IsNeverDialled()
    {
        var (session, response) = Create(MachineRig.Creation.Replace("hold=", "route='xmpp:10.0.0.9:9999' xmpp:version='1.4' hold=", StringComparison.Ordinal)
            .Replace("xmpp:version='1.0'", "", StringComparison.Ordinal));
        await response.WithinAsync();
        _connector.Requests.ShouldHaveSingleItem().ShouldBe(new BackendRequest("main", "example.com", null, "en", ClientConnection.Unknown) { Version = "1.4", Session = session.Id });
    }

    [Theory]
    [InlineData("BÜCHER.example.")]
    [InlineData("bücher.example")]
    [InlineData("xn--bcher-kva.example")]
    [Trait("Requirement", "BOSH-035")]
    [Trait("Requirement", "BOSH-112")]
    public async Task Creation_DomainInAnySpelling_IsOneDomain(string to)
    {
        var manager = new BoshSessionManager(_connector, new DomainPolicy([new ServedDomain("bücher.example", "main")]), _metrics,
            new AuthenticationWatch(new SessionLimits(), _metrics, _time, NullLogger<AuthenticationWatch>.Instance), _registry, new BoshOptions(), new SessionLimits(), _time, NullLogger<BoshSession>.Instance);
        var backend = _connector.Give();
        var exchange = new HeldRequest(MachineRig.Parse(MachineRig.Creation.Replace("example.com", to, StringComparison.Ordinal)));
        manager.TryCreate(exchange, ClientConnection.Unknown, out var session, out _).ShouldBeTrue();
        await Text(exchange).WithinAsync();
        _connector.Requests.ShouldHaveSingleItem().Domain.ShouldBe("bücher.example");
        var auth = Send(session, 101, "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
        backend.Receive(MachineRig.Success);
        await auth.WithinAsync();
        _ = Send(session, 102, attributes: $"xmpp:restart='true' xmlns:xmpp='urn:xmpp:xbosh' to='{to}'");
        await backend.ExpectAsync("<stream:stream");
    }

    [Fact]
    [Trait("Requirement", "BOSH-029")]
    public async Task WhiteSpaceFromTheBackend_AnswersNothing()
    {
        var silence = new TaskCompletionSource();
        await using var server = ScriptedXmppServer.Start(async peer =>
        {
            await peer.SendAsync(FakeXmppStream.DefaultHeader + FakeXmppStream.DefaultFeatures);
            await peer.UntilAsync(silence.Task);
            for (var i = 0; i < 5; i++)
            {
                await peer.SendAsync(" \n");
            }

            await peer.SendAsync("<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
            await peer.ExpectEndAsync();
        });
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, server.Port, TestContext.Current.CancellationToken);
        var stream = new TcpXmppStream(new SocketStream(socket), TcpXmppStream.DefaultLimits, TimeProvider.System);
        while (stream.Current.Kind != StreamElementKind.FirstLevelElement)
        {
            if (!stream.TryRead(out _))
            {
                (await stream.FillAsync(TestContext.Current.CancellationToken).WithinAsync()).ShouldBeTrue();
            }
        }

        _connector.Hang().SetResult(stream);
        var (session, response) = Create();
        await response.WithinAsync();
        var held = Send(session, 101);
        silence.SetResult();
        (await held.WithinAsync()).ShouldBe(MachineRig.Carrying("<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"));
        var closing = session.CloseAsync(SessionEndReason.SystemShutdown);
        _time.Advance(new BoshOptions().CloseTimeout);
        await closing.WithinAsync();
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
        _manager.TryCreate(exchange, ClientConnection.Unknown, out _, out var refusal).ShouldBeFalse();
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
}
