using System.Text;
using Gateway.Core.Bosh;
using Gateway.Core.Sessions;
using Gateway.Xmpp.Bosh;

namespace Gateway.Core.Tests.Bosh;

/// <summary>bosh.md sections 13, 14 and 18.</summary>
public class EndTests
{
    [Fact]
    [Trait("Requirement", "BOSH-089")]
    [Trait("Requirement", "BOSH-090")]
    [Trait("Requirement", "BOSH-106")]
    public void Terminate_RequestHeld_TheHeldOneHearsOfItAndTheStreamIsClosedCleanly()
    {
        var rig = MachineRig.LoggedIn();
        var held = rig.Send(105);
        var terminate = rig.Send(106, "<presence type='unavailable' xmlns='jabber:client'/>", "type='terminate'");
        rig.Body(held).ShouldBe(MachineRig.Terminate);
        rig.Body(terminate).ShouldBe(MachineRig.Empty);
        rig.Written.ShouldBe("<presence type='unavailable' xmlns='jabber:client'/>");
        rig.End.ShouldBe(new BoshEffect.End(SessionEndReason.ClientClosed, BackendClose.Clean, default));
        rig.AnswerOrder.ShouldBe([held, terminate]);
    }

    [Fact]
    [Trait("Requirement", "BOSH-090")]
    public void Terminate_Alone_HearsOfItItself()
    {
        var rig = MachineRig.LoggedIn();
        rig.Body(rig.Send(105, attributes: "type='terminate'")).ShouldBe(MachineRig.Terminate);
    }

    [Fact]
    [Trait("Requirement", "BOSH-091")]
    public void Terminate_OutOfOrder_Waits()
    {
        var rig = MachineRig.LoggedIn();
        var terminate = rig.Send(106, attributes: "type='terminate'");
        rig.End.ShouldBeNull();
        var missing = rig.Send(105, "<a xmlns='x'/>");
        rig.Written.ShouldBe("<a xmlns='x'/>");
        rig.Body(missing).ShouldBe(MachineRig.Terminate);
        rig.Body(terminate).ShouldBe(MachineRig.Empty);
    }

    [Fact]
    [Trait("Requirement", "BOSH-069")]
    [Trait("Requirement", "BOSH-092")]
    public void Ended_RepeatGetsTheTerminalBodyAgain_AnythingElseItemNotFound()
    {
        var rig = MachineRig.LoggedIn();
        rig.Send(105, attributes: "type='terminate'");
        rig.Body(rig.Send(105, attributes: "type='terminate'")).ShouldBe(MachineRig.Terminate);
        rig.Body(rig.Send(106)).ShouldBe(MachineRig.TerminateWith("item-not-found"));
        rig.Advance(30);
        rig.IsDropped.ShouldBeTrue();
    }

    [Fact]
    [Trait("Requirement", "BOSH-093")]
    public void CausedByARequest_ItGetsTheCondition_TheOthersOtherRequest()
    {
        var rig = MachineRig.LoggedIn();
        var held = rig.Send(105);
        var cause = rig.Send(500);
        rig.Body(held).ShouldBe(MachineRig.TerminateWith("other-request"));
        rig.Body(cause).ShouldBe(MachineRig.TerminateWith("item-not-found"));
        rig.AnswerOrder.ShouldBe([held, cause]);
    }

    [Fact]
    [Trait("Requirement", "BOSH-093")]
    [Trait("Requirement", "BOSH-097")]
    public void StreamError_SeveralOpen_TheLowestGetsPayloadsAndError_TheOthersTheError()
    {
        var rig = MachineRig.LoggedIn(MachineRig.Creation.Replace("hold='1'", "hold='2'", StringComparison.Ordinal));
        var first = rig.Send(105);
        var second = rig.Send(106);
        const string error = "<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>";
        rig.Step(new BoshEvent.BackendEnded(SessionEndReason.RemoteStreamError, Encoding.UTF8.GetBytes(error)));
        var body = "<body type='terminate' condition='remote-stream-error' xmlns='http://jabber.org/protocol/httpbind' xmlns:stream='http://etherx.jabber.org/streams'>" + error + "</body>";
        rig.Body(first).ShouldBe(body);
        rig.Body(second).ShouldBe(body);
        rig.End!.Close.ShouldBe(BackendClose.Answer);
    }

    [Fact]
    [Trait("Requirement", "BOSH-094")]
    [Trait("Requirement", "BOSH-097")]
    public void StreamError_NoneOpen_IsKeptWithThePayloadsForTheNextRequest()
    {
        var rig = MachineRig.LoggedIn();
        rig.Backend("<message xmlns='jabber:client'/>");
        rig.Step(new BoshEvent.BackendEnded(SessionEndReason.RemoteStreamError, "<stream:error/>"u8.ToArray()));
        rig.Advance(29);
        rig.Body(rig.Send(105)).ShouldBe(
            "<body type='terminate' condition='remote-stream-error' xmlns='http://jabber.org/protocol/httpbind' xmlns:stream='http://etherx.jabber.org/streams'>"
            + "<message xmlns='jabber:client'/><stream:error/></body>");
        rig.Body(rig.Send(106)).ShouldBe(MachineRig.TerminateWith("item-not-found"));
    }

    [Fact]
    [Trait("Requirement", "BOSH-094")]
    public void KeptTerminal_LateStreamError_IsNotItsCause()
    {
        var rig = MachineRig.LoggedIn();
        rig.Step(new BoshEvent.CloseRequested(SessionEndReason.SystemShutdown));
        rig.Step(new BoshEvent.BackendEnded(SessionEndReason.RemoteStreamError, "<stream:error/>"u8.ToArray()));
        rig.Body(rig.Send(105)).ShouldBe(MachineRig.TerminateWith("system-shutdown"));
    }

    [Fact]
    [Trait("Requirement", "BOSH-094")]
    public void KeptTerminal_AfterThirtySeconds_IsGone()
    {
        var rig = MachineRig.LoggedIn();
        rig.Step(new BoshEvent.BackendEnded(SessionEndReason.BackendLost, null));
        rig.Advance(30);
        rig.IsDropped.ShouldBeTrue();
        rig.Body(rig.Send(105)).ShouldBe(MachineRig.TerminateWith("item-not-found"));
    }

    [Theory]
    [InlineData(SessionEndReason.BackendLost)]
    [InlineData(SessionEndReason.BackendRefused)]
    [InlineData(SessionEndReason.BackendTimeout)]
    [InlineData(SessionEndReason.NameMismatch)]
    [InlineData(SessionEndReason.UntrustedRoot)]
    [InlineData(SessionEndReason.StarttlsMissing)]
    [InlineData(SessionEndReason.BackendProtocolError)]
    [Trait("Requirement", "BOSH-096")]
    public void BackendFails_TheCreationRequestGetsRemoteConnectionFailed(SessionEndReason reason)
    {
        var rig = new MachineRig();
        rig.Step(new BoshEvent.BackendEnded(reason, null));
        rig.Body(rig.CreationRequest).ShouldBe(MachineRig.TerminateWith("remote-connection-failed"));
    }

    [Fact]
    [Trait("Requirement", "BOSH-098")]
    public void BackendCloses_TheBodyHasNoCondition()
    {
        var rig = MachineRig.LoggedIn();
        var held = rig.Send(105);
        rig.Step(new BoshEvent.BackendEnded(SessionEndReason.BackendClosed, null));
        rig.Body(held).ShouldBe(MachineRig.Terminate);
    }

    [Theory]
    [InlineData(false, BackendClose.Clean)]
    [InlineData(true, BackendClose.Unclean)]
    [Trait("Requirement", "BOSH-099")]
    [Trait("Requirement", "BOSH-106")]
    public void Shutdown_ClosesCleanlyUnlessTheBackendGrantedResumption(bool resumable, BackendClose close)
    {
        var rig = MachineRig.LoggedIn();
        var held = rig.Send(105);
        if (resumable)
        {
            rig.Backend(DownPayloadKind.Resumable, "<enabled xmlns='urn:xmpp:sm:3' id='x' resume='true'/>");
            held = rig.Send(106);
        }

        rig.Step(new BoshEvent.CloseRequested(SessionEndReason.SystemShutdown));
        rig.Body(held).ShouldBe(MachineRig.TerminateWith("system-shutdown"));
        rig.End!.Close.ShouldBe(close);
    }

    [Fact]
    [Trait("Requirement", "BOSH-100")]
    public void InternalFault_SaysNoMore()
    {
        var rig = MachineRig.LoggedIn();
        var held = rig.Send(105);
        rig.Step(new BoshEvent.BackendEnded(SessionEndReason.InternalServerError, null));
        rig.Body(held).ShouldBe(MachineRig.TerminateWith("internal-server-error"));
    }

    [Fact]
    [Trait("Requirement", "BOSH-103")]
    public void BrokenRequest_EndsItsSession()
    {
        var rig = MachineRig.LoggedIn();
        var held = rig.Send(105);
        var broken = new HeldRequest(new BoshRequest(MachineRig.Parse(MachineRig.Request(106)).Body, default, []));
        rig.Step(new BoshEvent.Malformed(broken, SessionEndReason.NotWellFormed));
        rig.Body(broken).ShouldBe(MachineRig.TerminateWith("bad-request"));
        rig.Body(held).ShouldBe(MachineRig.TerminateWith("other-request"));
    }

    [Fact]
    [Trait("Requirement", "EDGE-036")]
    public void NotAuthenticated_InTime_EndsTheSession()
    {
        var rig = new MachineRig();
        rig.Open();
        var held = rig.Send(101);
        rig.Advance(49);
        held = rig.Send(102);
        rig.Advance(11);
        rig.Body(held).ShouldBe(MachineRig.TerminateWith("policy-violation"));
        rig.End!.Reason.ShouldBe(SessionEndReason.AuthTimeout);
    }

    [Fact]
    [Trait("Requirement", "EDGE-036")]
    public void NotAuthenticated_WithoutALimit_GoesOn()
    {
        var rig = new MachineRig(limits: new SessionLimits { AuthTimeout = TimeSpan.Zero });
        rig.Open();
        for (var rid = 101; rid < 110; rid++)
        {
            rig.Send(rid);
            rig.Advance(49);
        }

        rig.End.ShouldBeNull();
    }

    [Theory]
    [InlineData(SessionEndReason.ItemNotFound, 404)]
    [InlineData(SessionEndReason.BadRequest, 400)]
    [InlineData(SessionEndReason.PolicyViolation, 403)]
    [InlineData(SessionEndReason.SystemShutdown, 200)]
    [Trait("Requirement", "BOSH-121")]
    [Trait("Requirement", "BOSH-122")]
    public void LegacyClient_StarredConditions_AreStatuses(SessionEndReason reason, int status)
    {
        var legacy = MachineRig.LoggedIn(MachineRig.Creation.Replace("ver='1.6'", "", StringComparison.Ordinal));
        var held = legacy.Send(105);
        legacy.Step(new BoshEvent.CloseRequested(reason));
        legacy.Response(held).Status.ShouldBe(status);
        legacy.Response(held).Body.IsEmpty.ShouldBe(status != 200);

        var modern = MachineRig.LoggedIn();
        held = modern.Send(105);
        modern.Step(new BoshEvent.CloseRequested(reason));
        modern.Response(held).Status.ShouldBe(200);
    }

    [Fact]
    public void EveryReason_HasACondition() =>
        Enum.GetValues<SessionEndReason>().Where(r => r.ToTerminalCondition() is null)
            .ShouldBe([SessionEndReason.ClientClosed, SessionEndReason.ClientLost, SessionEndReason.Inactivity, SessionEndReason.BackendClosed], ignoreOrder: true);

    [Fact]
    [Trait("Requirement", "BOSH-101")]
    [Trait("Requirement", "BOSH-102")]
    public void NoReason_IsUndefinedOrAnotherUri() =>
        Enum.GetValues<SessionEndReason>().Select(r => r.ToTerminalCondition())
            .ShouldNotContain(c => c == TerminalCondition.UndefinedCondition || c == TerminalCondition.SeeOtherUri);

    [Fact]
    [Trait("Requirement", "BOSH-069")]
    public void Terminate_BrokenWhileItWaitedForItsTurn_ItsRepeatIsTold()
    {
        var rig = MachineRig.LoggedIn();
        rig.Step(new BoshEvent.Aborted(rig.Send(106, attributes: "type='terminate'")));
        rig.Step(new BoshEvent.Aborted(rig.Send(107, attributes: "type='terminate'")));
        rig.Send(105, attributes: "pause='5'");
        rig.End!.Reason.ShouldBe(SessionEndReason.ClientClosed);
        rig.Body(rig.Send(106, attributes: "type='terminate'")).ShouldBe(MachineRig.Terminate);
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("key='52ec812aee335b1a5d56c44b954e9dccf6c74644'", true)]
    [Trait("Requirement", "BOSH-120")]
    public void KeptTerminal_KeyedSession_IsForTheOneWithTheKey(string attributes, bool isTold)
    {
        var rig = new MachineRig(MachineRig.Creation.Replace("hold='1'", "hold='1' newkey='28b853b21e0ee53dec6e8b40445d497365a42c53'", StringComparison.Ordinal));
        rig.Open();
        rig.Send(101, attributes: "key='084fe6fa5cf2f61817eec9f732f4049fe28d7897'");
        rig.Backend(DownPayloadKind.Other, "<a/>");
        rig.Backend(DownPayloadKind.Other, "<secret/>");
        rig.Step(new BoshEvent.BackendEnded(SessionEndReason.BackendLost, null));
        rig.Body(rig.Send(102, attributes: attributes)).Contains("<secret/>", StringComparison.Ordinal).ShouldBe(isTold);
    }
}
