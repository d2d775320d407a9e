using Gateway.Core.Bosh;

namespace Gateway.Core.Tests.Bosh;

/// <summary>bosh.md section 10.</summary>
public class AcknowledgementTests
{
    private static readonly string Creation = MachineRig.Creation.Replace("hold='1'", "hold='1' ack='1'", StringComparison.Ordinal);

    [Fact]
    [Trait("Requirement", "BOSH-073")]
    public void CreationResponse_ClientAcknowledges_AcknowledgesTheCreationRequest()
    {
        var rig = new MachineRig(Creation);
        rig.Open();
        rig.Body(rig.CreationRequest).ShouldContain(" ack='100'");
        var silent = new MachineRig();
        silent.Open();
        silent.Body(silent.CreationRequest).ShouldNotContain("ack=");
    }

    [Fact]
    [Trait("Requirement", "BOSH-074")]
    public void Response_NewerRequestIsHere_AcknowledgesIt()
    {
        var rig = MachineRig.LoggedIn(Creation);
        var older = rig.Send(105);
        var newer = rig.Send(106, attributes: "ack='104'");
        rig.Pass(AnswerGrace.Length);
        rig.Body(older).ShouldBe("<body xmlns='http://jabber.org/protocol/httpbind' ack='106'/>");
        rig.Backend("<a/>");
        rig.Body(newer).ShouldBe(MachineRig.Carrying("<a/>"), "not when it equals the rid that is answered");
    }

    [Fact]
    [Trait("Requirement", "BOSH-068")]
    public void Cache_AcknowledgedResponse_IsDropped()
    {
        var rig = MachineRig.LoggedIn(Creation);
        rig.Send(105);
        rig.Body(rig.Send(104)).ShouldBe(MachineRig.TerminateWith("item-not-found"));
    }

    [Fact]
    [Trait("Requirement", "BOSH-068")]
    public void Cache_UnacknowledgedResponses_AreKeptBeyondTheWindow()
    {
        var rig = MachineRig.LoggedIn(Creation);
        for (var rid = 105; rid < 110; rid++)
        {
            rig.Send(rid, attributes: "ack='103'");
            rig.Backend($"<n{rid}/>");
        }

        rig.Body(rig.Send(105, attributes: "ack='103'")).ShouldContain("<n105/>");
    }

    [Fact]
    [Trait("Requirement", "BOSH-075")]
    public void Ack_LowerThanAnswered_IsReportedOnceAtOnce()
    {
        var rig = MachineRig.LoggedIn(Creation);
        rig.Send(105, "<x xmlns='x'/>");
        rig.Backend("<a/>");
        rig.Advance(2.852);
        var reported = rig.Send(106, "<x xmlns='x'/>", "ack='104'");
        rig.Body(reported).ShouldBe("<body report='105' time='2852' xmlns='http://jabber.org/protocol/httpbind'/>");
        rig.IsOpen(rig.Send(107, "<x xmlns='x'/>", "ack='104'")).ShouldBeTrue();
    }

    [Fact]
    [Trait("Requirement", "BOSH-075")]
    public void Ack_LowerThanAnswered_IsReportedWhenTheAnswerIsTwoSecondsOldAndTimeIsCapped()
    {
        var rig = MachineRig.LoggedIn(Creation);
        rig.Send(105);
        rig.Backend("<a/>");
        rig.Advance(2);
        var held = rig.Send(106, attributes: "ack='104'");
        rig.IsOpen(held).ShouldBeTrue();
        rig.Advance(60);
        rig.Body(held).ShouldBe(MachineRig.Empty);
        rig.Advance(10);
        rig.Body(rig.Send(107, attributes: "ack='104'")).ShouldBe("<body report='105' time='65535' xmlns='http://jabber.org/protocol/httpbind'/>");
    }

    [Fact]
    [Trait("Requirement", "BOSH-076")]
    public void Ack_AboveWhatWasAnswered_IsIgnored()
    {
        var rig = MachineRig.LoggedIn(Creation);
        rig.IsOpen(rig.Send(105, attributes: "ack='5000'")).ShouldBeTrue();
        rig.End.ShouldBeNull();
    }
}
