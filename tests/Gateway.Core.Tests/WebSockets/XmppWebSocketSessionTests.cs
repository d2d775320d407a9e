using System.Net.WebSockets;
using Gateway.Core.Backend;
using Gateway.Core.Sessions;
using Gateway.TestKit;

namespace Gateway.Core.Tests.WebSockets;

public sealed class XmppWebSocketSessionTests
{
    private const string Close = "<close xmlns=\"urn:ietf:params:xml:ns:xmpp-framing\" />";

    [Fact]
    [Trait("Requirement", "WS-025")]
    [Trait("Requirement", "WS-033")]
    [Trait("Requirement", "WS-034")]
    [Trait("Requirement", "WS-036")]
    [Trait("Requirement", "WS-040")]
    public async Task Open_DomainIsServed_AnswersWithTheBackendsHeaderThenItsFeatures()
    {
        await using var session = new SessionHarness
        {
            Backend = new FakeXmppStream(features: "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/><compression xmlns='http://jabber.org/features/compress'><method>zlib</method></compression><other xmlns='urn:o'/></stream:features>"),
        };
        await session.SendAsync("<?xml version='1.0'?><open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='Example.ORG' from='alice@example.org' xml:lang='de' version='1.0'/> ");

        (await session.ReceiveAsync()).ShouldBe("<open xmlns=\"urn:ietf:params:xml:ns:xmpp-framing\" from=\"example.org\" to=\"alice@example.org\" id=\"s1\" version=\"1.0\" xml:lang=\"en\" />");
        (await session.ReceiveAsync()).ShouldBe("<stream:features xmlns:stream='http://etherx.jabber.org/streams'><other xmlns='urn:o'/><limits xmlns='urn:xmpp:stream-limits:0'><max-bytes>65536</max-bytes></limits></stream:features>");
        session.Request.ShouldNotBeNull();
        session.Request.Domain.ShouldBe("example.org");
        session.Request.From.ShouldBe("alice@example.org");
        session.Request.Lang.ShouldBe("de");
    }

    [Fact]
    [Trait("Requirement", "WS-041")]
    [Trait("Requirement", "XS-042")]
    public async Task Success_ThenOpen_RestartsOnTheSameConnection()
    {
        await using var session = new SessionHarness();
        await session.AuthenticateAsync();

        session.Backend.Restarts.Single().To.ShouldBe("example.org");
        session.Backend.IsDisposed.ShouldBeFalse();
        await session.SendAsync("<iq xmlns='jabber:client' type='get' id='1'/>");
        await session.Backend.ExpectAsync("<iq xmlns='jabber:client' type='get' id='1'/>");
    }

    [Fact]
    [Trait("Requirement", "WS-042")]
    public async Task Success_ThenStanza_IsNotAuthorized()
    {
        await using var session = new SessionHarness();
        await session.OpenAsync();
        session.Backend.Receive("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
        await session.ReceiveAsync();
        await session.SendAsync("<iq xmlns='jabber:client' type='get' id='1'/>");

        await ExpectErrorAsync(session, "not-authorized", 1000);
        session.Backend.Written.ShouldEndWith("</stream:stream>");
        session.Backend.Written.ShouldNotContain("<iq");
    }

    [Fact]
    [Trait("Requirement", "WS-042")]
    public async Task Success_ThenClose_EndsNormally()
    {
        await using var session = new SessionHarness();
        await session.OpenAsync();
        session.Backend.Receive("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
        await session.ReceiveAsync();
        await session.SendAsync(Close);
        await session.Backend.ExpectAsync("</stream:stream>");
        session.Backend.Receive("</stream:stream>");

        await ExpectCloseAsync(session, 1000);
    }

    [Fact]
    [Trait("Requirement", "WS-043")]
    public async Task Restart_OtherDomain_IsHostUnknown()
    {
        await using var session = new SessionHarness();
        await session.OpenAsync();
        session.Backend.Receive("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
        await session.ReceiveAsync();
        await session.SendAsync("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='example.net' version='1.0'/>");

        await ExpectErrorAsync(session, "host-unknown", 1000);
    }

    [Fact]
    [Trait("Requirement", "WS-027")]
    [Trait("Requirement", "WS-030")]
    public async Task Backend_StanzasInOneRead_AreSelfContainedMessagesInOneWrite()
    {
        await using var session = new SessionHarness();
        await session.AuthenticateAsync();
        var writes = session.ServerWrites;
        session.Backend.Receive("<message><body>1</body></message> \n<presence/><x xmlns='urn:x'/>");

        (await session.ReceiveAsync()).ShouldBe("<message xmlns='jabber:client'><body>1</body></message>");
        (await session.ReceiveAsync()).ShouldBe("<presence xmlns='jabber:client'/>");
        (await session.ReceiveAsync()).ShouldBe("<x xmlns='urn:x'/>");
        (session.ServerWrites - writes).ShouldBe(1);
    }

    [Theory]
    [InlineData(125)]
    [InlineData(126)]
    [InlineData(65535)]
    [InlineData(65536)]
    [InlineData(200_000)]
    [Trait("Requirement", "WS-023")]
    public async Task Backend_StanzaOfAnyLength_IsOneFrame(int length)
    {
        await using var session = new SessionHarness(window: 1 << 20);
        await session.AuthenticateAsync();
        var stanza = "<message xmlns='jabber:client'><body></body></message>";
        stanza = stanza.Insert(stanza.IndexOf("</body>", StringComparison.Ordinal), new string('x', length - stanza.Length));
        session.Backend.Receive(stanza + stanza);

        (await session.ReceiveAsync()).ShouldBe(stanza);
        (await session.ReceiveAsync()).ShouldBe(stanza);
    }

    [Fact]
    [Trait("Requirement", "WS-020")]
    public async Task Message_InFragments_IsOneStanza()
    {
        await using var session = new SessionHarness();
        await session.AuthenticateAsync();
        await session.SendAsync("<message xmlns='jabber:client'><bo"u8.ToArray(), WebSocketMessageType.Text, last: false);
        await session.SendAsync("dy>é"u8.ToArray()[..4], WebSocketMessageType.Text, last: false);
        await session.SendAsync([.. "é"u8.ToArray()[1..], .. "</body></message>"u8], WebSocketMessageType.Text);

        await session.Backend.ExpectAsync("<message xmlns='jabber:client'><body>é</body></message>");
    }

    [Theory]
    [InlineData("<?xml version='1.0'?>")]
    [InlineData("<?xml version='1.0' encoding='UTF-8'?>\r\n")]
    [Trait("Requirement", "WS-025")]
    public async Task Message_DeclarationBeforeAndSpaceBehindItsRoot_IsItsRoot(string declaration)
    {
        await using var session = new SessionHarness();
        await session.AuthenticateAsync();
        await session.SendAsync(declaration + "<a xmlns='urn:a'/> \r\n");
        await session.SendAsync("<b xmlns='urn:b'/>");

        await session.Backend.ExpectAsync("<a xmlns='urn:a'/><b xmlns='urn:b'/>");
    }

    [Theory]
    [InlineData("<message xmlns='jabber:client'><body>x</message>", "not-well-formed", 1000)]
    [InlineData("<a:message/>", "not-well-formed", 1000)]
    [InlineData("<message xmlns='jabber:client'>", "not-well-formed", 1000)]
    [InlineData("<message xmlns='jabber:client'/><message xmlns='jabber:client'/>", "bad-format", 1000)]
    [InlineData("<message xmlns='jabber:client'><!-- c --></message>", "restricted-xml", 1000)]
    [InlineData("<!DOCTYPE x><message/>", "restricted-xml", 1000)]
    [InlineData("<message xmlns='jabber:client'>&nbsp;</message>", "restricted-xml", 1000)]
    [InlineData("", "bad-format", 1007)]
    [InlineData(" ", "bad-format", 1007)]
    [InlineData("hello", "bad-format", 1007)]
    [InlineData("<message xmlns='jabber:server'/>", "invalid-namespace", 1000)]
    [InlineData("<foo/>", "invalid-namespace", 1000)]
    [InlineData("<open xmlns='urn:other'/>", "invalid-namespace", 1000)]
    [InlineData("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='example.org' version='1.0'/>", "bad-format", 1000)]
    [InlineData("<stream:features xmlns:stream='http://etherx.jabber.org/streams'/>", "bad-format", 1000)]
    [InlineData("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", "unsupported-stanza-type", 1000)]
    [Trait("Requirement", "WS-024")]
    [Trait("Requirement", "WS-026")]
    [Trait("Requirement", "WS-028")]
    [Trait("Requirement", "WS-029")]
    [Trait("Requirement", "WS-032")]
    [Trait("Requirement", "WS-038")]
    [Trait("Requirement", "WS-040")]
    public async Task Message_Forbidden_EndsWithItsConditionAndACleanBackendClose(string message, string condition, int code)
    {
        await using var session = new SessionHarness();
        await session.AuthenticateAsync();
        await session.SendAsync(message);

        await ExpectErrorAsync(session, condition, code);
        session.Backend.Written.ShouldEndWith("</stream:stream>");
    }

    [Fact]
    [Trait("Requirement", "WS-028")]
    public async Task Message_StanzaWithoutNamespace_IsTakenForJabberClient()
    {
        await using var session = new SessionHarness();
        await session.AuthenticateAsync();
        await session.SendAsync("<message to='bob@example.org'><body>x</body></message>");

        await session.Backend.ExpectAsync("<message to='bob@example.org'><body>x</body></message>");
    }

    [Fact]
    [Trait("Requirement", "WS-040")]
    public async Task Compress_IsRefusedAndTheSessionGoesOn()
    {
        await using var session = new SessionHarness();
        await session.AuthenticateAsync();
        await session.SendAsync("<compress xmlns='http://jabber.org/protocol/compress'><method>zlib</method></compress>");

        (await session.ReceiveAsync()).ShouldBe("<failure xmlns='http://jabber.org/protocol/compress'><setup-failed/></failure>");
        await session.SendAsync("<presence xmlns='jabber:client'/>");
        await session.Backend.ExpectAsync("<presence xmlns='jabber:client'/>");
        session.Backend.Written.ShouldNotContain("compress");
    }

    [Theory]
    [InlineData("<stream:stream xmlns:stream='http://etherx.jabber.org/streams' to='example.org' version='1.0'>", "not-well-formed")]
    [InlineData("<presence xmlns='jabber:client'/>", "bad-format")]
    [InlineData("<open xmlns='jabber:client' to='example.org' version='1.0'/>", "invalid-namespace")]
    [InlineData("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' version='1.0'/>", "host-unknown")]
    [InlineData("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='example.net' version='1.0'/>", "host-unknown")]
    [InlineData("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='example.org' version='0.9'/>", "unsupported-version")]
    [InlineData("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='example.org'/>", "unsupported-version")]
    [Trait("Requirement", "WS-032")]
    [Trait("Requirement", "WS-035")]
    [Trait("Requirement", "WS-037")]
    public async Task FirstMessage_Wrong_GetsAnOpenThenItsError(string message, string condition)
    {
        await using var session = new SessionHarness();
        await session.SendAsync(message);

        (await session.ReceiveAsync()).ShouldStartWith("<open xmlns=\"urn:ietf:params:xml:ns:xmpp-framing\" from=\"example.org\" id=\"");
        await ExpectErrorAsync(session, condition, 1000);
        session.Request.ShouldBeNull();
    }

    [Theory]
    [InlineData(SessionEndReason.BackendRefused)]
    [InlineData(SessionEndReason.BackendTimeout)]
    [InlineData(SessionEndReason.StarttlsMissing)]
    [InlineData(SessionEndReason.CertificateExpired)]
    [InlineData(SessionEndReason.BackendLost)]
    [Trait("Requirement", "WS-050")]
    public async Task Open_BackendNotReachable_NamesTheCause(SessionEndReason reason)
    {
        await using var session = new SessionHarness
        {
            Connecting = (_, _) => Task.FromException<IXmppStream>(new BackendConnectException(reason, "no")),
        };
        await session.SendAsync("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='example.org' version='1.0'/>");

        (await session.ReceiveAsync()).ShouldStartWith("<open ");
        (await ExpectErrorAsync(session, "remote-connection-failed", 1000)).ShouldContain($">{reason.ToWord()}</text>");
    }

    [Fact]
    [Trait("Requirement", "WS-021")]
    [Trait("Requirement", "WS-022")]
    [Trait("Requirement", "EDGE-035")]
    public async Task Message_AtTheLimit_PassesAndOneByteMoreIsTooBig()
    {
        await using var session = new SessionHarness(limits: new SessionLimits { MaxStanzaBytes = 20_000 });
        await session.AuthenticateAsync();
        var stanza = "<message xmlns='jabber:client'><body></body></message>";
        string OfLength(int length) => stanza.Insert(stanza.IndexOf("</body>", StringComparison.Ordinal), new string('x', length - stanza.Length));
        await session.SendAsync(OfLength(20_000));
        await session.Backend.ExpectAsync("</message>");

        await session.SendAsync(OfLength(20_001));
        (await ExpectErrorAsync(session, "policy-violation", 1009)).ShouldContain("<stanza-too-big xmlns='urn:xmpp:errors'/>");
        session.Backend.Written.ShouldEndWith("</stream:stream>");
    }

    [Fact]
    [Trait("Requirement", "EDGE-035")]
    public async Task Message_BeforeAuthentication_HasTheSmallerLimit()
    {
        await using var session = new SessionHarness();
        await session.OpenAsync();
        await session.SendAsync("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>" + new string('A', 64 * 1024) + "</auth>");

        await ExpectErrorAsync(session, "policy-violation", 1009);
    }

    [Fact]
    [Trait("Requirement", "EDGE-045")]
    public async Task Message_NestedTooDeep_IsAPolicyViolation()
    {
        await using var session = new SessionHarness();
        await session.AuthenticateAsync();
        await session.SendAsync("<message xmlns='jabber:client'>" + string.Concat(Enumerable.Repeat("<a>", 20_000)));

        (await ExpectErrorAsync(session, "policy-violation", 1008)).ShouldContain(">stanza-too-complex</text>");
    }

    [Fact]
    [Trait("Requirement", "WS-017")]
    public async Task Message_Binary_ClosesWith1003()
    {
        await using var session = new SessionHarness();
        await session.AuthenticateAsync();
        await session.SendAsync("<message xmlns='jabber:client'/>"u8.ToArray(), WebSocketMessageType.Binary);

        (await session.ReceiveAsync()).ShouldBe("Close 1003");
        await session.EndAsync();
        session.Backend.Written.ShouldEndWith("</stream:stream>");
        session.Backend.Written.ShouldNotContain("<message");
    }

    [Fact]
    [Trait("Requirement", "WS-017")]
    public async Task Message_InvalidUtf8_ClosesWith1007()
    {
        await using var session = new SessionHarness();
        await session.AuthenticateAsync();
        await session.SendAsync([.. "<message xmlns='jabber:client'>"u8, 0xC3, 0x28, .. "</message>"u8], WebSocketMessageType.Text);

        (await session.ReceiveAsync()).ShouldBe("Close 1007");
        await session.EndAsync();
        session.Backend.Written.ShouldEndWith("</stream:stream>");
    }

    [Theory]
    [InlineData(new byte[] { 0x81, 0x02, (byte)'<', (byte)'a' })] // not masked
    [InlineData(new byte[] { 0xC1, 0x80, 0, 0, 0, 0 })] // RSV1
    [InlineData(new byte[] { 0x83, 0x80, 0, 0, 0, 0 })] // unknown opcode
    [InlineData(new byte[] { 0x09, 0x80, 0, 0, 0, 0 })] // fragmented ping
    [InlineData(new byte[] { 0x89, 0xFE, 0x00, 0x7E, 0, 0, 0, 0 })] // ping of 126 bytes
    [InlineData(new byte[] { 0x81, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 })] // length with the top bit set
    [Trait("Requirement", "WS-018")]
    [Trait("Requirement", "WS-019")]
    public async Task Frame_Violation_ClosesWith1002AndDropsTheBackend(byte[] frame)
    {
        await using var session = new SessionHarness();
        await session.AuthenticateAsync();
        await session.ClientTransport.WriteAsync(frame, TestContext.Current.CancellationToken);

        (await session.ReceiveAsync()).ShouldBe("Close 1002");
        await session.EndAsync();
        session.Backend.Written.ShouldNotContain("</stream:stream>");
        session.Backend.IsDisposed.ShouldBeTrue();
    }

    [Fact]
    [Trait("Requirement", "WS-044")]
    [Trait("Requirement", "WS-045")]
    [Trait("Requirement", "WS-046")]
    public async Task ClientClose_BackendAnswers_DeliversItsLastWordsThenCloses()
    {
        await using var session = new SessionHarness();
        await session.AuthenticateAsync();
        await session.SendAsync("<presence xmlns='jabber:client' type='unavailable'/>");
        await session.SendAsync(Close);
        await session.Backend.ExpectAsync("<presence xmlns='jabber:client' type='unavailable'/></stream:stream>");
        session.Backend.Receive("<message><body>last</body></message></stream:stream>");

        (await session.ReceiveAsync()).ShouldContain("last");
        (await session.ReceiveAsync()).ShouldBe(Close);
        await session.Client.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, TestContext.Current.CancellationToken);
        (await session.ReceiveAsync()).ShouldBe("Close 1000");
        await session.EndAsync();
        session.Backend.IsDisposed.ShouldBeTrue();
    }

    [Fact]
    [Trait("Requirement", "WS-046")]
    public async Task ClientClose_BackendSilent_IsAnsweredAfterOneSecond()
    {
        await using var session = new SessionHarness();
        await session.AuthenticateAsync();
        var asked = session.Time.Elapsed;
        await session.SendAsync(Close);
        await session.Backend.ExpectAsync("</stream:stream>");

        (await session.ReceiveAsTimePassesAsync()).ShouldBe(Close);
        var answered = session.Time.Elapsed;
        (answered - asked).ShouldBeInRange(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1.5));
        (await session.ReceiveAsTimePassesAsync()).ShouldBe("Close 1000");
        (session.Time.Elapsed - answered).ShouldBeInRange(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5.5));
        await session.EndAsync();
    }

    [Fact]
    [Trait("Requirement", "WS-048")]
    [Trait("Requirement", "XS-052")]
    [Trait("Requirement", "XS-060")]
    public async Task ClientDropsTheConnection_BackendIsClosedWithoutAWord()
    {
        await using var session = new SessionHarness();
        await session.AuthenticateAsync();
        session.ClientTransport.Dispose();

        await session.EndAsync();
        session.Backend.IsDisposed.ShouldBeTrue();
        session.Backend.Written.ShouldNotContain("</stream:stream>");
    }

    [Fact]
    [Trait("Requirement", "WS-048")]
    [Trait("Requirement", "WS-051")]
    public async Task ClientSendsCloseFrameOnly_IsAnsweredAndCountsAsLost()
    {
        await using var session = new SessionHarness();
        await session.AuthenticateAsync();
        await session.Client.CloseOutputAsync((WebSocketCloseStatus)4000, null, TestContext.Current.CancellationToken);

        (await session.ReceiveAsync()).ShouldBe("Close 4000");
        await session.EndAsync();
        session.Backend.Written.ShouldNotContain("</stream:stream>");
    }

    [Fact]
    [Trait("Requirement", "WS-047")]
    [Trait("Requirement", "XS-048")]
    public async Task BackendStreamError_IsRelayedWholeThenClosed()
    {
        await using var session = new SessionHarness();
        await session.AuthenticateAsync();
        session.Backend.Receive("<message/><stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/><text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>Replaced</text></stream:error></stream:stream>");

        (await session.ReceiveAsync()).ShouldBe("<message xmlns='jabber:client'/>");
        (await session.ReceiveAsync()).ShouldBe("<stream:error xmlns:stream='http://etherx.jabber.org/streams'><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/><text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>Replaced</text></stream:error>");
        await ExpectCloseAsync(session, 1000);
        session.Backend.Written.ShouldEndWith("</stream:stream>");
    }

    [Fact]
    [Trait("Requirement", "XS-049")]
    public async Task BackendSeeOtherHost_IsNeverShown()
    {
        await using var session = new SessionHarness();
        await session.AuthenticateAsync();
        session.Backend.Receive("<stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>10.0.0.9:5222</see-other-host></stream:error>");

        var error = await session.ReceiveAsync();
        error.ShouldContain("<reset ");
        error.ShouldNotContain("10.0.0.9");
    }

    [Fact]
    [Trait("Requirement", "WS-050")]
    [Trait("Requirement", "XS-053")]
    public async Task BackendClose_IsPassedOnAndAnswered()
    {
        await using var session = new SessionHarness();
        await session.AuthenticateAsync();
        session.Backend.Receive("</stream:stream>");

        await ExpectCloseAsync(session, 1000);
        session.Backend.Written.ShouldEndWith("</stream:stream>");
    }

    [Theory]
    [InlineData("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='X'> =\n</auth>")]
    [InlineData("<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>")]
    [InlineData("<authenticate xmlns='urn:xmpp:sasl:2' mechanism='X'><initial-response>=</initial-response><bind xmlns='urn:xmpp:bind:0'/></authenticate>")]
    [InlineData("<abort xmlns='urn:xmpp:sasl:2'><text>no</text></abort>")]
    [InlineData("<inactive xmlns='urn:xmpp:csi:0'/>")]
    [InlineData("<unheard-of xmlns='urn:example:2099'>\t<a b=\"'\"/></unheard-of>")]
    [Trait("Requirement", "XS-040")]
    [Trait("Requirement", "XS-046")]
    [Trait("Requirement", "XS-071")]
    public async Task Element_WithItsOwnNamespace_PassesUntouchedBothWays(string element)
    {
        await using var session = new SessionHarness();
        await session.OpenAsync();
        await session.SendAsync(element);
        await session.Backend.ExpectAsync(element);
        session.Backend.Receive(element);

        (await session.ReceiveAsync()).ShouldBe(element);
    }

    [Fact]
    [Trait("Requirement", "XS-017")]
    [Trait("Requirement", "XS-046")]
    [Trait("Requirement", "XS-047")]
    public async Task Sasl2Success_NoRestartFollows_LateFeaturesAreFilteredAndTheLimitIsTheLargerOne()
    {
        await using var session = new SessionHarness();
        await session.OpenAsync();
        session.Backend.Receive("<success xmlns='urn:xmpp:sasl:2'/><stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>");

        (await session.ReceiveAsync()).ShouldBe("<success xmlns='urn:xmpp:sasl:2'/>");
        (await session.ReceiveAsync()).ShouldBe("<stream:features xmlns:stream='http://etherx.jabber.org/streams'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>"
            + "<limits xmlns='urn:xmpp:stream-limits:0'><max-bytes>262144</max-bytes></limits></stream:features>");
        var stanza = "<message xmlns='jabber:client'><body>" + new string('x', 100_000) + "</body></message>";
        await session.SendAsync(stanza);
        await session.Backend.ExpectAsync(stanza);
        session.Backend.Restarts.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("<early xmlns='urn:e'/>")]
    [InlineData("x")]
    [Trait("Requirement", "XS-043")]
    public async Task Success_SomethingBehindIt_EndsTheSessionAtTheRestart(string behind)
    {
        await using var session = new SessionHarness();
        await session.OpenAsync();
        session.Backend.Receive("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>" + behind);
        (await session.ReceiveAsync()).ShouldStartWith("<success ");
        await session.SendAsync("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='example.org' version='1.0'/>");

        (await session.ReceiveAsync()).ShouldContain("<remote-connection-failed ");
    }

    [Theory]
    [InlineData("<message xmlns='jabber:client' to='bob@example.org'/>")]
    [InlineData("<presence xmlns='jabber:client'/>")]
    [InlineData("<iq type='get' id='1'/>")]
    [Trait("Requirement", "EDGE-037")]
    public async Task Stanza_BeforeAuthentication_IsNotForwarded(string stanza)
    {
        await using var session = new SessionHarness();
        await session.OpenAsync();
        await session.SendAsync(stanza);

        await ExpectErrorAsync(session, "not-authorized", 1000);
        session.Backend.Written.ShouldBe("</stream:stream>");
    }

    [Fact]
    [Trait("Requirement", "WS-037")]
    [Trait("Requirement", "WS-043")]
    public async Task Restart_WithoutTo_IsHostUnknown()
    {
        await using var session = new SessionHarness();
        await session.OpenAsync();
        session.Backend.Receive("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
        await session.ReceiveAsync();
        await session.SendAsync("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' version='1.0'/>");

        await ExpectErrorAsync(session, "host-unknown", 1000);
    }

    [Fact]
    [Trait("Requirement", "WS-049")]
    public async Task BackendLost_BetweenSuccessAndRestart_IsToldAtOnce()
    {
        await using var session = new SessionHarness();
        await session.OpenAsync();
        session.Backend.Receive("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
        await session.ReceiveAsync();
        session.Backend.Lose();

        await ExpectErrorAsync(session, "remote-connection-failed", 1011);
    }

    [Fact]
    [Trait("Requirement", "EDGE-036")]
    public async Task NoRestart_InTime_IsAPolicyViolation()
    {
        await using var session = new SessionHarness();
        await session.OpenAsync();
        session.Backend.Receive("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
        await session.ReceiveAsync();
        session.Time.Advance(TimeSpan.FromSeconds(60.01));

        (await ExpectErrorAsync(session, "policy-violation", 1008)).ShouldContain(">auth-timeout</text>");
    }

    [Fact]
    public async Task BackendTakesNothing_IsNotTakenForTheClientsSilence_AndEndsAsBackendTimeout()
    {
        await using var session = new SessionHarness();
        await session.AuthenticateAsync();
        session.Backend.HoldWrites();
        await session.SendAsync("<presence xmlns='jabber:client'/>");
        await TestTimeout.UntilAsync(() => session.Backend.IsWriteHeld);
        session.Time.Advance(TimeSpan.FromSeconds(59));
        session.Registry.Count.ShouldBe(1);
        session.Time.Advance(TimeSpan.FromSeconds(31));

        (await session.ReceiveAsTimePassesAsync()).ShouldContain(">backend-timeout</text>");
        session.Backend.ReleaseWrites();
    }

    [Fact]
    public async Task ClientFloodsAndNeverReads_IsReadNoFurther()
    {
        await using var session = new SessionHarness(window: 16 * 1024);
        await session.AuthenticateAsync();
        var compress = "<compress xmlns='http://jabber.org/protocol/compress'/>"u8.ToArray();
        var isHeld = false;
        for (var i = 0; i < 5_000 && !isHeld; i++)
        {
            var send = session.Client.SendAsync(compress, WebSocketMessageType.Text, true, TestContext.Current.CancellationToken);
            await TestTimeout.UntilAsync(() => send.IsCompleted || session.IsServerWriteHeld);
            isHeld = !send.IsCompleted; // both wait for the client to read, which it never does
        }

        isHeld.ShouldBeTrue("a flood of 280 kB went through a window of 16 KiB");
        session.ClientTransport.Dispose();
        await session.EndAsync();
    }

    [Fact]
    [Trait("Requirement", "WS-049")]
    public async Task BackendLost_NamesTheCauseAndCloses1011()
    {
        await using var session = new SessionHarness();
        await session.AuthenticateAsync();
        session.Backend.Receive("<message><bo");
        session.Backend.Lose();

        (await ExpectErrorAsync(session, "remote-connection-failed", 1011)).ShouldContain(">backend-lost</text>");
    }

    [Fact]
    [Trait("Requirement", "WS-049")]
    [Trait("Requirement", "XS-058")]
    public async Task BackendLost_ResumptionGranted_LooksLikeABrokenConnection()
    {
        await using var session = new SessionHarness();
        await session.AuthenticateAsync();
        await session.EnableResumptionAsync();
        session.Backend.Lose();

        (await session.ReceiveAsync()).ShouldBe("Close 1011");
        await session.EndAsync();
    }

    [Fact]
    [Trait("Requirement", "XS-058")]
    [Trait("Requirement", "XS-059")]
    public async Task BackendLost_ResumptionGrantedInsideSasl2Success_LooksLikeABrokenConnection()
    {
        await using var session = new SessionHarness();
        await session.OpenAsync();
        session.Backend.Receive("<success xmlns='urn:xmpp:sasl:2'><bound xmlns='urn:xmpp:bind:0'><enabled xmlns='urn:xmpp:sm:3' id='x' location='10.0.0.5:5222' resume='1'/></bound></success>");
        (await session.ReceiveAsync()).ShouldBe("<success xmlns='urn:xmpp:sasl:2'><bound xmlns='urn:xmpp:bind:0'><enabled xmlns='urn:xmpp:sm:3' id='x' resume='1'/></bound></success>");
        session.Backend.Lose();

        (await session.ReceiveAsync()).ShouldBe("Close 1011");
        await session.EndAsync();
    }

    [Fact]
    [Trait("Requirement", "XS-059")]
    public async Task Enabled_LocationIsTakenOut()
    {
        await using var session = new SessionHarness();
        await session.AuthenticateAsync();
        session.Backend.Receive("<enabled xmlns='urn:xmpp:sm:3' id='x' location='[2001:db8::1]:5222' resume='true'/>");

        (await session.ReceiveAsync()).ShouldBe("<enabled xmlns='urn:xmpp:sm:3' id='x' resume='true'/>");
    }

    [Theory]
    [InlineData("<a><b></a>", "not-well-formed")]
    [InlineData("<a><!-- --></a>", "restricted-xml")]
    [Trait("Requirement", "XS-050")]
    public async Task BackendSendsBadXml_IsToldAndTheClientSeesALostBackend(string xml, string condition)
    {
        await using var session = new SessionHarness();
        await session.AuthenticateAsync();
        session.Backend.Receive(xml);

        await ExpectErrorAsync(session, "remote-connection-failed", 1011);
        session.Backend.Written.ShouldEndWith($"<stream:error><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>");
    }

    [Fact]
    [Trait("Requirement", "WS-053")]
    public async Task Shutdown_WithoutResumption_SaysSystemShutdown()
    {
        await using var session = new SessionHarness();
        await session.AuthenticateAsync();
        var closed = session.Session.CloseAsync(SessionEndReason.SystemShutdown);

        await ExpectErrorAsync(session, "system-shutdown", 1001);
        await closed.WithinAsync();
        session.Backend.Written.ShouldEndWith("</stream:stream>");
    }

    [Fact]
    [Trait("Requirement", "WS-053")]
    public async Task Shutdown_ResumptionGranted_KeepsTheBackendsSession()
    {
        await using var session = new SessionHarness();
        await session.AuthenticateAsync();
        await session.EnableResumptionAsync();
        var closed = session.Session.CloseAsync(SessionEndReason.SystemShutdown);

        (await session.ReceiveAsync()).ShouldBe("Close 1001");
        await session.EndAsync();
        await closed.WithinAsync();
        session.Backend.Written.ShouldNotContain("</stream:stream>");
    }

    [Fact]
    [Trait("Requirement", "EDGE-036")]
    public async Task NoOpen_InTime_IsAPolicyViolation()
    {
        await using var session = new SessionHarness();
        session.Time.Advance(TimeSpan.FromSeconds(10));

        (await session.ReceiveAsync()).ShouldStartWith("<open ");
        (await ExpectErrorAsync(session, "policy-violation", 1008)).ShouldContain(">open-timeout</text>");
    }

    [Fact]
    [Trait("Requirement", "EDGE-036")]
    public async Task NoAuthentication_InTime_IsAPolicyViolation()
    {
        await using var session = new SessionHarness();
        await session.OpenAsync();
        session.Time.Advance(TimeSpan.FromSeconds(29));
        await session.SendAsync("<r xmlns='urn:r'/>");
        await session.Backend.ExpectAsync("<r xmlns='urn:r'/>");
        session.Time.Advance(TimeSpan.FromSeconds(31.01));

        var message = await session.ReceiveAsync();
        message.ShouldContain(">auth-timeout</text>");
        await ExpectCloseAsync(session, 1008);
    }

    [Fact]
    [Trait("Requirement", "WS-055")]
    public async Task Silence_IsPingedAndEndsWhenNothingComes()
    {
        await using var session = new SessionHarness();
        await session.AuthenticateAsync();
        session.Time.Advance(TimeSpan.FromSeconds(30.01));
        var frame = new byte[2];
        (await session.ClientTransport.ReadAsync(frame, TestContext.Current.CancellationToken).AsTask().WithinAsync()).ShouldBe(2);
        frame.ShouldBe([0x89, 0x00]);
        session.Time.Advance(TimeSpan.FromSeconds(45.01));

        await session.EndAsync();
        session.Backend.IsDisposed.ShouldBeTrue();
        session.Backend.Written.ShouldNotContain("</stream:stream>");
    }

    [Fact]
    [Trait("Requirement", "WS-055")]
    public async Task Silence_PongComes_SessionGoesOn()
    {
        await using var session = new SessionHarness();
        await session.AuthenticateAsync();
        for (var i = 0; i < 3; i++)
        {
            session.Time.Advance(TimeSpan.FromSeconds(30.01));
            var before = session.Transport.LastRead;
            await session.ClientTransport.WriteAsync(new byte[] { 0x8A, 0x80, 0, 0, 0, 0 }, TestContext.Current.CancellationToken);
            await TestTimeout.UntilAsync(() => session.Transport.LastRead > before);
        }

        session.Registry.Count.ShouldBe(1);
    }

    [Fact]
    [Trait("Requirement", "WS-055")]
    public async Task Silence_PongComesBeforeThePingIsKnownToHaveGone_SessionGoesOn()
    {
        await using var session = new SessionHarness();
        await session.AuthenticateAsync();
        var pings = 0;
        session.ServerHasWritten = () =>
        {
            if (pings++ > 0)
            {
                return; // one is enough
            }

            var before = session.Transport.LastRead;
            session.ClientTransport.WriteAsync(new byte[] { 0x8A, 0x80, 0, 0, 0, 0 }, CancellationToken.None).AsTask().Wait(TestTimeout.Default);
            SpinWait.SpinUntil(() => session.Transport.LastRead > before, TestTimeout.Default).ShouldBeTrue();
            session.Time.Advance(TimeSpan.FromMilliseconds(1));
        };

        session.Time.Advance(TimeSpan.FromSeconds(30.01));
        pings.ShouldBe(1);
        session.Time.Advance(TimeSpan.FromSeconds(45.01));

        await session.SendAsync("<r xmlns='urn:r'/>");
        await session.Backend.ExpectAsync("<r xmlns='urn:r'/>");
    }

    [Fact]
    [Trait("Requirement", "WS-054")]
    public async Task Ping_IsAnsweredWithItsPayload()
    {
        await using var session = new SessionHarness();
        await session.AuthenticateAsync();
        await session.ClientTransport.WriteAsync(new byte[] { 0x89, 0x82, 0, 0, 0, 0, (byte)'h', (byte)'i' }, TestContext.Current.CancellationToken);
        var frame = new byte[4];
        await session.ClientTransport.ReadExactlyAsync(frame, TestContext.Current.CancellationToken).AsTask().WithinAsync();

        frame.ShouldBe([0x8A, 0x02, (byte)'h', (byte)'i']);
    }

    [Fact]
    [Trait("Requirement", "WS-039")]
    public async Task EarlyMessages_WaitForTheBackendInOrder()
    {
        var connected = new TaskCompletionSource<IXmppStream>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var session = new SessionHarness { Connecting = (_, _) => connected.Task };
        await session.SendAsync("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='example.org' version='1.0'/>");
        await TestTimeout.UntilAsync(() => session.Request is not null);
        await session.SendAsync("<a xmlns='urn:a'/>");
        await session.SendAsync("<b xmlns='urn:b'/>");
        connected.SetResult(session.Backend);

        await session.Backend.ExpectAsync("<a xmlns='urn:a'/><b xmlns='urn:b'/>");
    }

    [Fact]
    public async Task ClientGoesWhileConnecting_TheAttemptIsGivenUp()
    {
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var session = new SessionHarness
        {
            Connecting = async (_, token) =>
            {
                await using var registration = token.Register(() => cancelled.TrySetResult());
                await Task.Delay(Timeout.Infinite, token);
                throw new InvalidOperationException();
            },
        };
        await session.SendAsync("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='example.org' version='1.0'/>");
        await TestTimeout.UntilAsync(() => session.Request is not null);
        await session.Aborted.CancelAsync();

        await cancelled.Task.WithinAsync();
        await session.Run.WithinAsync();
    }

    [Fact]
    public async Task ClientNeverReads_BackendIsReadNoFurther()
    {
        await using var session = new SessionHarness(window: 16 * 1024);
        await session.AuthenticateAsync();
        var stanza = "<message><body>" + new string('x', 8000) + "</body></message>";
        for (var i = 0; i < 100; i++)
        {
            session.Backend.Receive(stanza);
        }

        await TestTimeout.UntilAsync(() => !session.Backend.IsReading);
        var fills = session.Backend.Fills;
        session.Backend.Receive(stanza);
        session.Backend.IsReading.ShouldBeFalse();
        session.Backend.Fills.ShouldBe(fills);
        session.ClientTransport.Dispose();
        await session.EndAsync();
    }

    /// <summary>The stream error, then close and the Close frame.</summary>
    private static async Task<string> ExpectErrorAsync(SessionHarness session, string condition, int code)
    {
        var error = await session.ReceiveAsync();
        error.ShouldStartWith($"<stream:error xmlns:stream='http://etherx.jabber.org/streams'><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>");
        await ExpectCloseAsync(session, code);
        return error;
    }

    private static async Task ExpectCloseAsync(SessionHarness session, int code)
    {
        (await session.ReceiveAsync()).ShouldBe(Close);
        await session.SendAsync(Close);
        (await session.ReceiveAsync()).ShouldBe($"Close {code}");
        await session.EndAsync();
    }
}
