using Gateway.Core.Sessions;

namespace Gateway.Core.Tests.Bosh;

/// <summary>edge-security.md, EDGE-034: requests of one session per second.</summary>
public class PaceTests
{
    private const string Message = "<message xmlns='jabber:client'/>";

    private static MachineRig Rig(int requestsPerSecond, int hold = 1) => MachineRig.LoggedIn(
        MachineRig.Creation.Replace("hold='1'", $"hold='{hold}'", StringComparison.Ordinal), limits: new SessionLimits { RequestsPerSecond = requestsPerSecond });

    private static int Count(MachineRig rig) => rig.Written.Split(Message).Length - 1;

    [Fact]
    [Trait("Requirement", "EDGE-034")]
    public void Burst_IsTakenAtOnce_WhatIsAboveWaitsForItsShareOfTime()
    {
        var rig = Rig(20, hold: 3);
        rig.Advance(10);
        for (var rid = 105; rid < 105 + 42; rid++)
        {
            rig.Send(rid, Message);
        }

        Count(rig).ShouldBe(40);
        rig.Pass(TimeSpan.FromMilliseconds(49));
        Count(rig).ShouldBe(40);
        rig.Pass(TimeSpan.FromMilliseconds(1));
        Count(rig).ShouldBe(41);
        rig.Pass(TimeSpan.FromMilliseconds(50));
        Count(rig).ShouldBe(42);
        rig.End.ShouldBeNull();
    }

    [Fact]
    [Trait("Requirement", "EDGE-034")]
    public void SustainedRate_IsNeverDelayed()
    {
        var rig = Rig(20);
        for (var rid = 105; rid < 505; rid++)
        {
            rig.Send(rid, Message);
            Count(rig).ShouldBe(rid - 104);
            rig.Pass(TimeSpan.FromMilliseconds(50));
        }
    }

    [Fact]
    [Trait("Requirement", "EDGE-034")]
    public void MoreThanASecondAhead_IsAPolicyViolation()
    {
        var rig = Rig(4, hold: 7);
        rig.Advance(10);
        for (var rid = 105; rid < 117; rid++)
        {
            rig.Send(rid, Message);
        }

        var tooMuch = rig.Send(117, Message);
        Count(rig).ShouldBe(8);
        rig.Pass(TimeSpan.FromSeconds(1) - TimeSpan.FromMilliseconds(1));
        rig.IsOpen(tooMuch).ShouldBeTrue();
        rig.Pass(TimeSpan.FromMilliseconds(1));
        Count(rig).ShouldBe(12);
        rig.Body(tooMuch).ShouldBe(MachineRig.TerminateWith("policy-violation"));
    }

    [Fact]
    public void NoLimit_ThousandsAreTaken()
    {
        var rig = Rig(0);
        for (var rid = 105; rid < 5105; rid++)
        {
            rig.Send(rid, Message);
        }

        Count(rig).ShouldBe(5000);
    }
}
