using Gateway.Core.Backend;
using Gateway.Core.Backend.Pools;
using Gateway.Core.Sessions;
using Gateway.TestKit;

namespace Gateway.Core.Tests.Backend.Pools;

/// <summary>Several servers, some of them not well: scripted ones on loopback, a manual clock.</summary>
public sealed class FailoverTests : IDisposable
{
    private readonly ConnectorFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData("system-shutdown")]
    [InlineData("host-gone")]
    [Trait("Requirement", "XS-005")]
    public async Task Login_StreamOpensWithAnError_TheNextServerIsTried(string condition)
    {
        await using var leaving = ScriptedXmppServer.Start(async peer =>
        {
            await peer.ExpectAsync("<stream:stream");
            await peer.ExpectAsync(">");
            await peer.SendAsync(FakeXmppStream.DefaultHeader + $"<stream:error><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>");
            await peer.ExpectEndAsync();
        });
        await using var good = ScriptedXmppServer.Start(ConnectorFixture.AnswerAsync);

        await using var stream = await _fixture.ConnectAsync(_fixture.Plain(leaving.Address, good.Address));

        (leaving.Connections, good.Connections).ShouldBe((1, 1));
    }

    [Fact]
    [Trait("Requirement", "XS-005")]
    public async Task Login_ServerHangsOrHasNoTls_TheNextServerIsTriedWithinTheDeadline()
    {
        using var refusing = new RefusingAddress();
        var isAsked = new TaskCompletionSource();
        await using var hanging = ScriptedXmppServer.Start(peer => ConnectorFixture.HangAsync(peer, isAsked));
        await using var bad = ScriptedXmppServer.Start(peer => peer.AuthenticateInVainAsync(_fixture.Certificates.SelfSigned("example.org")));
        await using var good = ScriptedXmppServer.Start(async peer =>
        {
            await peer.AuthenticateAsync(_fixture.Certificates.Server("example.org"));
            await peer.OpenAsync();
            await peer.ExpectEndAsync();
        });
        var options = _fixture.Options(refusing.Address, hanging.Address, bad.Address, good.Address);
        options.Security = BackendSecurity.DirectTls;

        var connecting = _fixture.ConnectAsync(options);
        await isAsked.Task.WithinAsync(); // the step that hangs has begun, and so has its limit
        _fixture.Time.Advance(options.StepTimeout);

        await using var stream = await connecting;
        (hanging.Connections, bad.Connections, good.Connections).ShouldBe((1, 1, 1));
    }

    [Fact]
    [Trait("Requirement", "XS-005")]
    public async Task Login_ServerResetsRightAfterTheConnect_TheNextServerIsTried()
    {
        await using var resetting = ScriptedXmppServer.Start(peer =>
        {
            peer.Reset();
            return Task.CompletedTask;
        });
        await using var good = ScriptedXmppServer.Start(ConnectorFixture.AnswerAsync);
        var connector = _fixture.Connector(_fixture.Plain(resetting.Address, good.Address));

        for (var i = 0; i < 5; i++)
        {
            await (await ConnectorFixture.ConnectAsync(connector)).DisposeAsync();
        }

        (resetting.Connections, good.Connections).ShouldBe((5, 5));
    }

    [Fact]
    public async Task Login_LowerPriorityIsUp_HigherOneIsNotUsed()
    {
        await using var first = ScriptedXmppServer.Start(ConnectorFixture.AnswerAsync);
        await using var second = ScriptedXmppServer.Start(ConnectorFixture.AnswerAsync);
        var connector = _fixture.Connector(_fixture.Plain(first.Address, second.Address));
        var streams = new List<IXmppStream>();
        for (var i = 0; i < 5; i++)
        {
            streams.Add(await ConnectorFixture.ConnectAsync(connector));
        }

        (first.Connections, second.Connections).ShouldBe((5, 0));
        foreach (var stream in streams)
        {
            await stream.DisposeAsync();
        }
    }

    [Fact]
    public async Task Login_OneServersManyAddressesHang_TheNextServerGetsItsTurn()
    {
        var isAsked = new TaskCompletionSource();
        await using var hanging = ScriptedXmppServer.Start(peer => ConnectorFixture.HangAsync(peer, isAsked));
        await using var good = ScriptedXmppServer.Start(ConnectorFixture.AnswerAsync);
        await using var dns = ScriptedDnsServer.Start();
        _fixture.Dns.Servers = [dns.Address];
        for (var i = 0; i < 6; i++)
        {
            dns["many.example.net"].Address("127.0.0.1");
        }

        var options = _fixture.Plain($"many.example.net:{hanging.Port}", good.Address);
        var login = ConnectorFixture.ConnectAsync(_fixture.Connector(options));
        await isAsked.Task.WithinAsync(); // the step that hangs has begun, and so has its limit
        _fixture.Time.Advance(options.StepTimeout);

        await (await login).DisposeAsync();
        (hanging.Connections, good.Connections).ShouldBe((1, 1));
    }

    [Theory]
    [InlineData(LoadBalancing.WeightedRandom)]
    [InlineData(LoadBalancing.PowerOfTwoChoices)]
    [InlineData(LoadBalancing.LeastSessions)]
    [InlineData(LoadBalancing.RoundRobin)]
    public async Task Weight_Zero_GetsALoginOnlyWhenNobodyElseIsUp(LoadBalancing policy)
    {
        using var refusing = new RefusingAddress();
        await using var reserve = ScriptedXmppServer.Start(ConnectorFixture.AnswerAsync);
        await using var main = ScriptedXmppServer.Start(ConnectorFixture.AnswerAsync);
        var options = _fixture.Plain(reserve.Address, main.Address);
        (options.Servers[0].Priority, options.Servers[0].Weight) = (0, 0);
        (options.Servers[1].Priority, options.Servers[1].Weight) = (0, 1);
        options.LoadBalancing = policy;
        var connector = _fixture.Connector(options);
        for (var i = 0; i < 20; i++)
        {
            await (await ConnectorFixture.ConnectAsync(connector)).DisposeAsync();
        }

        (reserve.Connections, main.Connections).ShouldBe((0, 20));
        options.Servers[1].Address = refusing.Address;
        await (await ConnectorFixture.ConnectAsync(_fixture.Connector(options))).DisposeAsync();
        reserve.Connections.ShouldBe(1);
    }

    [Fact]
    public async Task MaxSessions_IsReached_TheNextIsRefusedUntilOneLeaves()
    {
        await using var server = ScriptedXmppServer.Start(ConnectorFixture.AnswerAsync);
        var options = _fixture.Plain(server.Address);
        options.MaxSessions = 2;
        var table = _fixture.Table(options);
        var connector = _fixture.Connector(table);
        var one = await ConnectorFixture.ConnectAsync(connector);
        await using var two = await ConnectorFixture.ConnectAsync(connector);

        (await ConnectorFixture.FailAsync(connector)).Reason.ShouldBe(SessionEndReason.ResourceConstraint);
        table.Snapshot()[0].Sessions.ShouldBe(2);

        await one.DisposeAsync();
        await one.DisposeAsync();
        table.Snapshot()[0].Sessions.ShouldBe(1);
        await using var three = await ConnectorFixture.ConnectAsync(connector);
    }

    [Fact]
    public async Task MaxSessions_ManyAtOnce_NotOneTooMany()
    {
        await using var server = ScriptedXmppServer.Start(ConnectorFixture.AnswerAsync);
        var options = _fixture.Plain(server.Address);
        options.MaxSessions = 5;
        var table = _fixture.Table(options);
        var connector = _fixture.Connector(table);

        var logins = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(async () =>
        {
            try
            {
                return await ConnectorFixture.ConnectAsync(connector);
            }
            catch (BackendConnectException e) when (e.Reason == SessionEndReason.ResourceConstraint)
            {
                return null;
            }
        })));

        logins.Count(s => s is not null).ShouldBe(5);
        server.Connections.ShouldBe(5);
        foreach (var stream in logins)
        {
            await (stream?.DisposeAsync() ?? default);
        }

        table.Snapshot()[0].Sessions.ShouldBe(0);
    }

    [Fact]
    public async Task Sessions_FailedAndEnded_LeaveNothingCounted()
    {
        using var refusing = new RefusingAddress();
        await using var bad = ScriptedXmppServer.Start(async peer =>
        {
            await peer.ExpectAsync("<stream:stream");
            await peer.SendAsync("<nonsense/>");
            await peer.ExpectEndAsync();
        });
        await using var good = ScriptedXmppServer.Start(ConnectorFixture.AnswerAsync);
        var table = _fixture.Table(_fixture.Plain(refusing.Address, bad.Address, good.Address));
        await using (await ConnectorFixture.ConnectAsync(_fixture.Connector(table)))
        {
            table.Snapshot()[0].Servers.Select(s => s.Sessions).Order().ShouldBe([0, 0, 1]);
        }

        table.Snapshot()[0].Sessions.ShouldBe(0);
        table.Snapshot()[0].Servers.ShouldAllBe(s => s.Logins == 0);
    }
}
