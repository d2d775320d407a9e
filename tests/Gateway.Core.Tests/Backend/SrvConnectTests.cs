using Gateway.Core.Backend;
using Gateway.Core.Backend.Pools;
using Gateway.Core.Policies;
using Gateway.Core.Sessions;
using Gateway.TestKit;

namespace Gateway.Core.Tests.Backend;

/// <summary>From SRV records to a stream: real sockets, a scripted DNS server, scripted XMPP servers.</summary>
public sealed class SrvConnectTests : IAsyncDisposable
{
    private const string Plain = "_xmpp-client._tcp.example.org";
    private const string Direct = "_xmpps-client._tcp.example.org";

    private readonly ConnectorFixture _fixture = new();
    private readonly ScriptedDnsServer _dns = ScriptedDnsServer.Start();

    public SrvConnectTests()
    {
        _fixture.Dns.Servers = [_dns.Address];
        _dns["one.example.net"].Address("127.0.0.1");
        _dns["two.example.net"].Address("127.0.0.1");
    }

    public async ValueTask DisposeAsync()
    {
        _fixture.Dispose();
        await _dns.DisposeAsync();
    }

    [Fact]
    [Trait("Requirement", "XS-002")]
    [Trait("Requirement", "XS-019")]
    [Trait("Requirement", "XS-029")]
    [Trait("Requirement", "XS-030")]
    [Trait("Requirement", "XS-034")]
    [Trait("Requirement", "DISC-025")]
    public async Task Srv_BothServices_EachTargetIsSecuredAsItsServiceSays()
    {
        await using var direct = ScriptedXmppServer.Start(async peer =>
        {
            await peer.AuthenticateAsync(_fixture.Certificates.Server("example.org"));
            (peer.ServerName, peer.ApplicationProtocol).ShouldBe(("example.org", "xmpp-client"));
            await peer.OpenAsync();
            await peer.ExpectEndAsync();
        });
        await using var starttls = ScriptedXmppServer.Start(async peer =>
        {
            await peer.OpenWithStartTlsAsync(_fixture.Certificates.Server("example.org"));
            await peer.ExpectEndAsync();
        });
        _dns[Direct].Srv(5, 0, direct.Port, "one.example.net");
        _dns[Plain].Srv(10, 0, starttls.Port, "two.example.net");

        await using (await _fixture.ConnectAsync(Srv()))
        {
            (direct.Connections, starttls.Connections).ShouldBe((1, 0));
        }

        _dns[Direct].Clear();
        _dns[Direct].Srv(20, 0, direct.Port, "one.example.net");
        await using (await _fixture.ConnectAsync(Srv()))
        {
            (direct.Connections, starttls.Connections).ShouldBe((1, 1));
        }
    }

    [Fact]
    [Trait("Requirement", "XS-003")]
    [Trait("Requirement", "DISC-026")]
    [Trait("Requirement", "DISC-032")]
    public async Task Srv_AddressesAndTargetsThatFail_TheNextAddressThenTheNextTarget()
    {
        using var refusing = new RefusingAddress();
        await using var bad = ScriptedXmppServer.Start(peer => peer.AuthenticateInVainAsync(_fixture.Certificates.SelfSigned("example.org")));
        await using var good = ScriptedXmppServer.Start(async peer =>
        {
            await peer.OpenWithStartTlsAsync(_fixture.Certificates.Server("example.org"));
            await peer.ExpectEndAsync();
        });
        _dns["one.example.net"].Address("127.0.0.2");
        _dns["three.example.net"].Address("127.0.0.2").Address("127.0.0.3").Address("127.0.0.1");
        _dns[Plain].Srv(1, 0, int.Parse(refusing.Address.Split(':')[1], System.Globalization.CultureInfo.InvariantCulture), "two.example.net")
            .Srv(2, 0, 5222, "nowhere.example.net").Srv(4, 0, good.Port, "three.example.net");
        _dns[Direct].Srv(3, 0, bad.Port, "two.example.net");

        await using var stream = await _fixture.ConnectAsync(Srv());

        (bad.Connections, good.Connections).ShouldBe((1, 1));
    }

    [Fact]
    [Trait("Requirement", "DISC-032")]
    public async Task Srv_OneAddressHangs_TheNextLoginBeginsWithAnother()
    {
        await using var good = ScriptedXmppServer.Start(async peer =>
        {
            await peer.OpenWithStartTlsAsync(_fixture.Certificates.Server("example.org"));
            await peer.ExpectEndAsync();
        });
        var isAsked = new TaskCompletionSource();
        await using var hanging = ScriptedXmppServer.Start(peer => ConnectorFixture.HangAsync(peer, isAsked), "127.0.0.2", good.Port);
        _dns["three.example.net"].Address("127.0.0.2").Address("127.0.0.1");
        _dns[Plain].Srv(1, 0, good.Port, "three.example.net");
        var options = Srv();
        var table = _fixture.Table(options);
        var connector = _fixture.Connector(table);
        var failing = ConnectorFixture.FailAsync(connector);
        await isAsked.Task.WithinAsync();
        _fixture.Time.Advance(options.StepTimeout);
        (await failing).Reason.ShouldBe(SessionEndReason.BackendTimeout);

        for (var i = 0; i < 2; i++)
        {
            await (await ConnectorFixture.ConnectAsync(connector)).DisposeAsync();
        }

        (hanging.Connections, good.Connections).ShouldBe((1, 2));
    }

    [Fact]
    [Trait("Requirement", "XS-003")]
    public async Task DirectTls_HandshakeFailsAtOneAddress_TheNextAddressIsTried()
    {
        await using var server = ScriptedXmppServer.Start(async peer =>
        {
            await peer.AuthenticateAsync(_fixture.Certificates.Server("example.org"));
            await peer.OpenAsync();
            await peer.ExpectEndAsync();
        });
        await using var broken = ScriptedXmppServer.Start(async peer =>
        {
            await peer.SendAsync("no TLS here");
            await peer.ExpectEndAsync();
        }, "127.0.0.2", server.Port);
        _dns["three.example.net"].Address("127.0.0.2").Address("127.0.0.1");
        _dns[Direct].Srv(0, 0, server.Port, "three.example.net");

        await using var stream = await _fixture.ConnectAsync(Srv());

        (broken.Connections, server.Connections).ShouldBe((1, 1));
    }

    [Fact]
    [Trait("Requirement", "XS-004")]
    [Trait("Requirement", "DISC-031")]
    public async Task Srv_NoTargetWorks_TheDomainsOwnAddressesAreNotAskedFor()
    {
        using var refusing = new RefusingAddress();
        _dns[Plain].Srv(1, 0, int.Parse(refusing.Address.Split(':')[1], System.Globalization.CultureInfo.InvariantCulture), "one.example.net");
        _dns["example.org"].Address("127.0.0.1");

        var failure = await _fixture.FailAsync(Srv());

        failure.Reason.ShouldBe(SessionEndReason.BackendRefused);
        _dns.Questions.ShouldNotContain(q => q.Name == "example.org");
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, true)]
    [Trait("Requirement", "DISC-028")]
    [Trait("Requirement", "DISC-029")]
    public async Task Srv_RootAsTarget_MeansNotHereAndNoFallback(bool plain, bool direct)
    {
        _dns["example.org"].Address("127.0.0.1");
        if (plain)
        {
            _dns[Plain].Srv(0, 0, 0, ".");
        }

        if (direct)
        {
            _dns[Direct].Srv(0, 0, 0, ".");
        }

        (await _fixture.FailAsync(Srv())).Reason.ShouldBe(SessionEndReason.DnsFailed);
        _dns.Questions.ShouldNotContain(q => q.Name == "example.org");
    }

    [Fact]
    [Trait("Requirement", "DISC-029")]
    public async Task Srv_RootForDirectTls_TheOtherServiceIsUsed()
    {
        await using var starttls = ScriptedXmppServer.Start(async peer =>
        {
            await peer.OpenWithStartTlsAsync(_fixture.Certificates.Server("example.org"));
            await peer.ExpectEndAsync();
        });
        _dns[Direct].Srv(0, 0, 0, ".");
        _dns[Plain].Srv(0, 0, starttls.Port, "one.example.net");

        await using var stream = await _fixture.ConnectAsync(Srv());

        starttls.Connections.ShouldBe(1);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(2)]
    [Trait("Requirement", "DISC-030")]
    public async Task Srv_NoneOrNoAnswer_LeadsToTheDomainItselfAtPort5222(int? responseCode)
    {
        _dns.ResponseCode = (byte?)responseCode;

        (await _fixture.FailAsync(Srv())).Reason.ShouldBe(SessionEndReason.DnsFailed);

        _dns.Questions.Select(q => (q.Name, (int)q.Type)).ShouldBeSubsetOf(
            [(Plain, 33), (Direct, 33), ("example.org", 28), ("example.org", 1)]);
        _dns.Questions.ShouldContain(q => q.Name == "example.org" && q.Type == 1);
        var targets = await _fixture.Table(Srv()).Find("b")!.TargetsAsync("example.org", TestContext.Current.CancellationToken).WithinAsync();
        var server = targets.ShouldHaveSingleItem().Server;
        (server.Address, server.Security, server.IsPublic).ShouldBe((new BackendAddress("example.org", 5222), BackendSecurity.StartTls, false));
    }

    [Fact]
    [Trait("Requirement", "DISC-035")]
    public async Task OwnSrv_OneDomainsServerIsDead_AnotherDomainIsServedAndNothingIsSaidToBeDown()
    {
        using var refusing = new RefusingAddress();
        await using var good = ScriptedXmppServer.Start(async peer =>
        {
            await peer.OpenWithStartTlsAsync(_fixture.Certificates.Server("good.example"));
            await peer.ExpectEndAsync();
        });
        _fixture.Dns.AllowPrivateAddresses = true;
        _dns["_xmpp-client._tcp.bad.example"].Srv(0, 0, int.Parse(refusing.Address.Split(':')[1], System.Globalization.CultureInfo.InvariantCulture), "one.example.net");
        _dns["_xmpp-client._tcp.good.example"].Srv(0, 0, good.Port, "two.example.net");
        var options = _fixture.Options();
        options.Security = BackendSecurity.Srv;
        options.HealthCheck.Enabled = false;
        options.CircuitBreaker = new CircuitBreakerOptions { MinimumThroughput = 2 };
        var table = _fixture.Table(options, "bad.example", "good.example");
        var connector = _fixture.Connector(table);
        for (var i = 0; i < 5; i++)
        {
            await ConnectorFixture.FailAsync(connector, "bad.example");
        }

        (await ConnectorFixture.FailAsync(connector, "bad.example")).Reason.ShouldBe(SessionEndReason.BackendUnavailable);
        await (await ConnectorFixture.ConnectAsync(connector, "good.example")).DisposeAsync();
        table.IsDown.ShouldBeFalse();
    }

    [Fact]
    public async Task OwnSrv_MadeUpNames_NeitherOpenABreakerNorFillTheTable()
    {
        _fixture.Dns.AllowPrivateAddresses = true;
        var options = _fixture.Options();
        options.Security = BackendSecurity.Srv;
        options.HealthCheck.Enabled = false;
        var table = _fixture.Table(options, "*.example.org");
        var connector = _fixture.Connector(table);
        for (var i = 0; i < 1100; i++)
        {
            (await ConnectorFixture.FailAsync(connector, $"made-up-{i}.example.org")).Reason.ShouldBe(SessionEndReason.DnsFailed);
        }

        table.Snapshot()[0].Servers.Count.ShouldBeLessThanOrEqualTo(1024);
        table.Snapshot()[0].Servers.ShouldAllBe(s => s.State == Availability.Up);
    }

    [Theory]
    [InlineData(BackendSecurity.StartTls, Plain)]
    [InlineData(BackendSecurity.DirectTls, Direct)]
    [Trait("Requirement", "DISC-024")]
    [Trait("Requirement", "XS-019")]
    public async Task Srv_SecurityIsSet_OnlyItsServiceIsAskedFor(BackendSecurity security, string question)
    {
        _dns[Plain].Srv(0, 0, 0, ".");
        _dns[Direct].Srv(0, 0, 0, ".");
        var options = Srv();
        options.Security = security;

        await _fixture.FailAsync(options);

        _dns.Questions.ShouldHaveSingleItem().Name.ShouldBe(question);
    }

    [Fact]
    [Trait("Requirement", "DISC-024")]
    [Trait("Requirement", "XS-034")]
    [Trait("Requirement", "XS-035")]
    public async Task Srv_InternationalDomain_IsAskedForAndVerifiedInAsciiAndNamedInUnicode()
    {
        string? header = null;
        await using var server = ScriptedXmppServer.Start(async peer =>
        {
            await peer.AuthenticateAsync(_fixture.Certificates.Server("xn--bcher-kva.example"));
            header = await peer.OpenAsync();
            await peer.ExpectEndAsync();
        });
        _dns["_xmpps-client._tcp.xn--bcher-kva.example"].Srv(0, 0, server.Port, "one.example.net");
        var options = Srv();
        options.Srv = "Bücher.example";
        var request = ConnectorFixture.Request with { Domain = "bücher.example", From = null };

        await using (await _fixture.Connector(options).ConnectAsync(request, TestContext.Current.CancellationToken).WithinAsync())
        {
        }

        await server.ScriptsEndedAsync(); // the script goes on for a moment after what the stream waited for
        header.ShouldNotBeNull().ShouldContain(" to='bücher.example'");
    }

    [Theory]
    [InlineData(false, "127.0.0.1")]
    [InlineData(false, "::1")]
    [InlineData(true, "127.0.0.1")]
    [Trait("Requirement", "DISC-035")]
    public async Task OwnSrv_PrivateAddress_IsRefusedUnlessAllowed(bool allowed, string address)
    {
        await using var server = ScriptedXmppServer.Start(peer => peer.ExpectEndAsync());
        _dns["inside.example.net"].Address(address);
        _dns[Plain].Srv(0, 0, server.Port, "inside.example.net");
        _fixture.Dns.AllowPrivateAddresses = allowed;
        var connecting = _fixture.Connector(_fixture.Options()).ConnectAsync(
            ConnectorFixture.Request with { Backend = ServedDomain.OwnSrv }, TestContext.Current.CancellationToken);

        if (allowed)
        {
            await TestTimeout.UntilAsync(() => server.Connections == 1);
            _fixture.Time.Advance(TimeSpan.FromMinutes(1));
        }

        var failure = await Should.ThrowAsync<BackendConnectException>(connecting.WithinAsync());
        failure.Reason.ShouldBe(allowed ? SessionEndReason.BackendTimeout : SessionEndReason.DnsFailed);
        server.Connections.ShouldBe(allowed ? 1 : 0);
        var line = _fixture.Logger.Warnings.ShouldHaveSingleItem();
        line.ShouldStartWith("No stream to backend srv: ");
        line.ShouldEndWith($"; domain example.org, last server inside.example.net:{server.Port}");
    }

    [Theory]
    [InlineData("srv")]
    [InlineData("direct-tls")]
    [InlineData("host")]
    public async Task Dns_NoServerAnswers_IsNotTakenForANameWithoutAddress(string kind)
    {
        using var closed = new RefusingAddress();
        _fixture.Dns.Servers = [closed.Address];
        var options = kind == "host" ? _fixture.Options("one.example.net:5222") : Srv();
        options.Security = kind == "direct-tls" ? BackendSecurity.DirectTls : options.Security;

        var failure = await _fixture.FailAsync(options);

        (failure.Reason, failure.Message).ShouldBe((SessionEndReason.DnsFailed, $"no DNS server gave a usable answer: {closed.Address}; 2 tries of 2 s each"));
    }

    [Fact]
    public async Task Log_SetUpTooLong_NamesTheServerThatWasWaitedForAndWithoutAnyNone()
    {
        await using var server = ScriptedXmppServer.Start(peer => peer.ExpectEndAsync());
        var options = _fixture.Options(server.Address);
        options.StepTimeout = TimeSpan.FromMinutes(5);
        var connecting = _fixture.FailAsync(options);
        await TestTimeout.UntilAsync(() => server.Connections == 1);
        _fixture.Time.Advance(options.SetupTimeout);
        await connecting;
        _dns[Plain].Srv(0, 0, 5222, ".");
        await _fixture.FailAsync(Srv());

        _fixture.Logger.Warnings.ShouldBe(
        [
            $"No stream to backend b: backend-timeout (no usable server within 20 s); domain example.org, last server {server.Address}",
            "No stream to backend b: dns-failed (the domain's SRV records name no server); domain example.org, last server none",
        ]);
    }

    [Fact]
    public async Task Dns_SilentForLongerThanAStep_TheServersAreNamed()
    {
        _dns.Udp = _ => [];
        var options = _fixture.Options("one.example.net:5222");
        options.StepTimeout = TimeSpan.FromSeconds(1);
        var connecting = _fixture.FailAsync(options);
        await TestTimeout.UntilAsync(() => _dns.Questions.Count == 2);
        _fixture.Time.Advance(options.StepTimeout);

        (await connecting).Message.ShouldBe($"no DNS answer from {_dns.Address} within 1 s");
    }

    [Fact]
    public async Task Dns_NoSuchName_IsSaidToBeSo()
    {
        var failure = await _fixture.FailAsync(_fixture.Options("three.example.net:5222"));

        (failure.Reason, failure.Message).ShouldBe((SessionEndReason.DnsFailed, "the server's name has no address"));
    }

    [Theory]
    [InlineData("224.0.0.1")]
    [InlineData("255.255.255.255")]
    [Trait("Requirement", "DISC-035")]
    public async Task ConfiguredSrv_MulticastOrBroadcast_IsRefused(string address)
    {
        _dns["inside.example.net"].Address(address);
        _dns[Plain].Srv(0, 0, 5222, "inside.example.net");

        (await _fixture.FailAsync(Srv())).Reason.ShouldBe(SessionEndReason.DnsFailed);
    }

    [Fact]
    [Trait("Requirement", "DISC-035")]
    public async Task FixedServers_AreReachedWithoutSrv()
    {
        await using var server = ScriptedXmppServer.Start(async peer =>
        {
            await peer.OpenWithStartTlsAsync(_fixture.Certificates.Server("example.org"));
            await peer.ExpectEndAsync();
        });

        await using var stream = await _fixture.ConnectAsync(_fixture.Options(server.Address));

        _dns.Questions.ShouldBeEmpty();
    }

    private BackendOptions Srv()
    {
        var options = _fixture.Options();
        options.Srv = "example.org";
        options.Security = BackendSecurity.Srv;
        return options;
    }
}
