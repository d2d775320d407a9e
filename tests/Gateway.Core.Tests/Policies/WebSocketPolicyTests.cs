using Gateway.Core.Sessions;
using Gateway.Core.Tests.WebSockets;
using Gateway.TestKit;

namespace Gateway.Core.Tests.Policies;

/// <summary>Policies at work in a WebSocket session: what each side gets to see.</summary>
public sealed class WebSocketPolicyTests
{
    private const string Auth = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGEAYg==</auth>";
    private const string Failure = "<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/></failure>";
    private const string Refusal = "<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><invalid-mechanism/></failure>";

    [Theory]
    [InlineData("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>=</auth>", Refusal)]
    [InlineData("<authenticate xmlns='urn:xmpp:sasl:2' mechanism='EXTERNAL'/>", "<failure xmlns='urn:xmpp:sasl:2'><invalid-mechanism xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/></failure>")]
    [Trait("Requirement", "EDGE-013")]
    [Trait("Requirement", "EDGE-017")]
    public async Task RemovedMechanism_IsRefusedHereAndTheNextLoginGoesOn(string auth, string answer)
    {
        await using var harness = new SessionHarness();
        await harness.OpenAsync();
        await harness.SendAsync(auth);
        (await harness.ReceiveAsync()).ShouldBe(answer);
        await harness.SendAsync(Auth);
        await harness.Backend.ExpectAsync(Auth);
        harness.Backend.Written.ShouldBe(Auth);
    }

    [Fact]
    [Trait("Requirement", "EDGE-013")]
    [Trait("Requirement", "EDGE-021")]
    [Trait("Requirement", "XS-017")]
    public async Task Features_LateOnesToo_LoseWhatTheDomainKeepsBack()
    {
        await using var harness = new SessionHarness
        {
            Backend = new FakeXmppStream(features: "<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>EXTERNAL</mechanism><mechanism>PLAIN</mechanism></mechanisms>"
                + "<register xmlns='http://jabber.org/features/iq-register'/></stream:features>"),
        };
        await harness.SendAsync("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='example.org' version='1.0'/>");
        await harness.ReceiveAsync();
        (await harness.ReceiveAsync()).ShouldContain("'><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms><limits");
        await harness.SendAsync("<authenticate xmlns='urn:xmpp:sasl:2' mechanism='SCRAM-SHA-1'/>");
        await harness.Backend.ExpectAsync("<authenticate ");
        harness.Backend.Receive("<success xmlns='urn:xmpp:sasl:2'/><stream:features><recovery xmlns='urn:xmpp:register:0'/><sm xmlns='urn:xmpp:sm:3'/></stream:features>");
        await harness.ReceiveAsync();
        (await harness.ReceiveAsync()).ShouldContain("'><sm xmlns='urn:xmpp:sm:3'/><limits");
    }

    [Theory]
    [InlineData("<message/>", "not-authorized")]
    [InlineData("<iq type='get'><query xmlns='jabber:iq:roster'/></iq>", "not-authorized")]
    [InlineData("<register xmlns='urn:xmpp:register:0'/>", "unsupported-stanza-type")]
    [Trait("Requirement", "EDGE-027")]
    [Trait("Requirement", "EDGE-037")]
    public async Task BeforeTheLogin_WhatIsNotAllowed_EndsTheSession(string element, string condition)
    {
        await using var harness = new SessionHarness();
        await harness.OpenAsync();
        await harness.SendAsync(element);
        (await harness.ReceiveAsync()).ShouldContain($"<{condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>");
        harness.Backend.Written.ShouldNotContain(element[..4]);
    }

    [Fact]
    [Trait("Requirement", "EDGE-023")]
    [Trait("Requirement", "EDGE-043")]
    public async Task Registration_BeforeTheLogin_IsAnsweredTwiceThenEndsTheSession()
    {
        await using var harness = new SessionHarness();
        await harness.OpenAsync();
        for (var i = 0; i < 2; i++)
        {
            await harness.SendAsync("<iq type='get' id='r1' to='example.org'><query xmlns='jabber:iq:register'/></iq>");
            (await harness.ReceiveAsync()).ShouldStartWith("<iq xmlns='jabber:client' type='error' id='r1' from='example.org'><error code='503' ");
        }

        await harness.SendAsync("<iq type='get' id='r1'><query xmlns='jabber:iq:register'/></iq>");
        var error = await harness.ReceiveAsync();
        error.ShouldContain("<policy-violation xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>");
        error.ShouldContain("registration-blocked");
        harness.Backend.Written.ShouldNotContain("register");
    }

    [Fact]
    [Trait("Requirement", "EDGE-024")]
    [Trait("Requirement", "XS-057")]
    public async Task Registration_AfterTheLogin_StaysOneStanzaInItsPlace()
    {
        await using var harness = new SessionHarness();
        await harness.AuthenticateAsync();
        await harness.SendAsync("<enable xmlns='urn:xmpp:sm:3' resume='true'/>");
        await harness.EnableResumptionAsync();
        await harness.SendAsync("<message id='1'/>");
        await harness.SendAsync("<iq type='set' id='2'><query xmlns='jabber:iq:register'><username>eve</username></query></iq>");
        await harness.SendAsync("<message id='3'/>");
        await harness.SendAsync("<r xmlns='urn:xmpp:sm:3'/>");
        await harness.Backend.ExpectAsync("<message id='1'/><iq type='set' id='2'><blocked xmlns='urn:x-gateway:blocked'/></iq><message id='3'/><r xmlns='urn:xmpp:sm:3'/>");
        harness.Backend.Receive("<iq type='error' id='2'><error type='cancel'/></iq><a xmlns='urn:xmpp:sm:3' h='3'/>");
        (await harness.ReceiveAsync()).ShouldBe("<iq xmlns='jabber:client' type='error' id='2'><error type='cancel'/></iq>");
        (await harness.ReceiveAsync()).ShouldBe("<a xmlns='urn:xmpp:sm:3' h='3'/>");
    }

    [Fact]
    [Trait("Requirement", "EDGE-038")]
    [Trait("Requirement", "EDGE-043")]
    [Trait("Requirement", "XS-044")]
    public async Task FailedLogins_AreRelayedAndTheFifthEndsTheSession()
    {
        var counted = 0L;
        await using var harness = new SessionHarness(limits: new SessionLimits { AuthFailuresPerHourPerAddress = 5 });
        harness.OnCounter("xmpp.gateway.auth.failures", (amount, tags) =>
        {
            tags.ShouldBe([new KeyValuePair<string, object?>("domain", "example.org")]);
            counted += amount;
        });
        await harness.OpenAsync();
        for (var i = 1; i <= 5; i++)
        {
            harness.Watch.IsBarred(SessionHarness.ClientAddress.Address, out _).ShouldBeFalse();
            await harness.SendAsync(Auth);
            await harness.Backend.ExpectAsync(Auth);
            harness.Backend.Receive(Failure);
            (await harness.ReceiveAsync()).ShouldBe(Failure);
        }

        var error = await harness.ReceiveAsync();
        error.ShouldContain("<policy-violation xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>");
        error.ShouldContain("auth-failures");
        harness.Watch.IsBarred(SessionHarness.ClientAddress.Address, out _).ShouldBeTrue();
        counted.ShouldBe(5);
    }

    [Fact]
    [Trait("Requirement", "EDGE-038")]
    public async Task RefusedMechanisms_EndTheSessionTooButSayNothingOfTheAddress()
    {
        await using var harness = new SessionHarness(limits: new SessionLimits { AuthFailuresPerSession = 2, AuthFailuresPerHourPerAddress = 1 });
        await harness.OpenAsync();
        await harness.SendAsync("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>=</auth>");
        (await harness.ReceiveAsync()).ShouldBe(Refusal);
        await harness.SendAsync("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>=</auth>");
        (await harness.ReceiveAsync()).ShouldBe(Refusal);
        (await harness.ReceiveAsync()).ShouldContain("<policy-violation ");
        harness.Watch.IsBarred(SessionHarness.ClientAddress.Address, out _).ShouldBeFalse();
    }

    /// <summary>A whole login of today: SASL2 with Bind 2, a FAST token, stream management and client state, then nonzas nobody knows yet.</summary>
    [Fact]
    [Trait("Requirement", "EDGE-007")]
    [Trait("Requirement", "XS-040")]
    [Trait("Requirement", "XS-046")]
    [Trait("Requirement", "XS-054")]
    [Trait("Requirement", "XS-055")]
    [Trait("Requirement", "XS-071")]
    public async Task ModernLogin_EveryElement_ArrivesAsItWasSaid()
    {
        await using var harness = new SessionHarness();
        await harness.OpenAsync();
        foreach (var up in ModernLogin.Up)
        {
            await harness.SendAsync(up);
            await harness.Backend.ExpectAsync(up);
        }

        harness.Backend.Receive(string.Concat(ModernLogin.Down));
        foreach (var down in ModernLogin.Down)
        {
            (await harness.ReceiveAsync()).ShouldBe(down.Replace(ModernLogin.Location, "", StringComparison.Ordinal));
        }

        harness.Backend.Written.ShouldBe(string.Concat(ModernLogin.Up));
    }

    [Fact]
    [Trait("Requirement", "XS-045")]
    [Trait("Requirement", "XS-070")]
    public async Task BindAndAddresses_AreTheBackendsMatter()
    {
        await using var harness = new SessionHarness();
        await harness.AuthenticateAsync();
        const string Early = "<message from='mallory@elsewhere.example/x' to='b@example.org'/>";
        const string Bind = "<iq id='b' type='set'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>a</resource></bind></iq>";
        await harness.SendAsync(Early);
        await harness.SendAsync(Bind);
        await harness.Backend.ExpectAsync(Early + Bind);
        harness.Backend.Receive("<iq id='b' type='result'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>a@example.org/a</jid></bind></iq>");
        (await harness.ReceiveAsync()).ShouldBe("<iq xmlns='jabber:client' id='b' type='result'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>a@example.org/a</jid></bind></iq>");
        harness.Backend.Restarts.ShouldHaveSingleItem(); // after SASL, none after bind
        harness.Backend.Receive("<stream:error><invalid-from xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>");
        (await harness.ReceiveAsync()).ShouldContain("<invalid-from ");
    }

    [Fact]
    [Trait("Requirement", "EDGE-004")]
    public async Task ChannelBindingOffered_IsCountedOnceUnderTheNameOfTheBackend()
    {
        List<string> counted = [];
        const string Offers = "<stream:features><sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'><channel-binding type='tls-exporter'/></sasl-channel-binding></stream:features>";
        await using var harness = new SessionHarness { Backend = new FakeXmppStream(features: Offers) };
        harness.OnCounter("xmpp.gateway.backend.channel.binding.offers", (amount, tags) => counted.Add($"{amount} {tags.Single().Value}"));
        await harness.SendAsync("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='bücher.example' version='1.0'/>");
        await harness.ReceiveAsync();
        await harness.ReceiveAsync();
        harness.Backend.Receive("<success xmlns='urn:xmpp:sasl:2'/>" + Offers);
        await harness.ReceiveAsync();
        await harness.ReceiveAsync();
        counted.ShouldBe(["1 srv"]);
    }
}
