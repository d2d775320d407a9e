using Gateway.Core.Bosh;

namespace Gateway.Core.Tests.Bosh;

/// <summary>More input waits on the connection of a request, which nobody reads before that request is answered.</summary>
public class PipeliningTests
{
    private const string Message = "<message xmlns='jabber:client'/>";

    [Fact]
    public void Held_NextWaits_IsAnsweredEmpty()
    {
        var rig = MachineRig.LoggedIn();
        var held = rig.Send(105);
        rig.Step(new BoshEvent.NextWaits(held));
        rig.Body(held).ShouldBe(MachineRig.Empty);
        rig.HeldCount.ShouldBe(0);
    }

    [Fact]
    public void Held_NextWaitsBehindTheSecond_BothAreAnsweredInOrder()
    {
        var rig = MachineRig.LoggedIn(MachineRig.Creation.Replace("hold='1'", "hold='2'", StringComparison.Ordinal));
        var first = rig.Send(105);
        var second = rig.Send(106);
        rig.HeldCount.ShouldBe(2);
        rig.Step(new BoshEvent.NextWaits(second));
        rig.AnswerOrder.ShouldBe([first, second]);
    }

    [Fact]
    public void BehindACongestedBackend_NextWaits_IsAnsweredWhenItHasBeenForwarded()
    {
        var rig = MachineRig.LoggedIn();
        rig.Step(new BoshEvent.BackendCongested());
        var waiting = rig.Send(105, Message);
        rig.Step(new BoshEvent.NextWaits(waiting));
        rig.IsOpen(waiting).ShouldBeTrue();
        rig.Step(new BoshEvent.BackendDrained());
        rig.Written.ShouldBe(Message);
        rig.Body(waiting).ShouldBe(MachineRig.Empty);
    }

    [Fact]
    public void Answered_NextWaits_IsNothing()
    {
        var rig = MachineRig.LoggedIn();
        var held = rig.Send(105);
        rig.Backend("<a/>");
        var next = rig.Send(106);
        rig.Step(new BoshEvent.NextWaits(held));
        rig.IsOpen(next).ShouldBeTrue();
        rig.Body(held).ShouldBe(MachineRig.Carrying("<a/>"));
    }

    [Fact]
    public void Repeated_NextWaitsBehindTheOlderExchange_TheNewerOneIsHeldOn()
    {
        var rig = MachineRig.LoggedIn();
        var older = rig.Send(105);
        var newer = rig.Send(105);
        rig.Step(new BoshEvent.NextWaits(older));
        rig.IsOpen(newer).ShouldBeTrue();
    }
}
