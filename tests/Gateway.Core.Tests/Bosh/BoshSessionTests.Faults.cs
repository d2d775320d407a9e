using Gateway.Core.Backend;
using Gateway.Core.Bosh;
using Gateway.Core.Sessions;
using Gateway.TestKit;

namespace Gateway.Core.Tests.Bosh;

/// <summary>What fails inside, and what is left of it.</summary>
public sealed partial class BoshSessionTests
{
    [Fact]
    public async Task ManySessions_OpenedAndBroken_LeaveNothing()
    {
        const int count = 2000;
        var released = new List<Task>();
        var backends = new List<FakeXmppStream>();
        for (var i = 0; i < count; i++)
        {
            var backend = _connector.Give();
            backends.Add(backend);
            var exchange = new HeldRequest(MachineRig.Parse(MachineRig.Creation));
            _manager.TryCreate(exchange, ClientConnection.Unknown, out var session, out _).ShouldBeTrue();
            await exchange.Response;
            _ = Send(session, 101, "", "", out var held);
            switch (i % 4)
            {
                case 0:
                    backend.Lose();
                    break;
                case 1:
                    session.Abort(held);
                    break;
                case 2:
                    _ = Send(session, 102, attributes: "type='terminate'");
                    backend.Receive("</stream:stream>");
                    break;
                default:
                    _ = Send(session, 900);
                    break;
            }

            released.Add(session.Released);
        }

        // So many at once are told on threads of the pool, while the time goes on.
        await TestTimeout.UntilAsync(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(10));
            return (_manager.Count, _registry.Count, _time.ArmedTimers) == (0, 0, 0);
        });
        released.ShouldAllBe(r => r.IsCompletedSuccessfully);
        backends.ShouldAllBe(b => b.IsDisposed);
    }

    [Fact]
    [Trait("Requirement", "BOSH-069")]
    [Trait("Requirement", "BOSH-094")]
    public async Task Timer_FiredJustBeforeTheEnd_LeavesTheRecord()
    {
        var time = new LateTimers(_time);
        var manager = Manager(new BoshOptions(), time: time);
        var exchange = new HeldRequest(MachineRig.Parse(MachineRig.Creation));
        manager.TryCreate(exchange, ClientConnection.Unknown, out var session, out _).ShouldBeTrue();
        await exchange.Response;
        var terminate = await Send(session, 101, attributes: "type='terminate'").WithinAsync();

        time.Callbacks[0]();

        manager.Count.ShouldBe(1);
        (await Send(session, 101, attributes: "type='terminate'").WithinAsync()).ShouldBe(terminate);
        _time.Advance(TimeSpan.FromSeconds(30));
        manager.Count.ShouldBe(0);
    }

    [Fact]
    public async Task Effect_Fails_TheSessionEndsAndNothingIsLeft()
    {
        var (session, backend) = await LogInAsync();
        var held = new HeldRequest(MachineRig.Parse(MachineRig.Request(103)));
        FailWhenAnswered(held);
        session.Receive(held);
        var next = Send(session, 104, "<iq xmlns='jabber:client' type='set'/>");
        _time.Advance(AnswerGrace.Length);

        (await next.WithinAsync()).ShouldBe(MachineRig.TerminateWith("internal-server-error"));

        await backend.ExpectAsync("</stream:stream>");
        backend.Receive("</stream:stream>");
        await session.Released.WithinAsync();
        _time.Advance(TimeSpan.FromSeconds(30));
        (_manager.Count, _registry.Count, _time.ArmedTimers).ShouldBe((0, 0, 0));
    }

    [Fact]
    public async Task Stop_SomethingOnItsTokenFails_EverythingIsReleased()
    {
        var manager = Manager(new BoshOptions(), connector: new FailingToStop());
        var exchange = new HeldRequest(MachineRig.Parse(MachineRig.Creation));
        manager.TryCreate(exchange, ClientConnection.Unknown, out var session, out _).ShouldBeTrue();

        session.Abort(exchange);

        await session.Released.WithinAsync();
        _time.Advance(TimeSpan.FromSeconds(30));
        (manager.Count, _registry.Count, _time.ArmedTimers).ShouldBe((0, 0, 0));
    }

    [Fact]
    public async Task WriteFails_AfterTheEnd_ArmsNothing()
    {
        var (session, backend) = await LogInAsync();
        backend.Lose();
        await session.Released.WithinAsync();
        var armed = _time.ArmedTimers;

        ((BackendWriter.IOwner)session).OnWriteFailed();

        _time.ArmedTimers.ShouldBe(armed);
    }

    private static void FailWhenAnswered(HeldRequest exchange) =>
        exchange.Response.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(() => throw new InvalidOperationException("a writer's fault"));

    private sealed class FailingToStop : IBackendConnector
    {
        public Task<IXmppStream> ConnectAsync(BackendRequest request, CancellationToken cancellationToken)
        {
            cancellationToken.Register(() => throw new InvalidOperationException("a step's fault"));
            return new TaskCompletionSource<IXmppStream>().Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Keeps the callbacks of timers, so that a test can let one come late.</summary>
    private sealed class LateTimers(ManualTimeProvider inner) : TimeProvider
    {
        public List<Action> Callbacks { get; } = [];

        public override long TimestampFrequency => inner.TimestampFrequency;

        public override DateTimeOffset GetUtcNow() => inner.GetUtcNow();

        public override long GetTimestamp() => inner.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Callbacks.Add(() => callback(state));
            return inner.CreateTimer(callback, state, dueTime, period);
        }
    }

    private static string Sid(byte random) => System.Buffers.Text.Base64Url.EncodeToString(Enumerable.Repeat(random, 16).ToArray());
}
