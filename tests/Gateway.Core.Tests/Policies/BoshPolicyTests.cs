using System.Diagnostics.Metrics;
using System.Net;
using System.Text;
using Gateway.Core.Bosh;
using Gateway.Core.Policies;
using Gateway.Core.Sessions;
using Gateway.Core.Telemetry;
using Gateway.Core.Tests.Bosh;
using Gateway.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Core.Tests.Policies;

/// <summary>Policies at work in a BOSH session: what each side gets to see.</summary>
public sealed class BoshPolicyTests : IDisposable
{
    private const string Auth = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGEAYg==</auth>";
    private const string External = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>=</auth>";
    private const string Refusal = "<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><invalid-mechanism/></failure>";
    private const string Failure = "<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/></failure>";
    private const string Register = "<iq type='set' id='2'><query xmlns='jabber:iq:register'><username>eve</username></query></iq>";
    private const string Client = " xmlns='jabber:client'";

    private readonly TestMeterFactory _meters = new();

    public void Dispose() => _meters.Dispose();

    private static MachineRig Opened(SessionLimits? limits = null, SecurityOptions? security = null)
    {
        var rig = new MachineRig(limits: limits, security: security);
        rig.Open();
        return rig;
    }

    [Fact]
    [Trait("Requirement", "EDGE-013")]
    [Trait("Requirement", "EDGE-017")]
    public void RemovedMechanism_IsRefusedHereAndTheNextLoginGoesOn()
    {
        var rig = Opened();
        rig.Body(rig.Send(101, External)).ShouldBe(MachineRig.Carrying(Refusal));
        rig.Send(102, Auth);
        rig.Written.ShouldBe(Auth);
        rig.End.ShouldBeNull();
    }

    [Fact]
    [Trait("Requirement", "EDGE-017")]
    public void RemovedMechanism_BetweenOthers_LeavesThemInTheirOrder()
    {
        var rig = Opened();
        var request = rig.Send(101, "<a xmlns='u'/>" + External + "<b xmlns='u'/>");
        rig.Written.ShouldBe("<a xmlns='u'/><b xmlns='u'/>");
        rig.Body(request).ShouldBe(MachineRig.Carrying(Refusal));
    }

    [Theory]
    [InlineData("<message" + Client + "/>", SessionEndReason.NotAuthorized)]
    [InlineData("<presence" + Client + "/>", SessionEndReason.NotAuthorized)]
    [InlineData("<iq" + Client + " type='get'><query xmlns='jabber:iq:roster'/></iq>", SessionEndReason.NotAuthorized)]
    [InlineData("<message/>", SessionEndReason.NotAuthorized)]
    [InlineData("<register xmlns='urn:xmpp:register:0'/>", SessionEndReason.UnsupportedStanzaType)]
    [Trait("Requirement", "EDGE-027")]
    [Trait("Requirement", "EDGE-037")]
    public void BeforeTheLogin_WhatIsNotAllowed_EndsTheSession(string element, SessionEndReason reason)
    {
        var rig = Opened();
        rig.Body(rig.Send(101, element)).ShouldBe(MachineRig.TerminateWith("policy-violation"));
        rig.End!.Reason.ShouldBe(reason);
        rig.Written.ShouldBeEmpty();
    }

    [Fact]
    [Trait("Requirement", "EDGE-023")]
    public void Registration_BeforeTheLogin_IsAnsweredTwiceThenEndsTheSession()
    {
        var rig = Opened();
        const string Ask = "<iq" + Client + " type='get' id='r1' to='example.com'><query xmlns='jabber:iq:register'/></iq>";
        const string Answer = "<iq xmlns='jabber:client' type='error' id='r1' from='example.com'><error code='503' type='cancel'>"
            + "<service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>";
        rig.Body(rig.Send(101, Ask)).ShouldBe(MachineRig.Carrying(Answer));
        rig.Body(rig.Send(102, Ask)).ShouldBe(MachineRig.Carrying(Answer));
        rig.Body(rig.Send(103, Ask)).ShouldBe(MachineRig.TerminateWith("policy-violation"));
        rig.End!.Reason.ShouldBe(SessionEndReason.RegistrationBlocked);
        rig.Written.ShouldBeEmpty();
    }

    [Fact]
    [Trait("Requirement", "EDGE-021")]
    [Trait("Requirement", "EDGE-037")]
    public void Registration_Allowed_IsForwarded()
    {
        var rig = Opened(security: new SecurityOptions { Registration = Permission.Allow });
        rig.Send(101, Register.Replace("<iq", "<iq" + Client, StringComparison.Ordinal));
        rig.Written.ShouldContain("<query xmlns='jabber:iq:register'><username>eve</username></query></iq>");
    }

    [Fact]
    [Trait("Requirement", "EDGE-024")]
    [Trait("Requirement", "XS-057")]
    public void Registration_AfterTheLogin_StaysOneStanzaInItsPlace()
    {
        var rig = MachineRig.LoggedIn();
        rig.Send(105, "<enable xmlns='urn:xmpp:sm:3' resume='true'/>");
        rig.Send(106, "<message id='1'/>" + Register + "<message id='3'/><r xmlns='urn:xmpp:sm:3'/>");
        rig.Written.ShouldBe("<enable xmlns='urn:xmpp:sm:3' resume='true'/><message id='1'/><iq type='set' id='2'><blocked xmlns='urn:x-gateway:blocked'/></iq><message id='3'/><r xmlns='urn:xmpp:sm:3'/>");
        rig.Effects.OfType<BoshEffect.WriteBackend>().Sum(w => w.Count).ShouldBe(5);
    }

    [Fact]
    [Trait("Requirement", "EDGE-038")]
    [Trait("Requirement", "XS-044")]
    public void FailedLogins_AreRelayedAndTheLastOneEndsTheSession()
    {
        var rig = Opened(new SessionLimits { AuthFailuresPerSession = 2 });
        var first = rig.Send(101, Auth);
        rig.Backend(DownPayloadKind.SaslFailure, Failure);
        rig.Body(first).ShouldBe(MachineRig.Carrying(Failure));
        var second = rig.Send(102, Auth);
        rig.Backend(DownPayloadKind.SaslFailure, Failure);
        rig.Body(second).ShouldBe($"<body type='terminate' condition='policy-violation' xmlns='http://jabber.org/protocol/httpbind'>{Failure}</body>");
        rig.End!.Reason.ShouldBe(SessionEndReason.AuthFailures);
    }

    [Theory]
    [InlineData(DownPayloadKind.SaslFailure, false)]
    [InlineData(DownPayloadKind.StreamManagementFailed, false)]
    [InlineData(DownPayloadKind.Sasl2Success, true)]
    [Trait("Requirement", "XS-056")]
    [Trait("Requirement", "XS-057")]
    public void StreamManagement_AskedForWithTheLogin_IsOnUntilItIsRefused(DownPayloadKind answer, bool isOn)
    {
        var rig = Opened(new SessionLimits { AuthTimeout = TimeSpan.Zero });
        var request = rig.Send(101, "<authenticate xmlns='urn:xmpp:sasl:2' mechanism='A'><bind xmlns='urn:xmpp:bind:0'><enable xmlns='urn:xmpp:sm:3'/></bind></authenticate>");
        rig.Backend(answer, "<x/>");
        rig.IsOpen(request).ShouldBeFalse();
        rig.Backend("<message from='b@example.com' id='m'/>");
        rig.Advance(95);

        // Bounced is what nobody else will: with stream management on the server still has it.
        rig.End!.Bounces.IsEmpty.ShouldBe(isOn);
    }

    /// <summary>A whole login of today, all of it in one session.</summary>
    [Fact]
    [Trait("Requirement", "EDGE-007")]
    [Trait("Requirement", "XS-040")]
    [Trait("Requirement", "XS-046")]
    [Trait("Requirement", "XS-054")]
    [Trait("Requirement", "XS-055")]
    [Trait("Requirement", "XS-059")]
    [Trait("Requirement", "XS-071")]
    public async Task ModernLogin_EveryElement_ArrivesAsItWasSaid()
    {
        var (session, backend, _) = await OpenAsync();
        var answers = new List<Task<string>>();
        var rid = 100;
        foreach (var up in ModernLogin.Up)
        {
            answers.Add(Send(session, ++rid, up));
            await backend.ExpectAsync(up);
        }

        backend.Written.ShouldBe(string.Concat(ModernLogin.Up));
        backend.Receive(string.Concat(ModernLogin.Down));
        var said = "";
        var expected = string.Concat(ModernLogin.Down).Replace(ModernLogin.Location, "", StringComparison.Ordinal);
        while (said.Length < expected.Length)
        {
            foreach (var answer in answers)
            {
                var body = await answer.WithinAsync();
                said += body == MachineRig.Empty ? "" : body[(MachineRig.Empty.Length - 1)..^"</body>".Length];
            }

            answers = [Send(session, ++rid)];
        }

        said.ShouldBe(expected);
    }

    [Fact]
    [Trait("Requirement", "EDGE-038")]
    public async Task FailedLogins_AreCountedByAddressNeverByAccount()
    {
        var (session, backend, watch) = await OpenAsync(new SessionLimits { AuthFailuresPerHourPerAddress = 2 });
        foreach (var rid in new[] { 101, 102 })
        {
            watch.IsBarred(IPAddress.Parse("192.0.2.7"), out _).ShouldBeFalse();
            var answer = Send(session, rid, rid == 101 ? Auth : Auth.Replace("AGEAYg==", "AGIAYg==", StringComparison.Ordinal));
            await backend.ExpectAsync("</auth>");
            backend.Receive(Failure);
            (await answer.WithinAsync()).ShouldBe(MachineRig.Carrying(Failure));
        }

        watch.IsBarred(IPAddress.Parse("192.0.2.7"), out _).ShouldBeTrue();
        watch.IsBarred(IPAddress.Parse("192.0.2.8"), out _).ShouldBeFalse();
    }

    [Fact]
    [Trait("Requirement", "EDGE-004")]
    public async Task ChannelBindingOffered_IsCountedOnceUnderTheNameOfTheBackend()
    {
        List<string> counted = [];
        using var listener = new MeterListener();
        listener.SetMeasurementEventCallback<long>((_, amount, tags, _) => counted.Add($"{amount} {tags.ToArray().Single().Value}"));
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Meter.Scope == _meters && instrument.Name == "xmpp.gateway.backend.channel.binding.offers")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        listener.Start();
        const string Offers = "<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism><mechanism>SCRAM-SHA-1-PLUS</mechanism></mechanisms></stream:features>";
        var (session, backend, _) = await OpenAsync(served: new ServedDomain("example.com", ServedDomain.OwnSrv), features: Offers);
        backend.Receive("<success xmlns='urn:xmpp:sasl:2'/>" + Offers);
        await Send(session, 101).WithinAsync();
        (await Send(session, 102).WithinAsync()).ShouldContain("features");
        counted.ShouldBe(["1 srv"]);
    }

    private async Task<(BoshSession Session, FakeXmppStream Backend, AuthenticationWatch Watch)> OpenAsync(
        SessionLimits? limits = null, ServedDomain? served = null, string features = FakeXmppStream.DefaultFeatures)
    {
        var time = new ManualTimeProvider();
        var registry = new SessionRegistry();
        var metrics = new GatewayMetrics(_meters, registry);
        var watch = new AuthenticationWatch(limits ?? new SessionLimits(), metrics, time, NullLogger<AuthenticationWatch>.Instance);
        var connector = new FakeBackendConnector();
        var backend = connector.Give(new FakeXmppStream(features: features));
        var manager = new BoshSessionManager(
            connector, new DomainPolicy([served ?? new ServedDomain("example.com", "main")]), metrics, watch, registry, new BoshOptions(),
            limits ?? new SessionLimits(), time, NullLogger<BoshSession>.Instance);
        var creation = new HeldRequest(MachineRig.Parse(MachineRig.Creation));
        manager.TryCreate(creation, new ClientConnection(new IPEndPoint(IPAddress.Parse("192.0.2.7"), 50000), null), out var session, out _).ShouldBeTrue();
        (await Text(creation).WithinAsync()).ShouldContain("PLAIN");
        return (session, backend, watch);
    }

    private static Task<string> Send(BoshSession session, long rid, string payload = "")
    {
        var exchange = new HeldRequest(MachineRig.Parse(MachineRig.Request(rid, payload)));
        var text = Text(exchange);
        session.Receive(exchange);
        return text;
    }

    private static async Task<string> Text(HeldRequest exchange)
    {
        var response = await exchange.Response;
        await Task.Yield();
        return Encoding.UTF8.GetString(response.Body.Span);
    }
}
