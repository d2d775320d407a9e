using Gateway.Core.Bosh;

namespace Gateway.Core.Tests.Bosh;

/// <summary>bosh.md sections 5 and 6.</summary>
public class CreationTests
{
    [Fact]
    [Trait("Requirement", "BOSH-042")]
    [Trait("Requirement", "BOSH-043")]
    [Trait("Requirement", "BOSH-046")]
    [Trait("Requirement", "BOSH-104")]
    [Trait("Requirement", "BOSH-105")]
    public void CreationResponse_FeaturesArrive_CarriesTermsAndFeatures()
    {
        var rig = new MachineRig();
        rig.IsOpen(rig.CreationRequest).ShouldBeTrue();
        rig.Open();
        rig.Body(rig.CreationRequest).ShouldBe(
            "<body xmlns='http://jabber.org/protocol/httpbind' xmlns:xmpp='urn:xmpp:xbosh' xmlns:stream='http://etherx.jabber.org/streams' sid='SID' "
            + "wait='50' requests='2' hold='1' inactivity='90' polling='2' maxpause='120' ver='1.6' from='example.com' authid='a1' xmpp:version='1.0' "
            + "xmpp:restartlogic='true'>" + MachineRig.Features + "</body>");
    }

    [Fact]
    [Trait("Requirement", "BOSH-051")]
    public void CreationResponse_NoFeaturesInTenSeconds_ComesWithoutThemAndTheNextCarriesThem()
    {
        var rig = new MachineRig();
        rig.Advance(9.9);
        rig.IsOpen(rig.CreationRequest).ShouldBeTrue();
        rig.Advance(0.1);
        rig.Body(rig.CreationRequest).ShouldContain("sid='SID'");
        rig.Body(rig.CreationRequest).ShouldNotContain("xmpp:version");
        var next = rig.Send(101);
        rig.Open();
        rig.Body(next).ShouldBe(
            "<body xmlns='http://jabber.org/protocol/httpbind' xmlns:xmpp='urn:xmpp:xbosh' xmlns:stream='http://etherx.jabber.org/streams' authid='a1' xmpp:version='1.0'>"
            + MachineRig.Features + "</body>");
    }

    [Fact]
    [Trait("Requirement", "BOSH-051")]
    public void CreationResponse_ShortWait_NeverWaitsLonger()
    {
        var rig = new MachineRig(MachineRig.Creation.Replace("wait='60'", "wait='3'", StringComparison.Ordinal));
        rig.Advance(3);
        rig.IsOpen(rig.CreationRequest).ShouldBeFalse();
    }

    [Theory]
    [InlineData("rid='100' to='example.com' xml:lang='en' wait='30' hold='2' ver='1.6' xmpp:version='1.0'", "wait='30' requests='3' hold='1'")]
    [InlineData("rid='100' to='example.com' xml:lang='en' wait='30' hold='2' ver='1.6' xmpp:version='1.0' content='text/xml; charset=utf-8'", "wait='30' requests='3' hold='2'")]
    [InlineData("rid='100' to='example.com' xml:lang='en' wait='60' hold='2' ver='1.6' xmpp:version='1.0'", "wait='50' requests='3' hold='2'")]
    [InlineData("rid='100' to='example.com' xml:lang='en' wait='60' hold='9' ver='1.6' xmpp:version='1.0'", "wait='50' requests='10' hold='2'")]
    [Trait("Requirement", "BOSH-033")]
    public void CreationResponse_HoldIsTheLesser_AndLessForStanzaWhichHasTwoChannelsOnly(string request, string granted)
    {
        var rig = new MachineRig($"<body {request} xmlns='http://jabber.org/protocol/httpbind' xmlns:xmpp='urn:xmpp:xbosh'/>");
        rig.Open();
        rig.Body(rig.CreationRequest).ShouldContain(granted);
    }

    [Theory]
    [InlineData("wait='0' hold='1'")]
    [InlineData("wait='60' hold='0'")]
    [Trait("Requirement", "BOSH-084")]
    public void CreationResponse_PollingSession_ComesAtOnce(string terms)
    {
        var rig = new MachineRig(MachineRig.Creation.Replace("wait='60' hold='1'", terms, StringComparison.Ordinal));
        rig.Body(rig.CreationRequest).ShouldContain("inactivity='120'");
    }

    [Theory]
    [InlineData(0, 0, 1)]
    [InlineData(1, 1, 2)]
    [InlineData(2, 2, 3)]
    [InlineData(5, 2, 6)]
    [InlineData(255, 2, 16)]
    [Trait("Requirement", "BOSH-033")]
    public void Negotiation_RequestedHold_GivesHoldAndRequests(int requested, int hold, int requests)
    {
        var rig = new MachineRig(MachineRig.Creation.Replace("hold='1'", $"hold='{requested}'", StringComparison.Ordinal));
        rig.Terms.Hold.ShouldBe(hold);
        rig.Terms.Requests.ShouldBe(requests);
    }

    [Theory]
    [InlineData("1.10", "1.10")]
    [InlineData("1.9", "1.9")]
    [InlineData("1.12", "1.11")]
    [InlineData("2.0", "1.11")]
    [Trait("Requirement", "BOSH-043")]
    public void Negotiation_Ver_IsTheLower(string asked, string granted)
    {
        var rig = new MachineRig(MachineRig.Creation.Replace("ver='1.6'", $"ver='{asked}'", StringComparison.Ordinal));
        rig.Terms.Ver.ToString().ShouldBe(granted);
    }

    [Theory]
    [InlineData("text/xml; charset=utf-8", true)]
    [InlineData("Text/XML", true)]
    [InlineData("application/xml;charset=UTF-8", true)]
    [InlineData("text/plain", true)]
    [InlineData("text/html", false)]
    [InlineData("text/xml; charset=iso-8859-1", false)]
    [InlineData("text/xml; charset=utf-8; x=y", false)]
    [InlineData("text/xml\r\nX: y", false)]
    [Trait("Requirement", "BOSH-005")]
    public void Negotiation_Content_IsGrantedOnlyWhenHarmless(string content, bool granted) =>
        BoshTerms.TryNegotiate(MachineRig.Parse($"<body rid='1' to='example.com' content='{content.Replace("\r\n", "&#13;&#10;", StringComparison.Ordinal)}' xmlns='http://jabber.org/protocol/httpbind'/>").Body, "SID", "example.com", new BoshOptions(), out _).ShouldBe(granted);

    [Theory]
    [InlineData("alice@example.com", true)]
    [InlineData("alice@example.com/home", false)]
    [InlineData("alice@example.org", false)]
    [InlineData("example.com", false)]
    [InlineData("a b@example.com", false)]
    [Trait("Requirement", "BOSH-037")]
    public void Negotiation_From_IsKeptOnlyAsBareJidOfTheDomain(string from, bool kept)
    {
        var rig = new MachineRig(MachineRig.Creation.Replace("hold='1'", $"hold='1' from='{from}'", StringComparison.Ordinal));
        rig.Terms.From.ShouldBe(kept ? from : null);
    }

    [Theory]
    [InlineData("de", "de")]
    [InlineData("zh-Hant-TW", "zh-Hant-TW")]
    [InlineData("not a tag", "en")]
    [InlineData("", "en")]
    [Trait("Requirement", "BOSH-039")]
    public void Negotiation_Lang_IsKeptOnlyWhenItIsATag(string lang, string expected) =>
        new MachineRig(MachineRig.Creation.Replace("xml:lang='en'", $"xml:lang='{lang}'", StringComparison.Ordinal)).Terms.Lang.ShouldBe(expected);

    [Fact]
    [Trait("Requirement", "BOSH-040")]
    public void CreationRequest_WithPayload_IsForwarded()
    {
        var rig = new MachineRig(MachineRig.Creation.Replace("/>", "><auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/></body>", StringComparison.Ordinal));
        rig.Written.ShouldBe("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
    }

    [Fact]
    public void CreationRequest_ConnectionBreaks_EndsTheSessionAsNobodyKnowsTheSid()
    {
        var rig = new MachineRig();
        rig.Step(new BoshEvent.Aborted(rig.CreationRequest));
        rig.End!.Reason.ShouldBe(Gateway.Core.Sessions.SessionEndReason.ClientLost);
        rig.Response(rig.CreationRequest).IsAbandoned.ShouldBeTrue();
    }

    [Fact]
    [Trait("Requirement", "BOSH-044")]
    public void LaterResponses_CarryNoCreationAttributes()
    {
        var rig = MachineRig.LoggedIn();
        var held = rig.Send(105);
        rig.Backend("<message xmlns='jabber:client'/>");
        rig.Body(held).ShouldBe(MachineRig.Carrying("<message xmlns='jabber:client'/>"));
    }
}
