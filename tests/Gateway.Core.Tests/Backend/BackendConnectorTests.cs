using System.Text;
using Gateway.Core.Backend;
using Gateway.Core.Policies;
using Gateway.TestKit;

namespace Gateway.Core.Tests.Backend;

public sealed class BackendConnectorTests : IDisposable
{
    private const string PlainHeader = " to='example.org' version='1.0' xml:lang='en' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";

    private readonly ConnectorFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    [Trait("Requirement", "XS-001")]
    [Trait("Requirement", "XS-009")]
    [Trait("Requirement", "XS-010")]
    [Trait("Requirement", "XS-011")]
    [Trait("Requirement", "XS-016")]
    [Trait("Requirement", "XS-024")]
    [Trait("Requirement", "XS-028")]
    public async Task StartTls_CorrectServer_GivesTheFeaturesOfTheStreamInsideTls()
    {
        await using var server = ScriptedXmppServer.Start(async peer =>
        {
            (await peer.ExpectAsync(">")).ShouldBe("<?xml version='1.0'?>");
            await peer.SendAsync(FakeXmppStream.DefaultHeader);
            (await peer.ExpectAsync(">")).ShouldBe("<stream:stream" + PlainHeader);
            await peer.SendAsync("<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/><before/></stream:features>");
            (await peer.ExpectAsync(">")).ShouldBe("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
            await peer.SendAsync("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
            await peer.AuthenticateAsync(_fixture.Certificates.Server("example.org"));
            peer.ServerName.ShouldBe("example.org");
            peer.ApplicationProtocol.ShouldBeEmpty();
            peer.ClientCertificate.ShouldBeNull();
            (await peer.ExpectAsync(">")).ShouldBe("<?xml version='1.0'?>");
            (await peer.ExpectAsync(">")).ShouldBe("<stream:stream from='alice@example.org'" + PlainHeader);
            await peer.SendAsync(FakeXmppStream.DefaultHeader.Replace("s1", "inside", StringComparison.Ordinal));
            await peer.SendAsync("<stream:features><after/></stream:features>");
            (await peer.ExpectEndAsync()).ShouldBeEmpty();
        });

        var stream = await _fixture.ConnectAsync(_fixture.Options(server.Address));

        stream.Header.Id.ShouldBe("inside");
        Text(stream).ShouldBe("<stream:features><after/></stream:features>");
        _fixture.Time.ArmedTimers.ShouldBe(0);
        await stream.DisposeAsync();
        await server.ScriptsEndedAsync();
    }

    [Fact]
    [Trait("Requirement", "XS-020")]
    public async Task StartTls_NotAdvertised_IsAskedForAllTheSame()
    {
        await using var server = ScriptedXmppServer.Start(async peer =>
        {
            await peer.OpenAsync("<stream:features/>");
            await peer.ExpectAsync("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
            await peer.SendAsync("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
            await peer.AuthenticateAsync(_fixture.Certificates.Server("example.org"));
            await peer.OpenAsync("<stream:features><inside/></stream:features>");
            await peer.ExpectEndAsync();
        });

        await using var stream = await _fixture.ConnectAsync(_fixture.Options(server.Address));

        Text(stream).ShouldBe("<stream:features><inside/></stream:features>");
    }

    [Fact]
    [Trait("Requirement", "XS-030")]
    [Trait("Requirement", "XS-031")]
    public async Task DirectTls_CorrectServer_StartsWithTlsAndSendsFrom()
    {
        await using var server = ScriptedXmppServer.Start(async peer =>
        {
            await peer.AuthenticateAsync(_fixture.Certificates.Server("example.org"));
            peer.ServerName.ShouldBe("example.org");
            peer.ApplicationProtocol.ShouldBe("xmpp-client");
            (await peer.OpenAsync("<stream:features><a/></stream:features>")).ShouldContain("from='alice@example.org'");
            await peer.ExpectEndAsync();
        });
        var options = _fixture.Options(server.Address);
        options.Security = BackendSecurity.DirectTls;

        await using var stream = await _fixture.ConnectAsync(options);

        Text(stream).ShouldBe("<stream:features><a/></stream:features>");
    }

    [Fact]
    public async Task None_CorrectServer_SendsNoFrom()
    {
        await using var server = ScriptedXmppServer.Start(async peer =>
        {
            (await peer.OpenAsync("<stream:features><a/></stream:features>")).ShouldBe(PlainHeader);
            await peer.ExpectEndAsync();
        });
        var options = _fixture.Options(server.Address);
        options.Security = BackendSecurity.None;

        await using var stream = await _fixture.ConnectAsync(options);

        Text(stream).ShouldBe("<stream:features><a/></stream:features>");
    }

    [Fact]
    [Trait("Requirement", "XS-013")]
    [Trait("Requirement", "XS-015")]
    [Trait("Requirement", "XS-065")]
    public async Task Connect_PrefixFreeHeaderWithoutIdByteByByte_IsAccepted()
    {
        await using var server = ScriptedXmppServer.Start(async peer =>
        {
            await peer.ExpectAsync(PlainHeader);
            foreach (var c in "<stream xmlns='http://etherx.jabber.org/streams' version='1.0'> <features><x xmlns='urn:x'/></features>"u8.ToArray())
            {
                await peer.SendAsync(new[] { c });
            }

            await peer.ExpectEndAsync();
        });
        var options = _fixture.Options(server.Address);
        options.Security = BackendSecurity.None;

        await using var stream = await _fixture.ConnectAsync(options);

        Text(stream).ShouldBe("<features><x xmlns='urn:x'/></features>");
        stream.Header.Id.ShouldNotBeNullOrEmpty();
    }

    [Fact]
    [Trait("Requirement", "XS-035")]
    public async Task StartTls_SrvNameCertificate_IsAccepted() =>
        await ConnectWithAsync(_fixture.Certificates.SrvName("_xmpp-client.example.org"), _ => { });

    [Fact]
    public async Task StartTls_ServerNameConfigured_IsTheReferenceAndTheSni() =>
        (await ConnectWithAsync(_fixture.Certificates.Server("internal.example.net"), o => o.Tls.ServerName = "internal.example.net"))
            .ShouldBe("internal.example.net");

    [Fact]
    [Trait("Requirement", "XS-039")]
    public async Task ClientCertificate_IsPresentedWhenConfigured()
    {
        using var own = _fixture.Certificates.Server("gateway.example.org");
        await using var server = ScriptedXmppServer.Start(async peer =>
        {
            await peer.AuthenticateAsync(_fixture.Certificates.Server("example.org"), askForCertificate: true);
            peer.ClientCertificate!.GetCertHashString().ShouldBe(own.GetCertHashString());
            await peer.OpenAsync();
            await peer.ExpectEndAsync();
        });
        var options = _fixture.Options(server.Address);
        options.Security = BackendSecurity.DirectTls;
        (options.Tls.ClientCertificate, options.Tls.ClientKey) = _fixture.Certificates.Write(own);

        await (await _fixture.ConnectAsync(options)).DisposeAsync();

        await server.ScriptsEndedAsync();
    }

    [Fact]
    [Trait("Requirement", "XS-039")]
    public async Task DirectTls_ServerAsksForACertificate_NoneIsPresented()
    {
        string? presented = null;
        await using var server = ScriptedXmppServer.Start(async peer =>
        {
            await peer.AuthenticateAsync(_fixture.Certificates.Server("example.org"), askForCertificate: true);
            presented = peer.ClientCertificate?.GetCertHashString();
            await peer.OpenAsync();
            await peer.ExpectEndAsync();
        });
        var options = _fixture.Options(server.Address);
        options.Security = BackendSecurity.DirectTls;

        await using var stream = await _fixture.ConnectAsync(options);

        presented.ShouldBeNull();
    }

    [Fact]
    [Trait("Requirement", "XS-005")]
    public async Task Connect_FirstServersFail_TheNextIsUsed()
    {
        using var refusing = new RefusingAddress();
        await using var untrusted = ScriptedXmppServer.Start(async peer =>
        {
            await peer.OpenAsync();
            await peer.ExpectAsync("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
            await peer.SendAsync("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
            await peer.AuthenticateInVainAsync(_fixture.Certificates.SelfSigned("example.org"));
        });
        await using var good = ScriptedXmppServer.Start(async peer =>
        {
            await peer.OpenWithStartTlsAsync(_fixture.Certificates.Server("example.org"));
            await peer.ExpectEndAsync();
        });

        await using var stream = await _fixture.ConnectAsync(_fixture.Options(refusing.Address, untrusted.Address, good.Address));

        untrusted.Connections.ShouldBe(1);
        good.Connections.ShouldBe(1);
        _fixture.Logger.Warnings.ShouldHaveSingleItem().ShouldBe("A server of backend b is not trusted: untrusted-root; the next one is tried");
    }

    [Fact]
    [Trait("Requirement", "XS-006")]
    public async Task Connect_TwoSessions_TwoConnectionsAndNoneAnewWhenOneIsLost()
    {
        await using var server = ScriptedXmppServer.Start(async peer =>
        {
            await peer.OpenWithStartTlsAsync(_fixture.Certificates.Server("example.org"));
            await peer.ExpectEndAsync();
        });
        var connector = _fixture.Connector(_fixture.Options(server.Address));

        await using var one = await connector.ConnectAsync(ConnectorFixture.Request, TestContext.Current.CancellationToken).WithinAsync();
        await using var two = await connector.ConnectAsync(ConnectorFixture.Request, TestContext.Current.CancellationToken).WithinAsync();

        server.Connections.ShouldBe(2);
        await one.DisposeAsync();
        await using var three = await connector.ConnectAsync(ConnectorFixture.Request, TestContext.Current.CancellationToken).WithinAsync();
        server.Connections.ShouldBe(3, "what one session left behind is nobody else's");
    }

    [Fact]
    [Trait("Requirement", "XS-006")]
    public async Task Stream_ServerDropsIt_IsLostAndNotOpenedAgain()
    {
        var go = new TaskCompletionSource();
        await using var server = ScriptedXmppServer.Start(async peer =>
        {
            await peer.OpenWithStartTlsAsync(_fixture.Certificates.Server("example.org"));
            await peer.UntilAsync(go.Task);
            peer.Reset();
        });
        await using var stream = await _fixture.ConnectAsync(_fixture.Options(server.Address));
        stream.TryRead(out _).ShouldBeFalse();

        go.SetResult();

        (await stream.FillAsync(TestContext.Current.CancellationToken).WithinAsync()).ShouldBeFalse();
        await Should.ThrowAsync<IOException>(async () =>
        {
            // What the system still takes goes nowhere.
            for (var i = 0; i < 100; i++)
            {
                await stream.WriteAsync("<a/>"u8.ToArray(), TestContext.Current.CancellationToken);
            }
        });
        server.Connections.ShouldBe(1);
    }

    [Fact]
    [Trait("Requirement", "XS-032")]
    public async Task DirectTls_StartTlsAdvertisedInside_IsNotUsedAndNotPassedOn()
    {
        var heard = "";
        await using var server = ScriptedXmppServer.Start(async peer =>
        {
            await peer.AuthenticateAsync(_fixture.Certificates.Server("example.org"));
            await peer.OpenAsync("<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls><a/></stream:features>");
            heard = await peer.ExpectEndAsync();
        });
        var options = _fixture.Options(server.Address);
        options.Security = BackendSecurity.DirectTls;

        var stream = await _fixture.ConnectAsync(options);
        using var features = new Xmpp.Buffers.PooledByteWriter();
        StreamFeaturesPolicy.Write(features, stream.Buffer, stream.Current, stream.Scope, Xmpp.Framing.RebaseTarget.Message, DomainSecurity.Default.Features, Xmpp.Framing.FramingLimits.Default);
        await stream.DisposeAsync();
        await server.ScriptsEndedAsync();

        heard.ShouldBeEmpty();
        Encoding.UTF8.GetString(features.WrittenSpan).ShouldNotContain("starttls");
        Encoding.UTF8.GetString(features.WrittenSpan).ShouldContain("<a");
    }

    [Fact]
    [Trait("Requirement", "XS-021")]
    public async Task StartTls_UnderWay_NothingFollowsIt()
    {
        var heard = "?";
        var asked = new TaskCompletionSource();
        await using var server = ScriptedXmppServer.Start(async peer =>
        {
            await peer.OpenAsync();
            await peer.ExpectAsync("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
            asked.SetResult();
            heard = await peer.ExpectEndAsync();
        });
        var options = _fixture.Options(server.Address);
        options.StepTimeout = options.SetupTimeout = TimeSpan.FromHours(1);
        var failing = _fixture.FailAsync(options);
        await asked.Task.WithinAsync();

        for (var i = 0; i < 70; i++)
        {
            _fixture.Time.Advance(TimeSpan.FromMinutes(1));
        }

        await failing;
        await server.ScriptsEndedAsync();
        heard.ShouldBeEmpty();
    }

    private async Task<string?> ConnectWithAsync(System.Security.Cryptography.X509Certificates.X509Certificate2 certificate, Action<BackendOptions> configure)
    {
        var name = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = ScriptedXmppServer.Start(async peer =>
        {
            await peer.OpenWithStartTlsAsync(certificate);
            name.SetResult(peer.ServerName);
            await peer.ExpectEndAsync();
        });
        var options = _fixture.Options(server.Address);
        configure(options);

        await using var stream = await _fixture.ConnectAsync(options);

        Text(stream).ShouldBe(FakeXmppStream.DefaultFeatures);
        return await name.Task.WithinAsync();
    }

    private static string Text(IXmppStream stream) => Encoding.UTF8.GetString(stream.Current.Slice(stream.Buffer));
}
