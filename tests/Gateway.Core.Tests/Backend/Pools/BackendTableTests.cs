using Gateway.Core.Backend;
using Gateway.Core.Backend.Pools;
using Gateway.Core.Policies;
using Gateway.Core.Sessions;
using Gateway.TestKit;

namespace Gateway.Core.Tests.Backend.Pools;

/// <summary>The configuration changes under live sessions: scripted servers, a manual clock.</summary>
public sealed class BackendTableTests : IDisposable
{
    private readonly ConnectorFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task Change_ServerStays_KeepsItsSessionsAndItsBreaker()
    {
        var answers = true;
        await using var server = ScriptedXmppServer.Start(peer => answers ? ConnectorFixture.AnswerAsync(peer) : Task.CompletedTask);
        var options = _fixture.Plain(server.Address);
        options.CircuitBreaker = new CircuitBreakerOptions { MinimumThroughput = 2, FailureRatio = 0.1 };
        var table = _fixture.Table(options);
        var connector = _fixture.Connector(table);
        await using var session = await ConnectorFixture.ConnectAsync(connector);
        answers = false;
        await ConnectorFixture.FailAsync(connector);
        await ConnectorFixture.FailAsync(connector);

        var again = _fixture.Plain(server.Address);
        again.CircuitBreaker = new CircuitBreakerOptions { MinimumThroughput = 2, FailureRatio = 0.1 };
        again.MaxSessions = 7;
        Change(table, again);

        var state = table.Snapshot().ShouldHaveSingleItem();
        (state.MaxSessions, state.Sessions, state.State, state.Servers[0].Breaker).ShouldBe((7, 1, Availability.Down, BreakerState.Open));
    }

    [Fact]
    public async Task Change_ServerGoes_LeavesWithItsLastSession()
    {
        await using var old = ScriptedXmppServer.Start(ConnectorFixture.AnswerAsync);
        await using var other = ScriptedXmppServer.Start(ConnectorFixture.AnswerAsync);
        var table = _fixture.Table(_fixture.Plain(old.Address));
        var connector = _fixture.Connector(table);
        var session = await ConnectorFixture.ConnectAsync(connector);

        Change(table, _fixture.Plain(other.Address));
        await using var another = await ConnectorFixture.ConnectAsync(connector);
        (old.Connections, other.Connections).ShouldBe((1, 1));
        table.Snapshot()[0].Servers.Single(s => s.Server == old.Address).State.ShouldBe(Availability.Leaving);
        table.Tidy();
        table.Snapshot()[0].Servers.Count.ShouldBe(2);

        await session.DisposeAsync();
        table.Tidy();
        table.Snapshot()[0].Servers.ShouldHaveSingleItem().Server.ShouldBe(other.Address);
    }

    [Fact]
    public async Task Change_BackendGoesAndComesBack_IsTheSameServer()
    {
        await using var server = ScriptedXmppServer.Start(ConnectorFixture.AnswerAsync);
        var table = _fixture.Table(_fixture.Plain(server.Address));
        var connector = _fixture.Connector(table);
        await using var session = await ConnectorFixture.ConnectAsync(connector);

        table.Prepare(new Dictionary<string, BackendOptions>(), [])();
        var left = table.Snapshot().ShouldHaveSingleItem();
        (left.Name, left.State, left.Sessions).ShouldBe(("b", Availability.Leaving, 1));

        // Who was sent there a moment before still gets through.
        await using (await ConnectorFixture.ConnectAsync(connector))
        {
            server.Connections.ShouldBe(2);
        }

        Change(table, _fixture.Plain(server.Address));
        var back = table.Snapshot().ShouldHaveSingleItem();
        (back.Name, back.State, back.Sessions).ShouldBe(("b", Availability.Up, 1));
    }

    [Fact]
    public async Task Change_IsPreparedButNotMade_ChangesNothing()
    {
        await using var server = ScriptedXmppServer.Start(ConnectorFixture.AnswerAsync);
        using var refusing = new RefusingAddress();
        var table = _fixture.Table(_fixture.Plain(server.Address));

        table.Prepare(new Dictionary<string, BackendOptions> { ["b"] = _fixture.Plain(refusing.Address) }, [new ServedDomain("example.org", "b")]);

        await (await ConnectorFixture.ConnectAsync(_fixture.Connector(table))).DisposeAsync();
        table.Tidy();
        table.Snapshot()[0].Servers.ShouldHaveSingleItem().Server.ShouldBe(server.Address);
    }

    [Fact]
    public async Task Srv_RecordsChange_WhoIsNotNamedLeaves()
    {
        await using var dns = ScriptedDnsServer.Start();
        await using var one = ScriptedXmppServer.Start(peer => peer.OpenWithStartTlsAsync(_fixture.Certificates.Server("example.org")).ContinueWith(_ => peer.ExpectEndAsync(), TaskScheduler.Default).Unwrap());
        await using var two = ScriptedXmppServer.Start(peer => peer.OpenWithStartTlsAsync(_fixture.Certificates.Server("example.org")).ContinueWith(_ => peer.ExpectEndAsync(), TaskScheduler.Default).Unwrap());
        _fixture.Dns.Servers = [dns.Address];
        dns["one.example.net"].Address("127.0.0.1");
        dns["two.example.net"].Address("127.0.0.1");
        dns["_xmpp-client._tcp.example.org"].Srv(0, 0, one.Port, "one.example.net", ttl: 60);
        var options = _fixture.Options();
        options.Srv = "example.org";
        var table = _fixture.Table(options);
        var connector = _fixture.Connector(table);
        await using var session = await ConnectorFixture.ConnectAsync(connector);

        dns["_xmpp-client._tcp.example.org"].Clear();
        dns["_xmpp-client._tcp.example.org"].Srv(0, 0, two.Port, "two.example.net", ttl: 60);
        _fixture.Time.Advance(TimeSpan.FromSeconds(61));
        await using var another = await ConnectorFixture.ConnectAsync(connector);

        table.Snapshot()[0].Servers.Select(s => (s.Server, s.State, s.Sessions)).ShouldBe(
            [($"one.example.net:{one.Port}", Availability.Leaving, 1), ($"two.example.net:{two.Port}", Availability.Up, 1)], ignoreOrder: true);
    }

    [Fact]
    public async Task Srv_ReadAgainWithoutAChange_KeepsItsServersAndWhatIsKnownOfThem()
    {
        await using var dns = ScriptedDnsServer.Start();
        await using var dead = ScriptedXmppServer.Start(_ => Task.CompletedTask);
        _fixture.Dns.Servers = [dns.Address];
        dns["dead.example.net"].Address("127.0.0.1");
        dns["_xmpp-client._tcp.example.org"].Srv(0, 0, dead.Port, "dead.example.net", ttl: 600);
        BackendOptions Options()
        {
            var options = _fixture.Options();
            (options.Srv, options.HealthCheck.Enabled, options.CircuitBreaker) = ("example.org", false, new CircuitBreakerOptions { MinimumThroughput = 2 });
            return options;
        }

        var table = _fixture.Table(Options());
        var connector = _fixture.Connector(table);
        await ConnectorFixture.FailAsync(connector);
        await ConnectorFixture.FailAsync(connector);
        table.IsDown.ShouldBeTrue();

        Change(table, Options());
        table.Tidy();

        table.IsDown.ShouldBeTrue();
        table.Snapshot()[0].Servers.ShouldHaveSingleItem().Breaker.ShouldBe(BreakerState.Open);
        (await ConnectorFixture.FailAsync(connector)).Reason.ShouldBe(SessionEndReason.BackendUnavailable);
        dead.Connections.ShouldBe(2);
    }

    [Fact]
    public async Task Change_WhileALoginWaitsForDns_ItsServerGoesByWhatIsInForce()
    {
        await using var dns = ScriptedDnsServer.Start();
        _fixture.Dns.Servers = [dns.Address];
        dns["_xmpp-client._tcp.example.org"].Srv(0, 0, 5222, "one.example.net");
        var options = _fixture.Options();
        options.Srv = "example.org";
        var table = _fixture.Table(options);
        var old = table.Find("b")!;

        var without = _fixture.Options();
        (without.Srv, without.HealthCheck.Enabled, without.CircuitBreaker) = ("example.org", false, new CircuitBreakerOptions { MinimumThroughput = 2 });
        Change(table, without);
        var late = (await old.TargetsAsync("example.org", TestContext.Current.CancellationToken).WithinAsync()).ShouldHaveSingleItem().Server;

        (await table.Find("b")!.TargetsAsync("example.org", TestContext.Current.CancellationToken).WithinAsync()).ShouldHaveSingleItem().Server.ShouldBe(late);
        for (var i = 0; i < 2; i++)
        {
            await Should.ThrowAsync<BackendConnectException>(() => late.LogInAsync<int>((_, _) => throw new BackendConnectException(SessionEndReason.BackendRefused, "no"), 0, CancellationToken.None).AsTask());
        }

        late.IsAvailable.ShouldBeFalse();
        _fixture.Time.Advance(without.CircuitBreaker.BreakDuration);
        late.IsAvailable.ShouldBeTrue("a login decides, for nobody checks");
    }

    [Fact]
    public async Task Change_ChecksAreTurnedOffWhileOneIsUnderWay_DoesNotLeaveTheServerDown()
    {
        var options = _fixture.Plain("127.0.0.1:1");
        options.HealthCheck.Enabled = true;
        var table = _fixture.Table(options);
        var server = (await table.Find("b")!.TargetsAsync("example.org", CancellationToken.None))[0].Server;
        Task FailCheckAsync() => server.CheckAsync<int>((_, _) => throw new BackendConnectException(SessionEndReason.BackendRefused, "no"), 0, "example.org", CancellationToken.None).AsTask();
        await FailCheckAsync();
        await FailCheckAsync();
        server.IsAvailable.ShouldBeFalse();

        Change(table, _fixture.Plain("127.0.0.1:1"));
        (server.IsAvailable, server.IsDown).ShouldBe((true, false));
        await FailCheckAsync();
        await FailCheckAsync();

        (server.IsAvailable, server.IsDown).ShouldBe((true, false));
    }

    private static void Change(BackendTable table, BackendOptions options) =>
        table.Prepare(new Dictionary<string, BackendOptions> { ["b"] = options }, [new ServedDomain("example.org", "b")])();
}
