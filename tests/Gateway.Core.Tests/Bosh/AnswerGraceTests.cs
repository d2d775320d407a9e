using Gateway.Core.Bosh;

namespace Gateway.Core.Tests.Bosh;

/// <summary>bosh.md section 7, for the client that waits for its answers: one request an echo; and for the one that does not.</summary>
public class AnswerGraceTests
{
    private const string Message = "<message xmlns='jabber:client'/>";

    [Fact]
    public void Echo_ComesWithinTheGrace_CostsOneRequestEach()
    {
        var rig = MachineRig.LoggedIn();
        var held = rig.Send(105);
        for (var rid = 106; rid < 206; rid++)
        {
            var next = rig.Send(rid, Message);
            rig.Pass(AnswerGrace.Length / 2);
            rig.Backend($"<n{rid}/>");
            rig.Body(held).ShouldBe(MachineRig.Carrying($"<n{rid}/>"));
            held = next;
            rig.HeldCount.ShouldBe(1);
        }
    }

    [Fact]
    public void AnswersNeverCome_NearlyEveryRequestIsReleasedAtOnce()
    {
        var rig = MachineRig.LoggedIn();
        var held = rig.Send(105);
        var waited = 0;
        for (var rid = 106; rid < 506; rid++)
        {
            var next = rig.Send(rid, Message);
            waited += rig.IsOpen(held) ? 1 : 0;
            rig.Pass(AnswerGrace.Length);
            rig.Body(held).ShouldBe(MachineRig.Empty);
            held = next;
        }

        // 1, 3, 7, 15 and then always 31 without one.
        waited.ShouldBeInRange(10, 20);
    }

    [Fact]
    public void AnswersComeAgain_TheGraceIsBack()
    {
        var rig = MachineRig.LoggedIn();
        rig.Send(105);
        rig.Send(106, Message);
        rig.Pass(AnswerGrace.Length);
        rig.Send(107, Message);
        var held = 108;
        var last = rig.Send(held, Message);
        rig.Backend("<a/>");
        for (var rid = 109; rid < 120; rid++)
        {
            var next = rig.Send(rid, Message);
            rig.IsOpen(last).ShouldBeTrue();
            rig.Backend("<a/>");
            last = next;
        }
    }

    [Fact]
    public void FurtherRequest_EndsTheGraceAtOnce()
    {
        var rig = MachineRig.LoggedIn();
        var first = rig.Send(105);
        var second = rig.Send(106, Message);
        rig.IsOpen(first).ShouldBeTrue();
        rig.Send(107, Message);
        rig.Body(first).ShouldBe(MachineRig.Empty);
        rig.Body(second).ShouldBe(MachineRig.Empty);
        rig.HeldCount.ShouldBe(1);
        rig.End.ShouldBeNull();
    }

    [Fact]
    public void SomethingIsBuffered_NobodyWaits()
    {
        var rig = MachineRig.LoggedIn();
        rig.Backend("<a/>");
        rig.Body(rig.Send(105)).ShouldBe(MachineRig.Carrying("<a/>"));
    }

    [Fact]
    public void PollingSession_HasNoGrace()
    {
        var rig = MachineRig.LoggedIn(MachineRig.Creation.Replace("wait='60'", "wait='0'", StringComparison.Ordinal));
        rig.IsOpen(rig.Send(105, Message)).ShouldBeFalse();
    }

    [Fact]
    public void OldestBreaks_TheGraceIsOver_AndTheNextOneHasItsOwn()
    {
        var rig = MachineRig.LoggedIn();
        rig.Step(new BoshEvent.Aborted(rig.Send(105)));
        var held = rig.Send(106);
        var next = rig.Send(107, Message);
        rig.Step(new BoshEvent.Aborted(held));
        rig.HeldCount.ShouldBe(1);
        rig.Advance(1);
        rig.IsOpen(next).ShouldBeTrue();
    }
}
