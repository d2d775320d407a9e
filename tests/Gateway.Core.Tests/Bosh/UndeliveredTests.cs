using System.Text;
using Gateway.Core.Bosh;

namespace Gateway.Core.Tests.Bosh;

/// <summary>bosh.md section 16: what becomes of stanzas that the client never got.</summary>
public class UndeliveredTests
{
    [Fact]
    [Trait("Requirement", "BOSH-114")]
    public void Inactivity_UndeliveredStanzas_AreBounced()
    {
        var rig = MachineRig.LoggedIn();
        var lost = rig.Send(105);
        rig.Backend("<message from='b@x' to='a@x' id='m1' xmlns='jabber:client'><body>lost</body></message>");
        rig.Step(new BoshEvent.NotWritten(lost));
        rig.Backend("<presence from='b@x'/>", "<iq type='get' from='b@x' to='a@x' id='i1'/>", "<iq type='result' id='i2'/>", "<message type='error'/>");
        rig.Advance(90);
        Encoding.UTF8.GetString(rig.End!.Bounces.Span).ShouldBe(
            "<message type='error' to='b@x' from='a@x' id='m1'><error type='wait'><recipient-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>"
            + "<iq type='error' to='b@x' from='a@x' id='i1'><error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
        rig.Effects.ShouldContain(new BoshEffect.Observe(BoshObservation.Undelivered, 2));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Requirement", "BOSH-114")]
    public void Inactivity_OlderExchangeOfTheRidNotWritten_WhatTheNewerOneGotIsNotBounced(bool isAnswered)
    {
        var rig = MachineRig.LoggedIn();
        var older = rig.Send(105);
        if (isAnswered)
        {
            rig.Backend("<message from='b@x' to='a@x' id='m1'/>");
        }

        var newer = rig.Send(105);
        if (!isAnswered)
        {
            rig.Backend("<message from='b@x' to='a@x' id='m1'/>");
        }

        rig.Body(newer).ShouldContain("m1");
        rig.Step(new BoshEvent.NotWritten(older));
        rig.Advance(90);
        rig.End!.Bounces.IsEmpty.ShouldBeTrue();
    }

    [Fact]
    [Trait("Requirement", "BOSH-114")]
    public void Inactivity_RepeatNotWrittenEither_IsBounced()
    {
        var rig = MachineRig.LoggedIn();
        var first = rig.Send(105);
        rig.Backend("<message from='b@x' to='a@x' id='m1'/>");
        rig.Step(new BoshEvent.NotWritten(first));
        rig.Step(new BoshEvent.NotWritten(rig.Send(105)));
        rig.Advance(90);
        Encoding.UTF8.GetString(rig.End!.Bounces.Span).ShouldStartWith("<message type='error' to='b@x' from='a@x' id='m1'>");
    }

    [Fact]
    [Trait("Requirement", "BOSH-115")]
    public void Inactivity_StreamManagementEnabled_NothingIsBounced()
    {
        var rig = MachineRig.LoggedIn();
        rig.Send(105, "<enable xmlns='urn:xmpp:sm:3' resume='true'/>");
        rig.Backend("<a/>");
        rig.Backend("<message from='b@x' id='m1'/>");
        rig.Advance(90);
        rig.End!.Bounces.IsEmpty.ShouldBeTrue();
    }

    [Fact]
    [Trait("Requirement", "BOSH-090")]
    [Trait("Requirement", "BOSH-114")]
    public void Terminate_WhileSomethingIsBuffered_ItsSenderIsTold()
    {
        var rig = MachineRig.LoggedIn();
        rig.Backend("<message from='b@x' to='a@x' id='m1' xmlns='jabber:client'><body>late</body></message>");
        rig.Body(rig.Send(105, attributes: "type='terminate'")).ShouldBe(MachineRig.Terminate);
        Encoding.UTF8.GetString(rig.End.ShouldNotBeNull().Bounces.Span)
            .ShouldBe("<message type='error' to='b@x' from='a@x' id='m1'><error type='wait'><recipient-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>");
    }

    [Theory]
    [InlineData("500", "", "item-not-found")]
    [InlineData("105", "pause='121'", "policy-violation")]
    [InlineData("105", "xmpp:restart='true' xmlns:xmpp='urn:xmpp:xbosh'", "bad-request")]
    [Trait("Requirement", "BOSH-093")]
    [Trait("Requirement", "BOSH-114")]
    public void CausedByARequest_WhileSomethingIsBuffered_ItsSenderIsTold(string rid, string attributes, string condition)
    {
        var rig = MachineRig.LoggedIn();
        rig.Backend("<message from='b@x' to='a@x' id='m1' xmlns='jabber:client'/>", "<presence from='b@x'/>");
        rig.Body(rig.Send(long.Parse(rid, null), attributes: attributes)).ShouldBe(MachineRig.TerminateWith(condition));
        rig.End!.Close.ShouldBe(BackendClose.Clean);
        Encoding.UTF8.GetString(rig.End.Bounces.Span)
            .ShouldBe("<message type='error' to='b@x' from='a@x' id='m1'><error type='wait'><recipient-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>");
        rig.Effects.ShouldContain(new BoshEffect.Observe(BoshObservation.Undelivered, 1));
    }

    [Fact]
    [Trait("Requirement", "BOSH-094")]
    public void CausedByARequest_WhoseConnectionBroke_WhatIsBufferedIsKeptForItsRepeat()
    {
        var rig = MachineRig.LoggedIn(options: new BoshOptions { MaxResponseBytes = 1 });
        rig.Backend("<message id='m1'/>", "<message id='m2'/>");
        const string restart = "xmpp:restart='true' xmlns:xmpp='urn:xmpp:xbosh'";
        rig.Step(new BoshEvent.Aborted(rig.Send(106, attributes: restart)));
        rig.Body(rig.Send(105)).ShouldBe(MachineRig.Carrying("<message id='m1'/>"));
        rig.End!.Bounces.IsEmpty.ShouldBeTrue();
        rig.Body(rig.Send(106, attributes: restart)).ShouldBe(
            "<body type='terminate' condition='bad-request' xmlns='http://jabber.org/protocol/httpbind'><message id='m2'/></body>");
    }
}
