using System.Security.Cryptography.X509Certificates;
using System.Text;
using Gateway.Core.Backend;
using Gateway.Core.Sessions;
using Gateway.TestKit;

namespace Gateway.Core.Tests.Backend;

/// <summary>Each fault of a backend has its own name, and leaves neither a connection nor a timer behind.</summary>
public sealed class BackendConnectorFaultTests : IDisposable
{
    private const string Offer = "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>";
    private const string AskTls = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";
    private const string Proceed = "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";

    private readonly ConnectorFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task Connect_NobodyListens_Refused()
    {
        using var refusing = new RefusingAddress();

        var failure = await _fixture.FailAsync(_fixture.Options(refusing.Address));

        failure.Reason.ShouldBe(SessionEndReason.BackendRefused);
        _fixture.Logger.Warnings.ShouldHaveSingleItem().ShouldBe(
            $"No stream to backend b: backend-refused (TCP: ConnectionRefused); domain example.org, last server {refusing.Address}");
        _fixture.Time.ArmedTimers.ShouldBe(0);
    }

    [Fact]
    public async Task Connect_NameDoesNotExist_DnsFailed() =>
        (await _fixture.FailAsync(_fixture.Options("no-such-host.invalid:5222"))).Reason.ShouldBe(SessionEndReason.DnsFailed);

    [Fact]
    public async Task Connect_ServerHangsBeforeItsHeader_TimesOut() =>
        (await HangAsync(peer => peer.ExpectAsync("to='example.org'"))).Reason.ShouldBe(SessionEndReason.BackendTimeout);

    [Fact]
    [Trait("Requirement", "XS-016")]
    public async Task Connect_ServerHangsBeforeItsFeatures_TimesOut() =>
        (await HangAsync(async peer =>
        {
            await peer.ExpectAsync("to='example.org'");
            await peer.ExpectAsync(">");
            BeforeNextStep();
            await peer.SendAsync(FakeXmppStream.DefaultHeader);
        })).Message.ShouldContain("stream features");

    [Fact]
    public async Task Connect_ServerHangsAfterStartTls_TimesOut() =>
        (await HangAsync(async peer =>
        {
            await peer.OpenAsync(Offer);
            await peer.ExpectAsync(AskTls);
        })).Message.ShouldContain("answer to starttls");

    [Fact]
    public async Task Connect_ServerHangsInTheHandshake_TimesOut() =>
        (await HangAsync(async peer =>
        {
            await peer.OpenAsync(Offer);
            await peer.ExpectAsync(AskTls);
            BeforeNextStep();
            await peer.SendAsync(Proceed);
        })).Message.ShouldContain("TLS handshake");

    [Fact]
    public async Task Connect_SeveralServersHang_SetupTimeoutEndsIt()
    {
        var hanging = 0;
        async Task Script(ScriptedPeer peer)
        {
            await peer.ExpectAsync("to='example.org'");
            Interlocked.Increment(ref hanging);
            await peer.HangAsync();
        }

        await using var one = ScriptedXmppServer.Start(Script);
        await using var two = ScriptedXmppServer.Start(Script);
        await using var three = ScriptedXmppServer.Start(Script);
        var failing = _fixture.FailAsync(_fixture.Options(one.Address, two.Address, three.Address));
        for (var server = 1; server <= 3; server++)
        {
            await TestTimeout.UntilAsync(() => hanging == server);
            await _fixture.Time.TimerArmedAsync(TimeSpan.FromSeconds(7));
            _fixture.Time.Advance(TimeSpan.FromSeconds(server < 3 ? 7 : 6)); // 7 + 7 + 6 = 20
        }

        var failure = await failing.WithinAsync();

        failure.Reason.ShouldBe(SessionEndReason.BackendTimeout);
        failure.Message.ShouldContain("usable server");
        await three.ScriptsEndedAsync();
        _fixture.Time.ArmedTimers.ShouldBe(0);
    }

    [Fact]
    public async Task Connect_ClientGivesUp_EverythingIsReleased()
    {
        var hanging = new TaskCompletionSource();
        await using var server = ScriptedXmppServer.Start(async peer =>
        {
            await peer.ExpectAsync("to='example.org'");
            hanging.SetResult();
            await peer.HangAsync();
        });
        using var giveUp = new CancellationTokenSource();
        var connecting = _fixture.Connector(_fixture.Options(server.Address)).ConnectAsync(ConnectorFixture.Request, giveUp.Token);
        await hanging.Task.WithinAsync();

        await giveUp.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(connecting.WithinAsync());
        await server.ScriptsEndedAsync();
        _fixture.Time.ArmedTimers.ShouldBe(0);
    }

    [Fact]
    [Trait("Requirement", "XS-022")]
    public async Task StartTls_Failure_StarttlsMissing() =>
        (await FailAsync(async peer =>
        {
            await peer.OpenAsync(Offer);
            await peer.ExpectAsync(AskTls);
            await peer.SendAsync("<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:stream>");
            (await peer.ExpectEndAsync()).ShouldBeEmpty();
        })).Reason.ShouldBe(SessionEndReason.StarttlsMissing);

    [Theory]
    [Trait("Requirement", "XS-020")]
    [InlineData("<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")]
    [InlineData("<stream:error><unsupported-stanza-type xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>")]
    [InlineData("<iq type='error'/>")]
    [InlineData("</stream:stream>")]
    [InlineData("")]
    public async Task StartTls_NotOfferedAndNotGranted_StarttlsMissing(string answer) =>
        (await FailAsync(async peer =>
        {
            await peer.OpenAsync("<stream:features/>");
            await peer.ExpectAsync(AskTls);
            await peer.SendAsync(answer);
            peer.Close();
        })).Reason.ShouldBe(SessionEndReason.StarttlsMissing);

    [Theory]
    [InlineData("<stream:features><starttls xmlns='urn:other'/></stream:features>", SessionEndReason.StarttlsMissing)]
    [InlineData("<stream:features><t:starttls xmlns:t='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>", SessionEndReason.BackendLost)]
    public async Task StartTls_Offer_IsKnownByItsNamespace(string features, SessionEndReason reason) =>
        (await FailAsync(async peer =>
        {
            await peer.OpenAsync(features);
            await peer.ExpectAsync(AskTls);
            peer.Close();
        })).Reason.ShouldBe(reason);

    [Theory]
    [Trait("Requirement", "XS-022")]
    [InlineData("<proceed xmlns='urn:something:else'/>", SessionEndReason.BackendProtocolError)]
    [InlineData("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>", SessionEndReason.BackendProtocolError)]
    [InlineData("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-", SessionEndReason.BackendLost)]
    [InlineData("", SessionEndReason.BackendLost)]
    public async Task StartTls_OfferedAndSomethingElseComes_NoPlainText(string answer, SessionEndReason reason)
    {
        var after = "";
        var failure = await FailAsync(async peer =>
        {
            await peer.OpenAsync(Offer);
            await peer.ExpectAsync(AskTls);
            await peer.SendAsync(answer);
            if (reason == SessionEndReason.BackendLost)
            {
                peer.Close();
            }
            else
            {
                after = await peer.ExpectEndAsync();
            }
        });

        failure.Reason.ShouldBe(reason);
        after.ShouldBeEmpty();
    }

    [Theory]
    [Trait("Requirement", "XS-023")]
    [InlineData("<stream:features/>")]
    [InlineData(" ")]
    public async Task StartTls_BytesBehindProceed_ConnectionDropped(string injected)
    {
        var failure = await FailAsync(async peer =>
        {
            await peer.OpenAsync(Offer);
            await peer.ExpectAsync(AskTls);
            await peer.SendAsync(Proceed + injected);
            (await peer.ExpectEndAsync()).ShouldBeEmpty(); // no ClientHello
        });

        failure.Reason.ShouldBe(SessionEndReason.BackendProtocolError);
    }

    [Fact]
    [Trait("Requirement", "XS-026")]
    public async Task Handshake_ServerAnswersGarbage_TlsHandshake()
    {
        var failure = await FailAsync(async peer =>
        {
            await peer.OpenAsync(Offer);
            await peer.ExpectAsync(AskTls);
            await peer.SendAsync(Proceed);
            await peer.ExpectAsync("\u0016"); // the ClientHello's record
            await peer.SendAsync("HTTP/1.1 400 Bad Request\r\n\r\n");
            (await peer.ExpectEndAsync()).ShouldNotContain("</stream:stream>");
        });

        failure.Reason.ShouldBe(SessionEndReason.TlsHandshake);
    }

    [Fact]
    [Trait("Requirement", "XS-036")]
    public async Task Certificate_Expired_HasItsName() => await CertificateFailsAsync(_fixture.Certificates.Expired("example.org"), SessionEndReason.CertificateExpired);

    [Fact]
    [Trait("Requirement", "XS-036")]
    public async Task Certificate_NotYetValid_HasItsName() => await CertificateFailsAsync(_fixture.Certificates.NotYetValid("example.org"), SessionEndReason.CertificateExpired);

    [Fact]
    [Trait("Requirement", "XS-034")]
    public async Task Certificate_NamesTheConfiguredHostInsteadOfTheDomain_NameMismatch() =>
        await CertificateFailsAsync(_fixture.Certificates.Server("127.0.0.1", "localhost", "other.example"), SessionEndReason.NameMismatch);

    [Fact]
    [Trait("Requirement", "XS-035")]
    public async Task Certificate_CommonNameOnly_NameMismatch() => await CertificateFailsAsync(_fixture.Certificates.CommonNameOnly("example.org"), SessionEndReason.NameMismatch);

    [Fact]
    [Trait("Requirement", "XS-036")]
    public async Task Certificate_SelfSigned_UntrustedRoot() => await CertificateFailsAsync(_fixture.Certificates.SelfSigned("example.org"), SessionEndReason.UntrustedRoot);

    [Fact]
    [Trait("Requirement", "XS-037")]
    public async Task Certificate_OfAnotherAuthorityOfTheSameName_UntrustedRoot()
    {
        using var others = new TestCertificates();
        await CertificateFailsAsync(others.Server("example.org"), SessionEndReason.UntrustedRoot);
    }

    [Fact]
    public async Task Certificate_SystemStoreAndPrivateAuthority_UntrustedRoot() =>
        await CertificateFailsAsync(_fixture.Certificates.Server("example.org"), SessionEndReason.UntrustedRoot, o => o.Tls.TrustedRoots = null);

    [Fact]
    [Trait("Requirement", "XS-033")]
    public async Task DirectTls_WrongName_NameMismatch()
    {
        var failure = await FailAsync(
            peer => peer.AuthenticateInVainAsync(_fixture.Certificates.Server("other.example")),
            o => o.Security = BackendSecurity.DirectTls);

        failure.Reason.ShouldBe(SessionEndReason.NameMismatch);
    }

    [Theory]
    [Trait("Requirement", "XS-012")]
    [InlineData("<stream:stream xmlns:stream='urn:wrong' xmlns='jabber:client' version='1.0'>")]
    [InlineData("<stream:other xmlns:stream='http://etherx.jabber.org/streams' xmlns='jabber:client' version='1.0'>")]
    [InlineData("<html>")]
    public async Task Header_WrongRoot_InvalidNamespaceToTheServer(string header)
    {
        var (failure, heard) = await FailPlainAsync(header);

        failure.Reason.ShouldBe(SessionEndReason.BackendProtocolError);
        heard.ShouldBe("<stream:error><invalid-namespace xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>");
    }

    [Theory]
    [Trait("Requirement", "XS-014")]
    [InlineData("")]
    [InlineData("version='0.9'")]
    [InlineData("version='2.0'")]
    public async Task Header_OtherVersion_IsAFailure(string version)
    {
        var (failure, heard) = await FailPlainAsync($"<stream:stream xmlns:stream='http://etherx.jabber.org/streams' xmlns='jabber:client' id='a' {version}><stream:features/>");

        failure.Reason.ShouldBe(SessionEndReason.BackendProtocolError);
        heard.ShouldBe("</stream:stream>");
    }

    [Theory]
    [Trait("Requirement", "XS-050")]
    [InlineData("HTTP/1.1 400 Bad Request\r\n\r\n", "not-well-formed", "bad-format")]
    [InlineData(FakeXmppStream.DefaultHeader + "<a></b>", "not-well-formed")]
    [InlineData(FakeXmppStream.DefaultHeader + "<!-- x -->", "restricted-xml")]
    [InlineData("<?xml version='1.0' encoding='ISO-8859-1'?><stream:stream>", "unsupported-encoding")]
    public async Task Stream_NotAcceptable_TheServerIsTold(string sent, params string[] conditions)
    {
        var (failure, heard) = await FailPlainAsync(sent);

        failure.Reason.ShouldBe(SessionEndReason.BackendProtocolError);
        conditions.Select(c => $"<stream:error><{c} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>").ShouldContain(heard);
    }

    [Fact]
    [Trait("Requirement", "XS-048")]
    public async Task Stream_ErrorFromTheServer_IsHandedOnToStandAlone()
    {
        var (failure, heard) = await FailPlainAsync(
            FakeXmppStream.DefaultHeader + "<stream:error><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>");

        failure.Reason.ShouldBe(SessionEndReason.RemoteStreamError);
        var error = System.Xml.Linq.XElement.Parse(Encoding.UTF8.GetString(failure.StreamError.ShouldNotBeNull()));
        error.Name.ToString().ShouldBe("{http://etherx.jabber.org/streams}error");
        error.Elements().ShouldHaveSingleItem().Name.ToString().ShouldBe("{urn:ietf:params:xml:ns:xmpp-streams}host-unknown");
        heard.ShouldBe("</stream:stream>");
    }

    [Theory]
    [InlineData("<host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>", "host-unknown")]
    [InlineData("<text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>bob@example.org</text><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/><reset xmlns='urn:x'/>", "conflict")]
    [InlineData("<see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>10.1.2.3</see-other-host>", "see-other-host")]
    [InlineData("<bob-example-org xmlns='urn:x'><reset xmlns='urn:x'/></bob-example-org>", "other")]
    [InlineData("", "other")]
    public async Task Stream_ErrorFromTheServer_ItsConditionIsLogged(string content, string name)
    {
        await FailPlainAsync($"{FakeXmppStream.DefaultHeader}<stream:error>{content}</stream:error>");

        _fixture.Logger.Warnings.ShouldHaveSingleItem().ShouldStartWith($"No stream to backend b: remote-stream-error (the server sent the stream error {name});");
    }

    [Fact]
    [Trait("Requirement", "XS-049")]
    public async Task Stream_SeeOtherHost_BecomesReset()
    {
        var (failure, _) = await FailPlainAsync(
            FakeXmppStream.DefaultHeader + "<stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>10.1.2.3:5222</see-other-host></stream:error></stream:stream>");

        var error = Encoding.UTF8.GetString(failure.StreamError.ShouldNotBeNull());
        error.ShouldNotContain("10.1.2.3");
        error.ShouldContain("<reset xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>");
        System.Xml.Linq.XElement.Parse(error).Name.ToString().ShouldBe("{http://etherx.jabber.org/streams}error");
    }

    [Theory]
    [InlineData("")]
    [InlineData("<stream:stream xmlns:stream='http://ether")]
    [InlineData(FakeXmppStream.DefaultHeader)]
    [InlineData(FakeXmppStream.DefaultHeader + "<stream:features><mech")]
    public async Task Connection_DroppedOnTheWay_BackendLost(string sent)
    {
        foreach (var reset in new[] { false, true })
        {
            var failure = await FailAsync(
                async peer =>
                {
                    await peer.ExpectAsync("to='example.org'");
                    await peer.ExpectAsync(">");
                    await peer.SendAsync(sent);
                    if (reset)
                    {
                        peer.Reset();
                    }
                    else
                    {
                        peer.Close();
                    }
                },
                o => o.Security = BackendSecurity.None);

            failure.Reason.ShouldBe(SessionEndReason.BackendLost);
        }
    }

    [Fact]
    [Trait("Requirement", "BOSH-096")]
    [Trait("Requirement", "WS-050")]
    public async Task Stream_ClosedInsteadOfFeatures_IsNoOrderlyEnd()
    {
        var (failure, heard) = await FailPlainAsync(FakeXmppStream.DefaultHeader + "</stream:stream>");

        failure.Reason.ShouldBe(SessionEndReason.BackendProtocolError);
        heard.ShouldBe("</stream:stream>");
    }

    private async Task CertificateFailsAsync(X509Certificate2 certificate, SessionEndReason reason, Action<BackendOptions>? configure = null)
    {
        var failure = await FailAsync(
            async peer =>
            {
                await peer.OpenAsync(Offer);
                await peer.ExpectAsync(AskTls);
                await peer.SendAsync(Proceed);
                await peer.AuthenticateInVainAsync(certificate);
            },
            configure);

        failure.Reason.ShouldBe(reason);
        _fixture.Logger.Warnings.ShouldHaveSingleItem().ShouldContain(reason.ToWord());
    }

    /// <summary>A backend without TLS that sends something for a header; what the gateway says to that is returned.</summary>
    private async Task<(BackendConnectException Failure, string Heard)> FailPlainAsync(string sent)
    {
        var heard = "";
        var failure = await FailAsync(
            async peer =>
            {
                await peer.ExpectAsync("to='example.org'");
                await peer.ExpectAsync(">");
                await peer.SendAsync(sent);
                heard = await peer.ExpectEndAsync();
            },
            o => o.Security = BackendSecurity.None);
        return (failure, heard);
    }

    private async Task<BackendConnectException> FailAsync(Func<ScriptedPeer, Task> script, Action<BackendOptions>? configure = null)
    {
        await using var server = ScriptedXmppServer.Start(script);
        var options = _fixture.Options(server.Address);
        configure?.Invoke(options);
        var failure = await _fixture.FailAsync(options);
        await server.ScriptsEndedAsync(); // the gateway has let go of the connection
        _fixture.Time.ArmedTimers.ShouldBe(0);
        return failure;
    }

    /// <summary>Makes the limit of the step that ends now distinct from that of the next.</summary>
    private void BeforeNextStep() => _fixture.Time.Advance(TimeSpan.FromSeconds(1));

    private async Task<BackendConnectException> HangAsync(Func<ScriptedPeer, Task> until)
    {
        var hanging = new TaskCompletionSource();
        await using var server = ScriptedXmppServer.Start(async peer =>
        {
            await until(peer);
            hanging.SetResult();
            await peer.HangAsync();
        });
        var failing = _fixture.FailAsync(_fixture.Options(server.Address));
        await hanging.Task.WithinAsync();
        await _fixture.Time.TimerArmedAsync(TimeSpan.FromSeconds(7));
        _fixture.Time.Advance(TimeSpan.FromSeconds(7));

        var failure = await failing.WithinAsync();
        failure.Reason.ShouldBe(SessionEndReason.BackendTimeout);
        await server.ScriptsEndedAsync();
        _fixture.Time.ArmedTimers.ShouldBe(0);
        return failure;
    }
}
