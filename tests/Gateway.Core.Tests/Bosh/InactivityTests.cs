using Gateway.Core.Bosh;
using Gateway.Core.Sessions;

namespace Gateway.Core.Tests.Bosh;

/// <summary>bosh.md sections 11 and 12.</summary>
public class InactivityTests
{
    [Fact]
    [Trait("Requirement", "BOSH-078")]
    [Trait("Requirement", "BOSH-106")]
    public void NoRequestOpen_ForTooLong_EndsSilentlyAndUncleanly()
    {
        var rig = MachineRig.LoggedIn();
        rig.Advance(89.9);
        rig.End.ShouldBeNull();
        rig.Advance(0.1);
        rig.End!.Reason.ShouldBe(SessionEndReason.Inactivity);
        rig.End.Close.ShouldBe(BackendClose.Unclean);
        rig.IsDropped.ShouldBeTrue();
        rig.Body(rig.Send(105)).ShouldBe(MachineRig.TerminateWith("item-not-found"));
    }

    [Fact]
    [Trait("Requirement", "BOSH-078")]
    public void RequestOpen_TheTimerDoesNotRun()
    {
        var rig = MachineRig.LoggedIn();
        for (var rid = 105; rid < 110; rid++)
        {
            rig.Send(rid);
            rig.Advance(60);
        }

        rig.End.ShouldBeNull();
    }

    [Fact]
    [Trait("Requirement", "BOSH-078")]
    public void ConnectionBreaks_TheTimerRunsFromThen()
    {
        var rig = MachineRig.LoggedIn();
        var held = rig.Send(105);
        rig.Advance(40);
        rig.Step(new BoshEvent.Aborted(held));
        rig.Advance(89);
        rig.End.ShouldBeNull();
        rig.Advance(1);
        rig.End!.Reason.ShouldBe(SessionEndReason.Inactivity);
    }

    [Fact]
    [Trait("Requirement", "BOSH-079")]
    [Trait("Requirement", "BOSH-080")]
    [Trait("Requirement", "BOSH-082")]
    public void Pause_AnswersAllAndLengthensInactivityOnce()
    {
        var rig = MachineRig.LoggedIn();
        var held = rig.Send(105);
        var pause = rig.Send(106, attributes: "pause='120'");
        rig.Body(held).ShouldBe(MachineRig.Empty);
        rig.Body(pause).ShouldBe(MachineRig.Empty);
        rig.Backend("<a/>");
        rig.Advance(119);
        rig.End.ShouldBeNull();
        rig.Body(rig.Send(107)).ShouldBe(MachineRig.Carrying("<a/>"));
        rig.Advance(90);
        rig.End!.Reason.ShouldBe(SessionEndReason.Inactivity);
    }

    [Theory]
    [InlineData("60", 60)]
    [InlineData("0", 1)]
    [Trait("Requirement", "BOSH-081")]
    public void Pause_BelowInactivity_Shortens(string pause, int seconds)
    {
        var rig = MachineRig.LoggedIn();
        rig.Send(105, attributes: $"pause='{pause}'");
        rig.Advance(seconds - 0.1);
        rig.End.ShouldBeNull();
        rig.Advance(0.1);
        rig.End!.Reason.ShouldBe(SessionEndReason.Inactivity);
    }

    [Fact]
    [Trait("Requirement", "BOSH-069")]
    public void Pause_Repeated_IsAnsweredAlike()
    {
        var rig = MachineRig.LoggedIn();
        rig.Send(105, attributes: "pause='60'");
        rig.Body(rig.Send(105, attributes: "pause='60'")).ShouldBe(MachineRig.Empty);
    }

    [Fact]
    [Trait("Requirement", "BOSH-079")]
    public void Pause_TooLong_EndsTheSession()
    {
        var rig = MachineRig.LoggedIn();
        rig.Body(rig.Send(105, attributes: "pause='121'")).ShouldBe(MachineRig.TerminateWith("policy-violation"));
    }

    [Fact]
    [Trait("Requirement", "BOSH-083")]
    public void Pause_WithPayload_GoesUpFirst()
    {
        var rig = MachineRig.LoggedIn();
        rig.Send(105, "<a xmlns='x'/>", "pause='60'");
        rig.Written.ShouldBe("<a xmlns='x'/>");
    }

    [Fact]
    [Trait("Requirement", "BOSH-085")]
    public void Polling_TooFast_EndsTheSession()
    {
        var rig = MachineRig.LoggedIn(MachineRig.Creation.Replace("wait='60'", "wait='0'", StringComparison.Ordinal));
        rig.Send(105);
        rig.Advance(2);
        rig.Body(rig.Send(106)).ShouldBe(MachineRig.Empty);
        rig.Advance(1.9);
        rig.Body(rig.Send(107)).ShouldBe(MachineRig.TerminateWith("policy-violation"));
    }

    [Fact]
    [Trait("Requirement", "BOSH-085")]
    public void Polling_FastAfterAPayload_IsAllowed()
    {
        var rig = MachineRig.LoggedIn(MachineRig.Creation.Replace("wait='60'", "wait='0'", StringComparison.Ordinal));
        rig.Backend("<a/>");
        rig.Body(rig.Send(105)).ShouldContain("<a/>");
        rig.Body(rig.Send(106)).ShouldBe(MachineRig.Empty);
    }

    [Fact]
    [Trait("Requirement", "BOSH-085")]
    public void Polling_FastAroundARequestThatSaysSomething_IsAllowed()
    {
        var rig = MachineRig.LoggedIn(MachineRig.Creation.Replace("wait='60'", "wait='0'", StringComparison.Ordinal));
        rig.Send(105);
        rig.Advance(2);
        rig.Send(106);
        rig.Send(107, "<a xmlns='x'/>");
        rig.Body(rig.Send(108)).ShouldBe(MachineRig.Empty);
    }

    [Fact]
    [Trait("Requirement", "BOSH-086")]
    public void TooManyOutstanding_EndsTheSession()
    {
        var rig = MachineRig.LoggedIn();
        rig.Send(105);
        rig.Send(107);
        var third = rig.Send(106, "<a xmlns='x'/>");
        rig.Body(third).ShouldBe(MachineRig.TerminateWith("policy-violation"));
    }

    [Fact]
    [Trait("Requirement", "BOSH-087")]
    public void EmptyRequestsTooFast_AreToleratedTenTimesAMinute()
    {
        var rig = MachineRig.LoggedIn();
        rig.Send(105);
        for (var rid = 106; rid < 116; rid++)
        {
            rig.Send(rid);
        }

        rig.End.ShouldBeNull();
        rig.Body(rig.Send(116)).ShouldBe(MachineRig.TerminateWith("policy-violation"));
    }

    [Fact]
    [Trait("Requirement", "BOSH-087")]
    public void EmptyRequests_TwoSecondsApart_AnyNumber()
    {
        var rig = MachineRig.LoggedIn();
        for (var rid = 105; rid < 130; rid++)
        {
            rig.Send(rid);
            rig.Advance(2);
        }

        rig.End.ShouldBeNull();
    }

    [Fact]
    [Trait("Requirement", "BOSH-087")]
    public void EmptyRequestsTooFast_CheckIsOff_AnyRate()
    {
        var rig = MachineRig.LoggedIn(options: new BoshOptions { ChecksOveractivity = false });
        for (var rid = 105; rid < 150; rid++)
        {
            rig.Send(rid);
        }

        rig.End.ShouldBeNull();
    }

    [Fact]
    [Trait("Requirement", "BOSH-088")]
    public void EmptyRequests_PollingNotAnnounced_AnyRate()
    {
        var rig = MachineRig.LoggedIn(options: new BoshOptions { Polling = TimeSpan.Zero });
        for (var rid = 105; rid < 150; rid++)
        {
            rig.Send(rid);
        }

        rig.End.ShouldBeNull();
    }
}
