using Gateway.Core.Bosh;
using Gateway.Core.Sessions;

namespace Gateway.Core.Tests.Bosh;

/// <summary>bosh.md section 15.</summary>
public class RestartTests
{
    private const string Restart = "xmpp:restart='true' xmlns:xmpp='urn:xmpp:xbosh'";

    private static MachineRig AfterSuccess(string creation = MachineRig.Creation)
    {
        var rig = new MachineRig(creation);
        rig.Open();
        rig.Send(101, "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
        rig.Backend(DownPayloadKind.SaslSuccess, MachineRig.Success);
        return rig;
    }

    [Fact]
    [Trait("Requirement", "BOSH-108")]
    [Trait("Requirement", "BOSH-109")]
    public void Restart_AfterSuccess_SendsANewHeaderAndDeliversTheNewFeatures()
    {
        var rig = AfterSuccess();
        rig.IsAuthenticated.ShouldBeTrue();
        var restart = rig.Send(102, "<ignored xmlns='x'/>", Restart + " to='Example.com' xml:lang='de'");
        rig.Effects.ShouldContain(new BoshEffect.RestartBackend("de", null, "1.0"));
        rig.Written.ShouldNotContain("ignored");
        rig.Backend(DownPayloadKind.Features, MachineRig.Features);
        rig.Body(restart).ShouldBe(
            "<body xmlns='http://jabber.org/protocol/httpbind' xmlns:stream='http://etherx.jabber.org/streams'>" + MachineRig.Features + "</body>");
    }

    [Theory]
    [InlineData("xmpp:restart='1' xmlns:xmpp='urn:xmpp:xbosh'", true)]
    [InlineData("x:restart='true' xmlns:x='urn:xmpp:xbosh'", true)]
    [InlineData("xmpp:restart='true' xmlns:xmpp='urn:other'", false)]
    [Trait("Requirement", "BOSH-107")]
    public void Restart_IsKnownByItsNamespace(string attributes, bool isRestart)
    {
        var rig = AfterSuccess();
        rig.Send(102, attributes: attributes);
        rig.Effects.OfType<BoshEffect.RestartBackend>().Any().ShouldBe(isRestart);
    }

    [Fact]
    [Trait("Requirement", "BOSH-110")]
    public void Restart_WithoutSuccess_IsABadRequest()
    {
        var rig = new MachineRig();
        rig.Open();
        rig.Send(101, "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
        rig.Backend(DownPayloadKind.Sasl, "<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
        rig.Body(rig.Send(102, attributes: Restart)).ShouldBe(MachineRig.TerminateWith("bad-request"));
        rig.Effects.OfType<BoshEffect.RestartBackend>().ShouldBeEmpty();
    }

    [Fact]
    public void Restart_BeforeAnythingWasSaid_GetsTheFeaturesAgainAndTheBackendHearsNothing()
    {
        // COMPAT: node-xmpp-client 3.2 (clients.md); its <auth/> comes on a second connection, perhaps first.
        var rig = new MachineRig();
        rig.Open();
        rig.Body(rig.CreationRequest).ShouldContain(MachineRig.Features);
        var auth = rig.Send(102, "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
        var restart = rig.Send(101, attributes: Restart + " to='example.com'");
        rig.Body(restart).ShouldBe(
            "<body xmlns='http://jabber.org/protocol/httpbind' xmlns:stream='http://etherx.jabber.org/streams'>" + MachineRig.Features + "</body>");
        rig.Effects.OfType<BoshEffect.RestartBackend>().ShouldBeEmpty();
        rig.Written.ShouldBe("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
        rig.Backend(DownPayloadKind.SaslSuccess, MachineRig.Success);
        rig.Body(auth).ShouldContain(MachineRig.Success);
        rig.Send(103, attributes: Restart);
        rig.Effects.OfType<BoshEffect.RestartBackend>().Count().ShouldBe(1);
    }

    [Fact]
    public void Restart_BeforeTheFeatures_GetsThemOnce()
    {
        var rig = new MachineRig();
        rig.Advance(10);
        rig.Body(rig.CreationRequest).ShouldNotContain("features");
        var restart = rig.Send(101, attributes: Restart);
        rig.Open();
        rig.Body(restart).ShouldContain(MachineRig.Features);
        rig.IsOpen(rig.Send(102)).ShouldBeTrue();
    }

    [Fact]
    [Trait("Requirement", "BOSH-110")]
    public void Restart_BeforeAnythingWasSaid_AgainIsABadRequest()
    {
        var rig = new MachineRig();
        rig.Open();
        rig.Send(101, attributes: Restart);
        rig.Body(rig.Send(102, attributes: Restart)).ShouldBe(MachineRig.TerminateWith("bad-request"));
    }

    [Fact]
    [Trait("Requirement", "BOSH-110")]
    public void Restart_Twice_IsABadRequest()
    {
        var rig = AfterSuccess();
        rig.Send(102, attributes: Restart);
        rig.Backend(DownPayloadKind.Features, MachineRig.Features);
        rig.Body(rig.Send(103, attributes: Restart)).ShouldBe(MachineRig.TerminateWith("bad-request"));
    }

    [Fact]
    [Trait("Requirement", "BOSH-110")]
    public void Restart_AfterSasl2Success_IsABadRequest()
    {
        var rig = new MachineRig();
        rig.Open();
        rig.Send(101);
        rig.Backend(DownPayloadKind.Sasl2Success, "<success xmlns='urn:xmpp:sasl:2'/>");
        rig.IsAuthenticated.ShouldBeTrue();
        rig.Body(rig.Send(102, attributes: Restart)).ShouldBe(MachineRig.TerminateWith("bad-request"));
    }

    [Fact]
    [Trait("Requirement", "BOSH-111")]
    public void AfterSuccess_Payload_IsABadRequest()
    {
        var rig = AfterSuccess();
        rig.Body(rig.Send(102, "<iq xmlns='jabber:client'/>")).ShouldBe(MachineRig.TerminateWith("bad-request"));
    }

    [Fact]
    [Trait("Requirement", "BOSH-111")]
    public void AfterSuccess_EmptyIsHeld_TerminateIsHonouredWithoutItsPayloads()
    {
        var rig = AfterSuccess();
        rig.IsOpen(rig.Send(102)).ShouldBeTrue();
        rig.Send(103, "<presence xmlns='jabber:client'/>", "type='terminate'");
        rig.End!.Reason.ShouldBe(SessionEndReason.ClientClosed);
        rig.Written.ShouldNotContain("presence");
    }

    [Theory]
    [InlineData("example.org")]
    [InlineData("")]
    [InlineData("example.com..")]
    [Trait("Requirement", "BOSH-112")]
    public void Restart_ForAnotherDomain_IsABadRequest(string to)
    {
        var rig = AfterSuccess();
        rig.Body(rig.Send(102, attributes: $"{Restart} to='{to}'")).ShouldBe(MachineRig.TerminateWith("bad-request"));
    }

    [Theory]
    [InlineData("", "1.0")]
    [InlineData("xmpp:version='1.7'", "1.7")]
    [InlineData("xmpp:version='2.0'", "1.0")]
    [InlineData("xmpp:version='0.9'", "1.0")]
    [InlineData("xmpp:version='1.'", "1.0")]
    [InlineData("xmpp:version='1.x'", "1.0")]
    [Trait("Requirement", "BOSH-038")]
    [Trait("Requirement", "BOSH-112")]
    public void Version_IsTheClientsIfItIsOneOfOurs(string attribute, string version)
    {
        var creation = MachineRig.Parse(MachineRig.Creation.Replace("xmpp:version='1.0'", attribute, StringComparison.Ordinal));
        BoshTerms.TryNegotiate(creation.Body, "SID", "example.com", new BoshOptions(), out var terms).ShouldBeTrue();
        terms.Version.ShouldBe(version);
        var rig = AfterSuccess();
        rig.Send(102, attributes: Restart + " " + attribute);
        rig.Effects.ShouldContain(new BoshEffect.RestartBackend("en", null, version));
    }

    [Theory]
    [InlineData("", "fr", "alice@example.com", "1.3")]
    [InlineData("from='bob@example.com' xml:lang='de' xmpp:version='1.7'", "de", "bob@example.com", "1.7")]
    [InlineData("from='bob@example.org'", "fr", "alice@example.com", "1.3")]
    [Trait("Requirement", "BOSH-112")]
    public void Restart_SaysNothing_GetsWhatTheCreationSaid(string attributes, string lang, string from, string version)
    {
        var rig = AfterSuccess(MachineRig.Creation.Replace("xml:lang='en'", "xml:lang='fr' from='alice@example.com'", StringComparison.Ordinal)
            .Replace("xmpp:version='1.0'", "xmpp:version='1.3'", StringComparison.Ordinal));
        rig.Send(102, attributes: Restart + " " + attributes);
        rig.Effects.ShouldContain(new BoshEffect.RestartBackend(lang, from, version));
    }

    [Fact]
    [Trait("Requirement", "BOSH-113")]
    public void StartTls_FromTheClient_IsABadRequest()
    {
        var rig = new MachineRig();
        rig.Open();
        rig.Body(rig.Send(101, "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")).ShouldBe(MachineRig.TerminateWith("bad-request"));
        rig.Written.ShouldBeEmpty();
    }

    [Fact]
    [Trait("Requirement", "BOSH-113")]
    public void Compress_FromTheClient_IsAnsweredHere()
    {
        var rig = MachineRig.LoggedIn();
        var request = rig.Send(105, "<a xmlns='x'/><compress xmlns='http://jabber.org/protocol/compress'><method>zlib</method></compress><b xmlns='x'/>");
        rig.Written.ShouldBe("<a xmlns='x'/><b xmlns='x'/>");
        rig.Body(request).ShouldBe(MachineRig.Carrying("<failure xmlns='http://jabber.org/protocol/compress'><setup-failed/></failure>"));
        rig.End.ShouldBeNull();
    }

    [Fact]
    [Trait("Requirement", "EDGE-037")]
    public void Stanza_BeforeAuthentication_EndsTheSession()
    {
        var rig = new MachineRig();
        rig.Open();
        rig.Body(rig.Send(101, "<iq xmlns='jabber:client'/>")).ShouldBe(MachineRig.TerminateWith("policy-violation"));
        rig.End!.Reason.ShouldBe(SessionEndReason.NotAuthorized);
        rig.Written.ShouldBeEmpty();
    }

    [Fact]
    [Trait("Requirement", "XS-043")]
    public void BackendTalks_BetweenSuccessAndRestart_EndsTheSession()
    {
        var rig = AfterSuccess();
        rig.Backend("<message/>");
        rig.End.ShouldBe(new BoshEffect.End(SessionEndReason.BackendProtocolError, BackendClose.Error, default));
    }
}
