using Gateway.Core.Backend.Pools;
using Gateway.Core.Sessions;
using Gateway.TestKit;

namespace Gateway.Core.Tests.Backend.Pools;

/// <summary>A server that fails is left alone, and comes back: scripted ones on loopback, a manual clock.</summary>
public sealed class BreakerTests : IDisposable
{
    private readonly ConnectorFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    [Trait("Requirement", "XS-008")]
    public async Task Breaker_EnoughFailures_ServerIsNotDialledUntilItsTimeIsOver()
    {
        var answers = false;
        await using var sick = ScriptedXmppServer.Start(peer => answers ? ConnectorFixture.AnswerAsync(peer) : Task.CompletedTask);
        await using var good = ScriptedXmppServer.Start(ConnectorFixture.AnswerAsync);
        var options = _fixture.Plain(sick.Address, good.Address);
        options.CircuitBreaker = new CircuitBreakerOptions { MinimumThroughput = 3 };
        var table = _fixture.Table(options);
        var connector = _fixture.Connector(table);
        for (var i = 0; i < 10; i++)
        {
            await (await ConnectorFixture.ConnectAsync(connector)).DisposeAsync();
        }

        sick.Connections.ShouldBe(3);
        ServerOf(table, sick).Breaker.ShouldBe(BreakerState.Open);
        ServerOf(table, sick).State.ShouldBe(Availability.Down);
        ServerOf(table, sick).LastFailure!.Reason.ShouldBe(SessionEndReason.BackendLost);
        _fixture.Logger.Lines.Count(l => l.Contains("is down", StringComparison.Ordinal)).ShouldBe(1);

        _fixture.Time.Advance(options.CircuitBreaker.BreakDuration - TimeSpan.FromSeconds(1));
        await (await ConnectorFixture.ConnectAsync(connector)).DisposeAsync();
        sick.Connections.ShouldBe(3);

        // Not back yet: one attempt, then a rest again.
        _fixture.Time.Advance(TimeSpan.FromSeconds(1.5));
        await (await ConnectorFixture.ConnectAsync(connector)).DisposeAsync();
        await (await ConnectorFixture.ConnectAsync(connector)).DisposeAsync();
        sick.Connections.ShouldBe(4);

        // The rests get longer (XS-008).
        _fixture.Time.Advance(options.CircuitBreaker.BreakDuration + TimeSpan.FromSeconds(5));
        await (await ConnectorFixture.ConnectAsync(connector)).DisposeAsync();
        sick.Connections.ShouldBe(4);

        answers = true;
        _fixture.Time.Advance(options.CircuitBreaker.BreakDuration);
        await (await ConnectorFixture.ConnectAsync(connector)).DisposeAsync();
        await (await ConnectorFixture.ConnectAsync(connector)).DisposeAsync();
        sick.Connections.ShouldBe(6);
        ServerOf(table, sick).State.ShouldBe(Availability.Up);
        _fixture.Logger.Lines.Count(l => l.Contains("is up again", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Fact]
    public async Task Breaker_EveryServerIsDown_FailsAtOnceAndIsCountedNotLogged()
    {
        var dials = 0;
        await using var sick = ScriptedXmppServer.Start(peer =>
        {
            Interlocked.Increment(ref dials);
            return Task.CompletedTask;
        });
        var options = _fixture.Plain(sick.Address);
        options.CircuitBreaker = new CircuitBreakerOptions { MinimumThroughput = 2 };
        var table = _fixture.Table(options);
        var connector = _fixture.Connector(table);
        for (var i = 0; i < 2; i++)
        {
            (await ConnectorFixture.FailAsync(connector)).Reason.ShouldBe(SessionEndReason.BackendLost);
        }

        table.IsDown.ShouldBeTrue();
        var lines = _fixture.Logger.Lines.Count;
        for (var i = 0; i < 100; i++)
        {
            (await ConnectorFixture.FailAsync(connector)).Reason.ShouldBe(SessionEndReason.BackendUnavailable);
        }

        dials.ShouldBe(2);
        _fixture.Logger.Lines.Count.ShouldBe(lines);
        table.Snapshot()[0].State.ShouldBe(Availability.Down);
    }

    [Fact]
    public async Task Breaker_ANameThatTheServerDoesNotKnow_DoesNotTakeItFromTheOthers()
    {
        await using var server = ScriptedXmppServer.Start(async peer =>
        {
            await peer.ExpectAsync("<stream:stream");
            await peer.ExpectAsync(">");
            await peer.SendAsync(FakeXmppStream.DefaultHeader + "<stream:error><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>");
            await peer.ExpectEndAsync();
        });
        var options = _fixture.Plain(server.Address);
        options.CircuitBreaker = new CircuitBreakerOptions { MinimumThroughput = 2 };
        var many = _fixture.Connector(_fixture.Table(options, "*.example.org"));
        for (var i = 0; i < 5; i++)
        {
            (await ConnectorFixture.FailAsync(many)).Reason.ShouldBe(SessionEndReason.RemoteStreamError);
        }

        var one = _fixture.Connector(_fixture.Table(options, "example.org"));
        for (var i = 0; i < 2; i++)
        {
            (await ConnectorFixture.FailAsync(one)).Reason.ShouldBe(SessionEndReason.RemoteStreamError);
        }

        (await ConnectorFixture.FailAsync(one)).Reason.ShouldBe(SessionEndReason.BackendUnavailable);
    }

    [Fact]
    public async Task Breaker_TheClientOfTheOneThatDecidesLeaves_ItIsDecidedAllTheSame()
    {
        var hangs = false;
        var answer = new TaskCompletionSource();
        await using var sick = ScriptedXmppServer.Start(async peer =>
        {
            if (hangs)
            {
                await peer.UntilAsync(answer.Task);
                await ConnectorFixture.AnswerAsync(peer);
            }
        });
        var options = _fixture.Plain(sick.Address);
        options.CircuitBreaker = new CircuitBreakerOptions { MinimumThroughput = 2 };
        var table = _fixture.Table(options);
        var connector = _fixture.Connector(table);
        await ConnectorFixture.FailAsync(connector);
        await ConnectorFixture.FailAsync(connector);

        hangs = true;
        _fixture.Time.Advance(options.CircuitBreaker.BreakDuration);
        using var client = new CancellationTokenSource();
        var trial = connector.ConnectAsync(ConnectorFixture.Request, client.Token);
        await TestTimeout.UntilAsync(() => sick.Connections == 3);
        (await ConnectorFixture.FailAsync(connector)).Reason.ShouldBe(SessionEndReason.BackendUnavailable, "one at a time");
        await client.CancelAsync();
        answer.SetResult();

        await (await trial.WithinAsync()).DisposeAsync(); // it came too late, and is given back
        ServerOf(table, sick).State.ShouldBe(Availability.Up);
        table.Snapshot()[0].Sessions.ShouldBe(0);
    }

    [Fact]
    public async Task Breaker_WithChecks_NoLoginDecides()
    {
        await using var sick = ScriptedXmppServer.Start(_ => Task.CompletedTask);
        var options = _fixture.Plain(sick.Address);
        options.HealthCheck.Enabled = true;
        options.CircuitBreaker = new CircuitBreakerOptions { MinimumThroughput = 2 };
        var connector = _fixture.Connector(options);
        await ConnectorFixture.FailAsync(connector);
        await ConnectorFixture.FailAsync(connector);

        _fixture.Time.Advance(options.CircuitBreaker.BreakDuration * 2);

        (await ConnectorFixture.FailAsync(connector)).Reason.ShouldBe(SessionEndReason.BackendUnavailable);
        sick.Connections.ShouldBe(2);
    }

    [Theory]
    [InlineData("policy-violation", true, false)]
    [InlineData("resource-constraint", true, false)]
    [InlineData("resource-constraint", false, true)]
    [InlineData("system-shutdown", true, true)]
    public async Task Breaker_WhatAServerHasAgainstOneAddress_DoesNotCountWhereItIsToldTheAddress(string condition, bool isTold, bool counts)
    {
        await using var server = ScriptedXmppServer.Start(async peer =>
        {
            await peer.ExpectAsync("<stream:stream");
            await peer.ExpectAsync(">");
            await peer.SendAsync(FakeXmppStream.DefaultHeader + $"<stream:error><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>");
            await peer.ExpectEndAsync();
        });
        var options = _fixture.Plain(server.Address);
        options.HealthCheck.Enabled = true;
        options.ProxyProtocol = isTold ? Gateway.Core.Backend.ProxyProtocol.ProxyProtocolVersion.V1 : Gateway.Core.Backend.ProxyProtocol.ProxyProtocolVersion.None;
        options.CircuitBreaker = new CircuitBreakerOptions { MinimumThroughput = 2 };
        var connector = _fixture.Connector(options);
        await ConnectorFixture.FailAsync(connector);
        await ConnectorFixture.FailAsync(connector);

        (await ConnectorFixture.FailAsync(connector)).Reason.ShouldBe(counts ? SessionEndReason.BackendUnavailable : SessionEndReason.RemoteStreamError);
    }

    [Fact]
    public async Task Breaker_TheDateIsSetBack_EndsItsRestAllTheSame()
    {
        var answers = false;
        await using var sick = ScriptedXmppServer.Start(peer => answers ? ConnectorFixture.AnswerAsync(peer) : Task.CompletedTask);
        var options = _fixture.Plain(sick.Address);
        options.CircuitBreaker = new CircuitBreakerOptions { MinimumThroughput = 2 };
        var connector = _fixture.Connector(options);
        await ConnectorFixture.FailAsync(connector);
        await ConnectorFixture.FailAsync(connector);

        answers = true;
        _fixture.Time.SetDateBack(TimeSpan.FromHours(1));
        _fixture.Time.Advance(options.CircuitBreaker.BreakDuration);

        await (await ConnectorFixture.ConnectAsync(connector)).DisposeAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Breaker_ClientsGiveUpOnASlowServer_OnlyThoseCountWhoWaitedAStepsTime(bool waitLonger)
    {
        var asked = 0;
        var goesOn = new SemaphoreSlim(0);
        await using var slow = ScriptedXmppServer.Start(async peer =>
        {
            await peer.ExpectAsync("<stream:stream");
            Interlocked.Increment(ref asked);
            await goesOn.WaitAsync();
            await peer.SendAsync(FakeXmppStream.DefaultHeader);
            await peer.HangAsync();
        });
        var options = _fixture.Plain(slow.Address);
        options.StepTimeout = TimeSpan.FromSeconds(4);
        options.CircuitBreaker = new CircuitBreakerOptions { MinimumThroughput = 2 };
        var table = _fixture.Table(options);
        var connector = _fixture.Connector(table);
        for (var i = 1; i <= 2; i++)
        {
            using var client = new CancellationTokenSource();
            var connecting = connector.ConnectAsync(ConnectorFixture.Request, client.Token);
            await TestTimeout.UntilAsync(() => Volatile.Read(ref asked) == i);
            _fixture.Time.Advance(TimeSpan.FromSeconds(3));
            goesOn.Release();
            if (waitLonger)
            {
                await _fixture.Time.TimerArmedAsync(options.StepTimeout); // that of the features
                _fixture.Time.Advance(TimeSpan.FromSeconds(2));
            }

            await client.CancelAsync();
            await Should.ThrowAsync<OperationCanceledException>(() => connecting.WithinAsync());
        }

        ServerOf(table, slow).Breaker.ShouldBe(waitLonger ? BreakerState.Open : BreakerState.Closed);
    }

    [Fact]
    public async Task Down_IsToldWithTheCauseThatCounted()
    {
        var isDropping = false;
        await using var sick = ScriptedXmppServer.Start(async peer =>
        {
            if (!isDropping)
            {
                await peer.ExpectAsync("<stream:stream");
                await peer.ExpectAsync(">");
                await peer.SendAsync(FakeXmppStream.DefaultHeader + "<stream:error><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>");
                await peer.ExpectEndAsync();
            }
        });
        var options = _fixture.Plain(sick.Address);
        options.CircuitBreaker = new CircuitBreakerOptions { MinimumThroughput = 2, FailureRatio = 0.1 };
        var connector = _fixture.Connector(_fixture.Table(options, "*.example.org"));
        await ConnectorFixture.FailAsync(connector);
        isDropping = true;
        await ConnectorFixture.FailAsync(connector);

        _fixture.Logger.Lines.ShouldContain($"Server {sick.Address} of backend b is down: backend-lost (the server dropped the connection)");
    }

    [Fact]
    public async Task SlowStart_ServerThatCameBack_GetsItsShareLittleByLittle()
    {
        var answers = false;
        await using var sick = ScriptedXmppServer.Start(peer => answers ? ConnectorFixture.AnswerAsync(peer) : Task.CompletedTask);
        await using var good = ScriptedXmppServer.Start(ConnectorFixture.AnswerAsync);
        var options = _fixture.Plain(sick.Address, good.Address);
        foreach (var server in options.Servers)
        {
            server.Priority = 0;
        }

        options.LoadBalancing = LoadBalancing.RoundRobin;
        options.SlowStart = TimeSpan.FromSeconds(40);
        options.CircuitBreaker = new CircuitBreakerOptions { MinimumThroughput = 2 };
        _fixture.Draw = max => max / 2; // warm enough from half of the time on
        var connector = _fixture.Connector(options);
        for (var i = 0; i < 4; i++)
        {
            await (await ConnectorFixture.ConnectAsync(connector)).DisposeAsync();
        }

        answers = true;
        _fixture.Time.Advance(options.CircuitBreaker.BreakDuration);
        while (sick.Connections < 3)
        {
            await (await ConnectorFixture.ConnectAsync(connector)).DisposeAsync(); // the one that decides
        }

        _fixture.Time.Advance(TimeSpan.FromSeconds(19));
        for (var i = 0; i < 6; i++)
        {
            await (await ConnectorFixture.ConnectAsync(connector)).DisposeAsync();
        }

        sick.Connections.ShouldBe(3);
        _fixture.Time.Advance(TimeSpan.FromSeconds(2));
        for (var i = 0; i < 6; i++)
        {
            await (await ConnectorFixture.ConnectAsync(connector)).DisposeAsync();
        }

        sick.Connections.ShouldBe(6);
    }

    private static ServerState ServerOf(BackendTable table, ScriptedXmppServer server) => table.Snapshot()[0].Servers.Single(s => s.Server == server.Address);
}
