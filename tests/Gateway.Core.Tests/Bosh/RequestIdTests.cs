using Gateway.Core.Bosh;
using Gateway.Core.Sessions;

namespace Gateway.Core.Tests.Bosh;

/// <summary>bosh.md sections 8 and 9.</summary>
public class RequestIdTests
{
    [Fact]
    [Trait("Requirement", "BOSH-049")]
    [Trait("Requirement", "BOSH-060")]
    [Trait("Requirement", "BOSH-061")]
    public void OutOfOrder_WaitsForTheMissingOne_ThenBothGoUpInOrder()
    {
        var rig = MachineRig.LoggedIn();
        var later = rig.Send(106, "<b xmlns='x'/>");
        rig.Written.ShouldBeEmpty();
        rig.IsOpen(later).ShouldBeTrue();
        var earlier = rig.Send(105, "<a xmlns='x'/>");
        rig.Written.ShouldBe("<a xmlns='x'/><b xmlns='x'/>");
        rig.Pass(AnswerGrace.Length);
        rig.AnswerOrder.ShouldBe([earlier]);
    }

    [Theory]
    [InlineData(10, 0, true)]
    [InlineData(11, 0, false)]
    [InlineData(5, 5, true)]
    [InlineData(5, 6, false)]
    [Trait("Requirement", "BOSH-070")]
    public void RepeatsOfOneRid_BeforeAndAfterItsAnswer_AreBounded(int before, int after, bool isTolerated)
    {
        var rig = MachineRig.LoggedIn();
        rig.Send(105);
        for (var i = 0; i < before; i++)
        {
            rig.Send(105);
        }

        rig.Backend("<a/>");
        for (var i = 0; i < after; i++)
        {
            rig.Send(105);
        }

        (rig.End?.Reason).ShouldBe(isTolerated ? null : SessionEndReason.PolicyViolation);
    }

    [Theory]
    [InlineData(1.9, false)]
    [InlineData(2, true)]
    [Trait("Requirement", "BOSH-070")]
    public void SecondRepeatsInASession_ThirtyAMinute_AreTheMost(double apart, bool isTolerated)
    {
        var rig = MachineRig.LoggedIn();
        for (var rid = 105; rid < 136; rid++)
        {
            rig.Send(rid);
            rig.Backend("<a/>");
            rig.Send(rid);
            rig.Send(rid);
            rig.Advance(apart);
        }

        (rig.End?.Reason).ShouldBe(isTolerated ? null : SessionEndReason.PolicyViolation);
    }

    [Fact]
    public void EveryRequestRepeatedOnce_ForAsLongAsItTakes_IsServed()
    {
        var rig = MachineRig.LoggedIn();
        for (var rid = 105; rid < 305; rid++)
        {
            rig.Send(rid);
            rig.Backend("<a/>");
            rig.Body(rig.Send(rid)).ShouldContain("<a/>");
        }
    }

    [Theory]
    [InlineData(106, true)]
    [InlineData(107, false)]
    [Trait("Requirement", "BOSH-062")]
    public void Rid_BeyondTheWindow_EndsTheSession(long rid, bool isWithin)
    {
        var rig = MachineRig.LoggedIn();
        var exchange = rig.Send(rid);
        if (isWithin)
        {
            rig.IsOpen(exchange).ShouldBeTrue();
            return;
        }

        rig.Body(exchange).ShouldBe(MachineRig.TerminateWith("item-not-found"));
        rig.End!.Reason.ShouldBe(SessionEndReason.ItemNotFound);
        rig.Effects.OfType<BoshEffect.Observe>().ShouldContain(o => o.What == BoshObservation.RidViolated);
    }

    [Theory]
    [InlineData("type='terminate'")]
    [InlineData("pause='60'")]
    [Trait("Requirement", "BOSH-062")]
    public void Rid_OneAboveTheWindow_IsAllowedForPauseAndTerminate(string attributes)
    {
        var rig = MachineRig.LoggedIn();
        rig.IsOpen(rig.Send(107, attributes: attributes)).ShouldBeTrue();
        rig.End.ShouldBeNull();
    }

    [Fact]
    [Trait("Requirement", "BOSH-063")]
    public void Gap_NotFilledInTime_EndsTheSession()
    {
        var rig = MachineRig.LoggedIn();
        var deferred = rig.Send(106);
        rig.Advance(89.9);
        rig.IsOpen(deferred).ShouldBeTrue();
        rig.Advance(0.1);
        rig.Body(deferred).ShouldBe(MachineRig.TerminateWith("item-not-found"));
    }

    [Fact]
    [Trait("Requirement", "BOSH-065")]
    public void Repeat_OfAnAnsweredRid_GetsTheSameBytesAndGoesUpOnce()
    {
        var rig = MachineRig.LoggedIn();
        var first = rig.Send(105, "<a xmlns='x'/>");
        rig.Backend("<b/>");
        var repeat = rig.Send(105, "<a xmlns='x'/>");
        rig.Response(repeat).Body.ShouldBe(rig.Response(first).Body);
        rig.Written.ShouldBe("<a xmlns='x'/>");
        rig.Effects.OfType<BoshEffect.Observe>().ShouldContain(o => o.What == BoshObservation.Replayed);
    }

    [Fact]
    [Trait("Requirement", "BOSH-066")]
    public void Repeat_OfAHeldRid_TakesItsPlace()
    {
        var rig = MachineRig.LoggedIn();
        var older = rig.Send(105, "<a xmlns='x'/>");
        rig.Advance(10);
        var newer = rig.Send(105, "<a xmlns='x'/>");
        rig.Body(older).ShouldBe(MachineRig.Error);
        rig.Written.ShouldBe("<a xmlns='x'/>");
        rig.Advance(45);
        rig.IsOpen(newer).ShouldBeTrue("its own wait counts");
        rig.Backend("<b/>");
        rig.Body(newer).ShouldBe(MachineRig.Carrying("<b/>"));
    }

    [Fact]
    [Trait("Requirement", "BOSH-066")]
    public void Repeat_OfADeferredRid_GoesUpOnceInOrder()
    {
        var rig = MachineRig.LoggedIn();
        var older = rig.Send(106, "<b xmlns='x'/>");
        rig.Send(106, "<b xmlns='x'/>");
        rig.Body(older).ShouldBe(MachineRig.Error);
        rig.Send(105, "<a xmlns='x'/>");
        rig.Written.ShouldBe("<a xmlns='x'/><b xmlns='x'/>");
    }

    [Fact]
    [Trait("Requirement", "BOSH-067")]
    [Trait("Requirement", "BOSH-068")]
    public void Repeat_OlderThanTheCache_EndsTheSessionAsATooHighRidDoes()
    {
        var rig = MachineRig.LoggedIn();
        rig.Body(rig.Send(103)).ShouldBe(MachineRig.Carrying("<iq id='bind'/>"), "the last two are kept");
        var tooOld = rig.Send(102);
        rig.Response(tooOld).ShouldBe(BoshSessionMachine.TerminalResponse(Xmpp.Bosh.TerminalCondition.ItemNotFound, false, BoshResponse.DefaultContentType));
    }

    [Fact]
    [Trait("Requirement", "BOSH-068")]
    public void Cache_OverItsBytes_DropsTheOldest()
    {
        var rig = MachineRig.LoggedIn(options: new BoshOptions { MaxCachedBytes = 200 });
        rig.Send(105);
        rig.Backend("<a>" + new string('x', 190) + "</a>");
        rig.Body(rig.Send(105)).ShouldContain("xxx");
        rig.Body(rig.Send(104)).ShouldBe(MachineRig.TerminateWith("item-not-found"));
    }

    [Fact]
    [Trait("Requirement", "BOSH-070")]
    public void Repeat_MoreThanTenTimes_EndsTheSession()
    {
        var rig = MachineRig.LoggedIn();
        for (var i = 0; i < 10; i++)
        {
            rig.Send(104);
        }

        rig.End.ShouldBeNull();
        rig.Body(rig.Send(104)).ShouldBe(MachineRig.TerminateWith("policy-violation"));
    }

    [Theory]
    [InlineData("rid='abc'")]
    [InlineData("rid='0'")]
    [InlineData("rid='9007199254740992'")]
    [InlineData("x='1'")]
    [InlineData("rid='105' pause='-1'")]
    [Trait("Requirement", "BOSH-030")]
    public void Request_MalformedAttribute_IsABadRequest(string attributes)
    {
        var rig = MachineRig.LoggedIn();
        var exchange = rig.Post(MachineRig.Parse($"<body {attributes} sid='SID' xmlns='http://jabber.org/protocol/httpbind'/>"));
        rig.Body(exchange).ShouldBe(MachineRig.TerminateWith("bad-request"));
    }
}
