using Gateway.Core.Bosh;
using Gateway.Core.Sessions;

namespace Gateway.Core.Tests.Bosh;

/// <summary>bosh.md section 7.</summary>
public class HoldingTests
{
    private const string Message = "<message xmlns='jabber:client'/>";

    [Fact]
    [Trait("Requirement", "BOSH-047")]
    public void Held_PayloadArrives_IsAnsweredWithAllOfIt()
    {
        var rig = MachineRig.LoggedIn();
        var held = rig.Send(105);
        rig.Backend("<a/>", "<b/>");
        rig.Body(held).ShouldBe(MachineRig.Carrying("<a/><b/>"));
    }

    [Fact]
    [Trait("Requirement", "BOSH-048")]
    public void NoRequestHeld_PayloadsWait_TheNextRequestTakesThemInOrder()
    {
        var rig = MachineRig.LoggedIn();
        rig.Backend("<a/>");
        rig.Backend("<b/>");
        rig.Body(rig.Send(105)).ShouldBe(MachineRig.Carrying("<a/><b/>"));
    }

    [Fact]
    [Trait("Requirement", "BOSH-048")]
    public void NoRequestHeld_BufferFull_BackendIsReadNoFurtherUntilTheClientTakesData()
    {
        var rig = MachineRig.LoggedIn(options: new BoshOptions { MaxBufferedBytes = 10, MaxResponseBytes = 8 });
        rig.Backend("<a>345</a>");
        rig.Effects.OfType<BoshEffect.PauseBackend>().Count().ShouldBe(1);
        rig.Send(105);
        rig.Effects.OfType<BoshEffect.ResumeBackend>().Count().ShouldBe(1);
    }

    [Fact]
    [Trait("Requirement", "BOSH-047")]
    public void Response_OverTheLimit_TakesTheRestAlongNext()
    {
        var rig = MachineRig.LoggedIn(options: new BoshOptions { MaxResponseBytes = 8 });
        rig.Backend("<a/>", "<b/>", "<long-one-over-the-limit/>");
        rig.Body(rig.Send(105)).ShouldBe(MachineRig.Carrying("<a/><b/>"));
        rig.Body(rig.Send(106)).ShouldBe(MachineRig.Carrying("<long-one-over-the-limit/>"));
    }

    [Fact]
    [Trait("Requirement", "BOSH-053")]
    [Trait("Requirement", "BOSH-056")]
    public void Held_WaitIsOver_IsAnsweredEmptyInItsLastSecond()
    {
        var rig = MachineRig.LoggedIn();
        var held = rig.Send(105);
        rig.Advance(49);
        rig.IsOpen(held).ShouldBeTrue();
        rig.Advance(1);
        rig.Body(held).ShouldBe(MachineRig.Empty);
    }

    [Theory]
    [Trait("Requirement", "BOSH-054")]
    [Trait("Requirement", "BOSH-055")]
    [InlineData("")]
    [InlineData(Message)]
    public void Held_NewerRequestComes_TheOlderIsAnsweredAfterItsGrace(string payload)
    {
        var rig = MachineRig.LoggedIn();
        var older = rig.Send(105);
        var newer = rig.Send(106, payload);
        rig.HeldCount.ShouldBe(2);
        rig.Pass(AnswerGrace.Length - TimeSpan.FromMilliseconds(1));
        rig.IsOpen(older).ShouldBeTrue();
        rig.Pass(TimeSpan.FromMilliseconds(1));
        rig.Body(older).ShouldBe(MachineRig.Empty);
        rig.IsOpen(newer).ShouldBeTrue();
        rig.Written.ShouldBe(payload);
    }

    [Fact]
    [Trait("Requirement", "BOSH-054")]
    public void Held_TwoAreGranted_TwoAreHeldAndTheLowerAnswersFirst()
    {
        var rig = MachineRig.LoggedIn(MachineRig.Creation.Replace("hold='1'", "hold='2'", StringComparison.Ordinal));
        rig.Send(105);
        rig.Send(106);
        rig.Send(107);
        rig.Pass(AnswerGrace.Length);
        rig.HeldCount.ShouldBe(2);
        rig.Backend("<a/>");
        rig.HeldCount.ShouldBe(1);
        rig.AnswerOrder.Select(e => e.Rid).ShouldBe([105, 106]);
    }

    [Fact]
    [Trait("Requirement", "BOSH-058")]
    public void Held_ConnectionBreaks_NothingIsBoundAndTheRepeatGetsThePayload()
    {
        var rig = MachineRig.LoggedIn();
        var held = rig.Send(105);
        rig.Step(new BoshEvent.Aborted(held));
        rig.HeldCount.ShouldBe(0);
        rig.Backend("<a/>");
        rig.Body(rig.Send(105)).ShouldBe(MachineRig.Carrying("<a/>"));
    }

    [Fact]
    [Trait("Requirement", "BOSH-050")]
    [Trait("Requirement", "BOSH-057")]
    public void Held_LowerOneIsBroken_ItGetsAnEmptyBodyAndPayloadsStayInRidOrder()
    {
        // strophe 5 sends N+1 when N is lost, and repeats N seconds later (clients.md).
        var rig = MachineRig.LoggedIn();
        var lost = rig.Send(105);
        rig.Step(new BoshEvent.Aborted(lost));
        var next = rig.Send(106);
        rig.Backend("<a/>");
        rig.Body(next).ShouldBe(MachineRig.Carrying("<a/>"));
        rig.Backend("<b/>");
        rig.Body(rig.Send(105)).ShouldBe(MachineRig.Empty);
        rig.Body(rig.Send(107)).ShouldBe(MachineRig.Carrying("<b/>"));
    }

    [Fact]
    [Trait("Requirement", "BOSH-028")]
    public void Response_SaslAndFeatures_StandAlone()
    {
        var rig = MachineRig.LoggedIn();
        rig.Backend("<a/>");
        rig.Backend(DownPayloadKind.Features, MachineRig.Features);
        rig.Backend("<b/>");
        rig.Body(rig.Send(105)).ShouldBe(MachineRig.Carrying("<a/>"));
        rig.Body(rig.Send(106)).ShouldBe(
            "<body xmlns='http://jabber.org/protocol/httpbind' xmlns:stream='http://etherx.jabber.org/streams'>" + MachineRig.Features + "</body>");
        rig.Body(rig.Send(107)).ShouldBe(MachineRig.Carrying("<b/>"));
    }

    [Fact]
    public void BackendCongested_RequestsWaitUntilItIsDrained()
    {
        var rig = MachineRig.LoggedIn();
        rig.Step(new BoshEvent.BackendCongested());
        rig.Send(105, Message);
        rig.Send(106, Message);
        rig.Written.ShouldBeEmpty();
        rig.Advance(29);
        rig.Step(new BoshEvent.BackendDrained());
        rig.Written.ShouldBe(Message + Message);
        rig.Advance(5);
        rig.End.ShouldBeNull();
    }

    [Theory]
    [InlineData(60, 30)]
    [InlineData(10, 9)]
    [InlineData(1, 5)]
    [Trait("Requirement", "BOSH-053")]
    [Trait("Requirement", "BOSH-096")]
    public void BackendTakesNothing_NobodyWaitsForEver(int wait, int seconds)
    {
        var rig = MachineRig.LoggedIn(MachineRig.Creation.Replace("wait='60'", $"wait='{wait}'", StringComparison.Ordinal));
        rig.Step(new BoshEvent.BackendCongested());
        var deferred = rig.Send(105, Message);
        rig.Advance(seconds - 0.1);
        rig.IsOpen(deferred).ShouldBeTrue();
        rig.Advance(0.1);
        rig.Body(deferred).ShouldBe(MachineRig.TerminateWith("remote-connection-failed"));
        rig.End!.Reason.ShouldBe(SessionEndReason.BackendTimeout);
        rig.End.Close.ShouldBe(BackendClose.Unclean);
    }
}
