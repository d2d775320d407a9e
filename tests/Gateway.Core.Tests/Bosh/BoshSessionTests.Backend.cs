using Gateway.Core.Backend;
using Gateway.Core.Bosh;
using Gateway.Core.Sessions;
using Gateway.TestKit;

namespace Gateway.Core.Tests.Bosh;

/// <summary>The backend leaves, is left, or does not keep up.</summary>
public sealed partial class BoshSessionTests
{
    [Fact]
    [Trait("Requirement", "BOSH-078")]
    [Trait("Requirement", "BOSH-106")]
    public async Task Inactivity_LeavesTheBackendWithoutAClose()
    {
        var (session, backend) = await LogInAsync();
        _time.Advance(TimeSpan.FromSeconds(90));
        await backend.Disposed;
        await session.Released.WithinAsync();
        backend.Written.ShouldNotContain("</stream:stream>");
        _manager.Find(Sid(1)).ShouldBeNull();
        _time.ArmedTimers.ShouldBe(0);
    }

    [Fact]
    [Trait("Requirement", "BOSH-114")]
    public async Task Inactivity_UndeliveredStanza_IsBouncedBeforeTheConnectionCloses()
    {
        var (session, backend) = await LogInAsync();
        backend.Receive("<message from='b@example.com' id='m1'/>");
        await TestTimeout.UntilAsync(() => session.Counters.StanzasDown == 4);
        _time.Advance(TimeSpan.FromSeconds(90));
        await backend.Disposed;
        backend.Written.ShouldEndWith(
            "<message type='error' to='b@example.com' id='m1'><error type='wait'><recipient-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>");
    }

    [Fact]
    [Trait("Requirement", "BOSH-053")]
    public async Task Held_WaitIsOver_IsAnswered()
    {
        var (session, _) = await LogInAsync();
        var held = Send(session, 103);
        _time.Advance(TimeSpan.FromSeconds(49));
        held.IsCompleted.ShouldBeFalse();
        _time.Advance(TimeSpan.FromSeconds(1));
        (await held.WithinAsync()).ShouldBe(MachineRig.Empty);
    }

    [Fact]
    [Trait("Requirement", "BOSH-097")]
    [Trait("Requirement", "XS-048")]
    public async Task StreamError_ReachesTheClientAndTheCloseIsAnswered()
    {
        var (session, backend) = await LogInAsync();
        var held = Send(session, 103);
        backend.Receive("<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>");
        (await held.WithinAsync()).ShouldBe(
            "<body type='terminate' condition='remote-stream-error' xmlns='http://jabber.org/protocol/httpbind' xmlns:stream='http://etherx.jabber.org/streams'>"
            + "<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></body>");
        await backend.ExpectAsync("</stream:stream>");
        await backend.Disposed;
        await session.Released.WithinAsync();
    }

    [Fact]
    [Trait("Requirement", "XS-049")]
    public async Task SeeOtherHost_IsNeverShown()
    {
        var (session, backend) = await LogInAsync();
        var held = Send(session, 103);
        backend.Receive("<stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>10.0.0.1</see-other-host></stream:error>");
        var body = await held.WithinAsync();
        body.ShouldContain("<reset ");
        body.ShouldNotContain("10.0.0.1");
    }

    [Fact]
    [Trait("Requirement", "BOSH-096")]
    public async Task BackendLost_InTheMiddleOfAStanza_IsRemoteConnectionFailed()
    {
        var (session, backend) = await LogInAsync();
        var held = Send(session, 103);
        backend.Receive("<message><bo");
        backend.Lose();
        (await held.WithinAsync()).ShouldBe(MachineRig.TerminateWith("remote-connection-failed"));
        await session.Released.WithinAsync();
        backend.IsDisposed.ShouldBeTrue();
    }

    [Fact]
    [Trait("Requirement", "XS-050")]
    public async Task BackendSendsNoXml_IsToldSoAndTheClientHearsRemoteConnectionFailed()
    {
        var (session, backend) = await LogInAsync();
        var held = Send(session, 103);
        backend.Receive("<message></iq>");
        (await held.WithinAsync()).ShouldBe(MachineRig.TerminateWith("remote-connection-failed"));
        await backend.ExpectAsync("<not-well-formed xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>");
        await backend.Disposed;
        await session.Released.WithinAsync();
    }

    [Fact]
    [Trait("Requirement", "BOSH-096")]
    public async Task BackendRefuses_TheCreationRequestHearsOfItAndNothingIsLeft()
    {
        _connector.Fail(new BackendConnectException(SessionEndReason.BackendRefused, "refused"));
        var (session, response) = Create();
        (await response.WithinAsync()).ShouldBe(MachineRig.TerminateWith("remote-connection-failed"));
        await session.Released.WithinAsync();
        _registry.Count.ShouldBe(0);
    }

    [Fact]
    public async Task CreationRequestBreaks_WhileConnecting_TheAttemptIsGivenUp()
    {
        _connector.Hang();
        var exchange = new HeldRequest(MachineRig.Parse(MachineRig.Creation));
        _manager.TryCreate(exchange, ClientConnection.Unknown, out var session, out _).ShouldBeTrue();
        session.Abort(exchange);
        (await exchange.Response).IsAbandoned.ShouldBeTrue();
        await session.Released.WithinAsync();
        _connector.Cancelled.ShouldBe(1);
        _registry.Count.ShouldBe(0);
    }

    [Fact]
    [Trait("Requirement", "BOSH-099")]
    public async Task CloseAsync_Shutdown_CompletesWhenAllIsReleased()
    {
        var (session, backend) = await LogInAsync();
        var held = Send(session, 103);
        var closed = session.CloseAsync(SessionEndReason.SystemShutdown);
        (await held.WithinAsync()).ShouldBe(MachineRig.TerminateWith("system-shutdown"));
        await backend.ExpectAsync("</stream:stream>");
        closed.IsCompleted.ShouldBeFalse();
        backend.Receive("</stream:stream>");
        await closed.WithinAsync();
        backend.IsDisposed.ShouldBeTrue();
    }

    [Fact]
    [Trait("Requirement", "BOSH-048")]
    public async Task ClientNeverReads_BackendIsReadNoFurther()
    {
        var (session, backend) = await LogInAsync();
        var stanza = "<message><body>" + new string('x', 100_000) + "</body></message>";
        for (var i = 0; i < 11; i++)
        {
            backend.Receive(stanza);
            await TestTimeout.UntilAsync(() => session.Counters.StanzasDown >= 4 + i);
        }

        await TestTimeout.UntilAsync(() => !backend.IsReading);
        var fills = backend.Fills;
        backend.Receive(stanza);
        await Task.Yield();
        backend.Fills.ShouldBe(fills);
        session.Counters.StanzasDown.ShouldBe(14);
        (await Send(session, 103).WithinAsync()).Length.ShouldBeLessThan(513 * 1024);
        await TestTimeout.UntilAsync(() => session.Counters.StanzasDown == 15);
    }

    [Fact]
    public async Task BackendDoesNotRead_RequestsAreTakenNoFurtherAndGoUpOnceItDoes()
    {
        var (session, backend) = await LogInAsync();
        backend.HoldWrites();
        var stanza = "<message><body>" + new string('x', 200_000) + "</body></message>";
        for (var rid = 103; rid < 110; rid++)
        {
            _ = Send(session, rid, stanza);
        }

        // One write is under way and more than a mebibyte is queued: the last request waits unprocessed.
        session.Counters.StanzasUp.ShouldBe(7);
        backend.ReleaseWrites();
        await TestTimeout.UntilAsync(() => session.Counters.StanzasUp == 8);
        await backend.ExpectAsync("xxx</body></message>");
    }

    [Fact]
    public async Task UpWrites_QueuedDuringAWrite_GoOutInOne()
    {
        var (session, backend) = await LogInAsync();
        backend.HoldWrites();
        _ = Send(session, 103, "<a xmlns='x'/>");
        _ = Send(session, 104, "<b xmlns='x'/>");
        _ = Send(session, 105, "<c xmlns='x'/>");
        backend.ReleaseWrites();
        await backend.ExpectAsync("<c xmlns='x'/>");
        backend.Writes.TakeLast(2).ShouldBe(["<a xmlns='x'/>", "<b xmlns='x'/><c xmlns='x'/>"]);
    }
}
