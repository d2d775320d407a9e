using System.Text;
using Gateway.Core.Bosh;
using Gateway.Core.Sessions;

namespace Gateway.Core.Tests.Bosh;

/// <summary>
/// What the examples of XEP-0124 1.11.2 and XEP-0206 1.4 show, section by section: their dialogues with our values. The bytes that the
/// gateway chooses itself (order of attributes, its own limits) are its own.
/// </summary>
public class SpecificationExampleTests
{
    private const string Ns = "xmlns='http://jabber.org/protocol/httpbind'";

    private const string Creation =
        $"<body content='text/xml; charset=utf-8' from='juliet@example.com' hold='1' rid='100' to='example.com' route='xmpp:example.com:9999' secure='true' wait='60' "
        + $"ack='1' ver='1.6' xml:lang='en' xmpp:version='1.0' {Ns} xmlns:xmpp='urn:xmpp:xbosh'/>";

    private const string Message = "<message to='romeo@example.com' xmlns='jabber:client'><body>Art thou not Romeo, and a Montague?</body></message>";

    [Fact]
    [Trait("Requirement", "BOSH-042")]
    [Trait("Requirement", "BOSH-045")]
    public void Xep0124_7_SessionCreation()
    {
        var rig = new MachineRig(Creation);
        rig.Advance(10);
        rig.Body(rig.CreationRequest).ShouldBe(
            $"<body {Ns} xmlns:xmpp='urn:xmpp:xbosh' sid='SID' wait='50' requests='2' hold='1' inactivity='90' polling='2' maxpause='120' "
            + "ver='1.6' from='example.com' ack='100' xmpp:restartlogic='true'/>");
        rig.Response(rig.CreationRequest).ContentType.ShouldBe("text/xml; charset=utf-8");
        rig.Terms.From.ShouldBe("juliet@example.com");
    }

    [Fact]
    public void Xep0124_8_PayloadsBothWaysAndEmptyBodies()
    {
        var rig = MachineRig.LoggedIn();
        var poll = rig.Send(105);
        var request = rig.Send(106, Message + "<presence xmlns='jabber:client'><show>away</show></presence>");
        rig.Written.ShouldBe(Message + "<presence xmlns='jabber:client'><show>away</show></presence>");
        rig.Pass(AnswerGrace.Length);
        rig.Body(poll).ShouldBe($"<body {Ns}/>");
        rig.Backend("<message xmlns='jabber:client'><body>Neither, fair saint, if either thee dislike.</body></message>", "<iq xmlns='jabber:client' type='get'/>");
        rig.Body(request).ShouldBe(
            $"<body {Ns}><message xmlns='jabber:client'><body>Neither, fair saint, if either thee dislike.</body></message><iq xmlns='jabber:client' type='get'/></body>");
    }

    [Fact]
    [Trait("Requirement", "BOSH-072")]
    [Trait("Requirement", "BOSH-074")]
    [Trait("Requirement", "BOSH-075")]
    [Trait("Requirement", "BOSH-076")]
    public void Xep0124_9_AcknowledgementsAndAReport()
    {
        var rig = MachineRig.LoggedIn(Creation);
        var lost = rig.Send(105, Message);
        rig.Backend("<message xmlns='jabber:client'/>");
        rig.Body(lost).ShouldNotContain("ack=");
        rig.Pass(TimeSpan.FromMilliseconds(2852));
        rig.Body(rig.Send(106, attributes: "ack='104'")).ShouldBe($"<body report='105' time='2852' {Ns}/>");
        rig.IsOpen(rig.Send(107, attributes: "ack='104'")).ShouldBeTrue("said once");

        // Nobody has had 200, and 103 is behind what was said before.
        rig.Send(108, attributes: "ack='200'");
        rig.Send(109, attributes: "ack='103'");
        rig.End.ShouldBeNull();
        rig.Body(rig.Send(105, attributes: "ack='104'")).ShouldBe($"<body {Ns}><message xmlns='jabber:client'/></body>");
    }

    [Fact]
    [Trait("Requirement", "BOSH-079")]
    [Trait("Requirement", "BOSH-083")]
    public void Xep0124_10_Pause()
    {
        var rig = MachineRig.LoggedIn();
        var held = rig.Send(105);
        var pause = rig.Send(106, Message, "pause='60'");
        rig.Written.ShouldBe(Message);
        rig.Body(held).ShouldBe($"<body {Ns}/>");
        rig.Body(pause).ShouldBe($"<body {Ns}/>");
        rig.Advance(59);
        rig.IsOpen(rig.Send(107)).ShouldBeTrue();
    }

    [Fact]
    [Trait("Requirement", "BOSH-085")]
    public void Xep0124_12_Polling()
    {
        var rig = MachineRig.LoggedIn(MachineRig.Creation.Replace("wait='60' hold='1'", "wait='0' hold='0'", StringComparison.Ordinal));
        rig.Send(105);
        rig.Advance(2);
        rig.Body(rig.Send(106)).ShouldBe($"<body {Ns}/>");
        rig.Advance(2);
        rig.Backend(Message);
        rig.Body(rig.Send(107)).ShouldBe(MachineRig.Carrying(Message));
        rig.Body(rig.Send(108)).ShouldBe($"<body {Ns}/>", "behind a payload there is no need to wait");
        rig.Advance(1.9);
        rig.Body(rig.Send(109)).ShouldBe(MachineRig.TerminateWith("policy-violation"));
    }

    [Fact]
    [Trait("Requirement", "BOSH-089")]
    [Trait("Requirement", "BOSH-090")]
    public void Xep0124_13_TheClientEndsTheSession()
    {
        var rig = MachineRig.LoggedIn();
        rig.Body(rig.Send(105, "<presence type='unavailable' xmlns='jabber:client'/>", "type='terminate'")).ShouldBe($"<body type='terminate' {Ns}/>");
        rig.Written.ShouldBe("<presence type='unavailable' xmlns='jabber:client'/>");
        rig.End.ShouldBe(new BoshEffect.End(SessionEndReason.ClientClosed, BackendClose.Clean, default));
    }

    [Fact]
    [Trait("Requirement", "BOSH-065")]
    public void Xep0124_14_BrokenConnections()
    {
        var rig = MachineRig.LoggedIn();
        var first = rig.Send(105, Message);
        rig.Backend("<message xmlns='jabber:client'/>");
        var again = rig.Send(105, Message);
        rig.Response(again).Body.Span.SequenceEqual(rig.Response(first).Body.Span).ShouldBeTrue();
        rig.Written.ShouldBe(Message);
        rig.Body(rig.Send(102, Message)).ShouldBe(MachineRig.TerminateWith("item-not-found"));
    }

    [Fact]
    [Trait("Requirement", "BOSH-118")]
    [Trait("Requirement", "BOSH-119")]
    public void Xep0124_15_Keys()
    {
        var rig = new MachineRig(MachineRig.Creation.Replace("hold='1'", "hold='1' newkey='28b853b21e0ee53dec6e8b40445d497365a42c53'", StringComparison.Ordinal));
        rig.Open();
        rig.Send(101, attributes: "key='084fe6fa5cf2f61817eec9f732f4049fe28d7897'");
        rig.Send(102, attributes: "key='52ec812aee335b1a5d56c44b954e9dccf6c74644' newkey='6151f5610e7969c68b8fa8b6d00b626726152af9'");
        rig.End.ShouldBeNull();
        rig.Body(rig.Send(103, attributes: "key='52ec812aee335b1a5d56c44b954e9dccf6c74644'")).ShouldBe(MachineRig.TerminateWith("item-not-found"));
    }

    [Fact]
    [Trait("Requirement", "BOSH-124")]
    [Trait("Requirement", "BOSH-125")]
    public void Xep0124_16_AnotherStream_IsNotThere()
    {
        var rig = MachineRig.LoggedIn();
        var request = rig.Send(105, attributes: "to='other.example.com' route='xmpp:other.example.com:5222' from='x@other.example.com' stream='second' xml:lang='de'");
        rig.IsOpen(request).ShouldBeTrue();
        rig.Backend(Message);
        rig.Body(request).ShouldBe(MachineRig.Carrying(Message));
        rig.Written.ShouldBeEmpty();
        (rig.Effects.OfType<BoshEffect.RestartBackend>().Any(), rig.End).ShouldBe((false, null));
    }

    [Fact]
    [Trait("Requirement", "BOSH-097")]
    public void Xep0124_17_RemoteStreamError()
    {
        var rig = MachineRig.LoggedIn();
        const string Error = "<stream:error><xml-not-well-formed xmlns='urn:ietf:params:xml:ns:xmpp-streams'/><text xmlns='urn:ietf:params:xml:ns:xmpp-streams' xml:lang='en'>Some special application diagnostic information!</text>"
            + "<escape-your-data xmlns='application-ns'/></stream:error>";
        rig.Backend(Message);
        rig.Step(new BoshEvent.BackendEnded(SessionEndReason.RemoteStreamError, Encoding.UTF8.GetBytes(Error)));
        rig.Body(rig.Send(105)).ShouldBe(
            $"<body type='terminate' condition='remote-stream-error' {Ns} xmlns:stream='http://etherx.jabber.org/streams'>{Message}{Error}</body>");
    }

    [Fact]
    [Trait("Requirement", "BOSH-066")]
    [Trait("Requirement", "BOSH-071")]
    public void Xep0124_17_RecoverableError()
    {
        var rig = MachineRig.LoggedIn();
        var older = rig.Send(105, Message);
        var newer = rig.Send(105, Message);
        rig.Body(older).ShouldBe($"<body type='error' {Ns}/>");
        rig.IsOpen(newer).ShouldBeTrue();
        rig.Written.ShouldBe(Message);
    }

    [Fact]
    [Trait("Requirement", "BOSH-107")]
    [Trait("Requirement", "BOSH-108")]
    public void Xep0206_4_5_FeaturesAuthenticationRestartAndBinding()
    {
        var rig = new MachineRig(Creation.Replace("ack='1' ", "", StringComparison.Ordinal));
        rig.Open();
        rig.Body(rig.CreationRequest).ShouldEndWith(
            $" authid='a1' xmpp:version='1.0' xmpp:restartlogic='true'>{MachineRig.Features}</body>");
        var auth = rig.Send(101, "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-1'>biws</auth>");
        rig.Backend(DownPayloadKind.Sasl, "<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>cj1m</challenge>");
        rig.Body(auth).ShouldBe(MachineRig.Carrying("<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>cj1m</challenge>"));
        var response = rig.Send(102, "<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>Yz1i</response>");
        rig.Backend(DownPayloadKind.SaslSuccess, MachineRig.Success);
        rig.Body(response).ShouldBe(MachineRig.Carrying(MachineRig.Success));
        var restart = rig.Send(103, attributes: "to='example.com' xml:lang='en' xmpp:restart='true' xmlns:xmpp='urn:xmpp:xbosh'");
        rig.Effects.ShouldContain(new BoshEffect.RestartBackend("en", "juliet@example.com", "1.0"));
        const string Bind = "<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>";
        rig.Backend(DownPayloadKind.Features, Bind);
        rig.Body(restart).ShouldBe($"<body {Ns} xmlns:stream='http://etherx.jabber.org/streams'>{Bind}</body>");
        var bind = rig.Send(104, "<iq id='bind_1' type='set' xmlns='jabber:client'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>");
        rig.Backend("<iq id='bind_1' type='result' xmlns='jabber:client'/>");
        rig.Body(bind).ShouldBe(MachineRig.Carrying("<iq id='bind_1' type='result' xmlns='jabber:client'/>"));
    }
}
