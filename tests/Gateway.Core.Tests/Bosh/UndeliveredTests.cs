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
}
