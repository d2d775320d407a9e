using Gateway.Core.Backend;
using Gateway.Core.Backend.Pools;
using Gateway.Core.Backend.ProxyProtocol;
using Gateway.Core.Policies;
using Gateway.Core.Sessions;
using Gateway.TestKit;

namespace Gateway.Core.Tests.Backend.Pools;

/// <summary>The gateway looks after servers by itself: scripted ones on loopback, a manual clock.</summary>
public sealed class BackendMonitorTests : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly ConnectorFixture _fixture = new() { Draw = max => max / 2 };
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.WithinAsync();
        _stop.Dispose();
        _fixture.Dispose();
    }

    [Fact]
    public async Task Checks_ServerThatFails_IsDownAfterTwoAndUpAfterOne()
    {
        var answers = false;
        await using var server = ScriptedXmppServer.Start(peer => answers ? AnswerAsync(peer) : Task.CompletedTask);
        var table = Run(Plain(server));

        await CheckedAsync(server, 1);
        State(table).ShouldBe(Availability.Up, "once may be bad luck");
        await NextCheckAsync(server, 2);
        await TestTimeout.UntilAsync(() => State(table) == Availability.Down);
        table.IsDown.ShouldBeTrue();
        (await Should.ThrowAsync<BackendConnectException>(() => _fixture.Connector(table).ConnectAsync(ConnectorFixture.Request, CancellationToken.None)))
            .Reason.ShouldBe(SessionEndReason.BackendUnavailable);
        server.Connections.ShouldBe(2);

        answers = true;
        await NextCheckAsync(server, 3);
        await TestTimeout.UntilAsync(() => State(table) == Availability.Up);
        _fixture.Logger.Lines.ShouldBe(
            [$"Server {server.Address} of backend b is down: backend-lost (the server dropped the connection)", $"Server {server.Address} of backend b is up again"]);
    }

    [Fact]
    public async Task Checks_ServerThatHangs_AreOverInTime()
    {
        await using var server = ScriptedXmppServer.Start(peer => peer.HangAsync());
        var table = Run(Plain(server));

        await TestTimeout.UntilAsync(() => server.Connections == 1);
        await _fixture.Time.TimerArmedAsync(due => due <= TimeSpan.FromSeconds(3) && due > TimeSpan.FromSeconds(2));
        _fixture.Time.Advance(TimeSpan.FromSeconds(3));
        await TestTimeout.UntilAsync(() => table.Snapshot()[0].Servers[0].LastFailure is not null);

        table.Snapshot()[0].Servers[0].LastFailure!.ShouldBe(
            new ServerFailure(SessionEndReason.BackendTimeout, "no answer to a check within 3 s", _fixture.Time.GetUtcNow()));
    }

    [Fact]
    public async Task Checks_OpenBreaker_IsLeftAloneUntilItsTimeIsOverThenTheCheckDecides()
    {
        var answers = false;
        await using var server = ScriptedXmppServer.Start(peer => answers ? AnswerAsync(peer) : Task.CompletedTask);
        var options = Plain(server);
        options.CircuitBreaker = new CircuitBreakerOptions { MinimumThroughput = 2, BreakDuration = TimeSpan.FromSeconds(25) };
        var table = Run(options);
        await CheckedAsync(server, 1);
        await NextCheckAsync(server, 2);
        await TestTimeout.UntilAsync(() => table.Snapshot()[0].Servers[0].Breaker == BreakerState.Open);

        await TickAsync(Interval);
        await TickAsync(Interval);
        server.Connections.ShouldBe(2);

        answers = true;
        await NextCheckAsync(server, 3);
        await TestTimeout.UntilAsync(() => State(table) == Availability.Up);
        table.Snapshot()[0].Servers[0].Breaker.ShouldBe(BreakerState.Closed);
    }

    [Fact]
    public async Task Checks_ANameThatIsNotKnown_ShowThatTheServerIsThere()
    {
        await using var server = ScriptedXmppServer.Start(async peer =>
        {
            (await peer.ExpectAsync(">")).ShouldBe("<?xml version='1.0'?>");
            (await peer.ExpectAsync(">")).ShouldContain("to='example.org'");
            await peer.SendAsync(FakeXmppStream.DefaultHeader + "<stream:error><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>");
            await peer.ExpectEndAsync();
        });
        var table = Run(Plain(server), "*.example.org");

        await CheckedAsync(server, 1);
        await NextCheckAsync(server, 2);
        await NextCheckAsync(server, 3);
        State(table).ShouldBe(Availability.Up);
    }

    [Fact]
    public async Task Checks_SwitchedOffOrWithoutADomain_AreNotMade()
    {
        await using var off = ScriptedXmppServer.Start(AnswerAsync);
        await using var unused = ScriptedXmppServer.Start(AnswerAsync);
        await using var other = ScriptedXmppServer.Start(AnswerAsync);
        var options = Plain(off);
        options.HealthCheck.Enabled = false;
        var table = Run(options);
        table.Prepare(
            new Dictionary<string, BackendOptions> { ["b"] = options, ["unused"] = Plain(unused), ["other"] = Plain(other) },
            [new ServedDomain("example.org", "b"), new ServedDomain("example.net", "other")])();
        await TickAsync(TimeSpan.FromSeconds(1));

        await CheckedAsync(other, 1);
        (off.Connections, unused.Connections).ShouldBe((0, 0));
    }

    [Fact]
    public async Task Checks_BackendsSetUpAnew_AreMadeOnceAndNotOfThoseBefore()
    {
        await using var before = ScriptedXmppServer.Start(AnswerAsync);
        await using var now = ScriptedXmppServer.Start(AnswerAsync);
        var table = Run(Plain(before));
        await CheckedAsync(before, 1);

        table.Prepare(new Dictionary<string, BackendOptions> { ["b"] = Plain(now) }, [new ServedDomain("example.org", "b")])();
        await TickAsync(TimeSpan.FromSeconds(1));
        await CheckedAsync(now, 1);
        await NextCheckAsync(now, 2);

        (before.Connections, now.Connections).ShouldBe((1, 2));
        _fixture.Time.ArmedTimers.ShouldBe(2, "the tick, and one backend's next check");
    }

    [Theory]
    [InlineData(ProxyProtocolVersion.V1)]
    [InlineData(ProxyProtocolVersion.V2)]
    [Trait("Requirement", "PP-026")]
    [Trait("Requirement", "PP-027")]
    public async Task Checks_ProxyProtocol_AreTheGatewaysOwn(ProxyProtocolVersion version)
    {
        await using var server = ScriptedXmppServer.Start(async peer =>
        {
            if (version == ProxyProtocolVersion.V1)
            {
                (await peer.ExpectAsync("\r\n")).ShouldStartWith("PROXY TCP4 127.0.0.1 127.0.0.1 ");
            }
            else
            {
                await peer.ExpectAsync("\r\n\r\n\0\r\nQUIT\n\x20\0\0\0");
            }

            await AnswerAsync(peer);
        });
        var options = Plain(server);
        options.ProxyProtocol = version;
        var table = Run(options);

        await TestTimeout.UntilAsync(() => table.Snapshot()[0].Servers[0].LastSuccess is not null);
        await server.ScriptsEndedAsync();
    }

    private static async Task AnswerAsync(ScriptedPeer peer)
    {
        await peer.OpenAsync();
        await peer.ExpectAsync("</stream:stream>");
        await peer.SendAsync("</stream:stream>");
        await peer.ExpectEndAsync();
    }

    private static Availability State(BackendTable table) => table.Snapshot()[0].Servers[0].State;

    private BackendTable Run(BackendOptions options, params string[] domains)
    {
        var table = _fixture.Table(options, domains);
        _running = _fixture.Monitor(table).RunAsync(_stop.Token);
        return table;
    }

    private BackendOptions Plain(ScriptedXmppServer server)
    {
        var options = _fixture.Options(server.Address);
        options.Security = BackendSecurity.None;
        return options;
    }

    /// <summary>So many checks have been made, and the last one is over.</summary>
    private async Task CheckedAsync(ScriptedXmppServer server, int count)
    {
        await TestTimeout.UntilAsync(() => server.Connections == count);
        await server.ScriptsEndedAsync();
        await _fixture.Time.TimerArmedAsync(Interval);
    }

    private async Task NextCheckAsync(ScriptedXmppServer server, int count)
    {
        await TickAsync(Interval);
        await CheckedAsync(server, count);
    }

    private async Task TickAsync(TimeSpan time)
    {
        await _fixture.Time.TimerArmedAsync(time);
        _fixture.Time.Advance(time);
    }
}
