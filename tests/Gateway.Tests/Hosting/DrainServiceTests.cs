using Gateway.Configuration;
using Gateway.Core.Sessions;
using Gateway.Hosting;
using Gateway.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Tests.Hosting;

public sealed class DrainServiceTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly SessionRegistry _registry = new();
    private DrainService? _drain;

    public void Dispose() => _drain?.Dispose();

    [Fact]
    public async Task Drain_NoSession_WaitsForTheDelayAlone()
    {
        var draining = Begin(delay: 5, period: 30);
        _drain!.IsDraining.ShouldBeTrue();
        _time.Advance(TimeSpan.FromSeconds(4.9));
        draining.IsCompleted.ShouldBeFalse();

        _time.Advance(TimeSpan.FromSeconds(0.1));
        await draining.WithinAsync();
    }

    [Fact]
    public async Task Drain_ManySessions_AreSpreadOverThePeriod()
    {
        var sessions = Enumerable.Range(0, 300).Select(_ => Add(s => _registry.Remove(s))).ToArray();
        var draining = Begin(delay: 5, period: 30);
        await StepAsync(TimeSpan.FromSeconds(5));
        var told = new List<int>();
        for (var i = 0; i < 300 && !draining.IsCompleted; i++)
        {
            told.Add(sessions.Count(s => s.Closed.Count > 0));
            await StepAsync(TimeSpan.FromMilliseconds(100));
        }

        await draining.WithinAsync();
        told[0].ShouldBe(1);
        told[150].ShouldBeInRange(140, 160);
        sessions.ShouldAllBe(s => s.Closed.SequenceEqual(new[] { SessionEndReason.SystemShutdown }));
        _time.Elapsed.ShouldBeInRange(TimeSpan.FromSeconds(34), TimeSpan.FromSeconds(35.5));
    }

    [Fact]
    public async Task Drain_WithoutPeriod_EndsAllInOneStep()
    {
        var sessions = Enumerable.Range(0, 50).Select(_ => Add(s => _registry.Remove(s))).ToArray();

        await Begin(delay: 0, period: 0).WithinAsync();

        sessions.ShouldAllBe(s => s.Closed.Count == 1);
        _time.Elapsed.ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public async Task Drain_SessionThatTakesItsTime_IsWaitedFor()
    {
        var released = new TaskCompletionSource();
        Add(async s =>
        {
            await released.Task;
            _registry.Remove(s);
        });
        var draining = Begin(delay: 0, period: 0);
        await StepAsync(TimeSpan.FromSeconds(1));
        draining.IsCompleted.ShouldBeFalse();

        released.SetResult();
        await draining.WithinAsync();
    }

    [Fact]
    public async Task Drain_SessionThatFails_DoesNotKeepTheOthers()
    {
        Add(s =>
        {
            _registry.Remove(s);
            throw new InvalidOperationException("boom");
        });
        var other = Add(s => _registry.Remove(s));

        await Begin(delay: 0, period: 0).WithinAsync();

        other.Closed.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Hurry_DuringTheDelay_TellsEverybodyAndReturns()
    {
        var stuck = Add(_ => { });
        var draining = Begin(delay: 3600, period: 3600);

        _drain!.Hurry();
        await draining.WithinAsync();

        stuck.Closed.ShouldHaveSingleItem();
        _time.Elapsed.ShouldBe(TimeSpan.Zero);
    }

    private Task Begin(int delay, int period)
    {
        _drain = new DrainService(
            _registry,
            new DrainOptions { Delay = TimeSpan.FromSeconds(delay), Period = TimeSpan.FromSeconds(period) },
            _time,
            NullLogger<DrainService>.Instance);
        return _drain.DrainAsync(TestContext.Current.CancellationToken);
    }

    private FakeSession Add(Action<FakeSession> onClose) => Add(s =>
    {
        onClose(s);
        return Task.CompletedTask;
    });

    private FakeSession Add(Func<FakeSession, Task> onClose)
    {
        var session = new FakeSession(ClientTransport.Bosh, "example.org") { OnClose = onClose };
        _registry.Add(session);
        return session;
    }

    // The drain arms its next timer on a continuation: it is given the time to.
    private async Task StepAsync(TimeSpan step)
    {
        await _time.TimerArmedAsync(remaining => remaining <= step).WithinAsync();
        _time.Advance(step);
        await Task.WhenAny(_time.TimerArmedAsync(_ => true), Task.Delay(TestTimeout.Default, TestContext.Current.CancellationToken), Gone());
    }

    private Task Gone() => _registry.Count == 0 ? Task.CompletedTask : new TaskCompletionSource().Task;
}
