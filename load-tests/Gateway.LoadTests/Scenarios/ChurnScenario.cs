using System.Collections.Concurrent;
using System.Diagnostics;
using Gateway.LoadTests.Results;

namespace Gateway.LoadTests.Scenarios;

/// <summary>Short sessions: log in, some echoes, and a goodbye or none.</summary>
internal sealed class ChurnScenario(RunContext run, SessionSource source, int atATime, TimeSpan pause, bool counts) : Scenario(run), IEchoLoad
{
    private static readonly TimeSpan EchoTimeout = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<EchoLane, TaskCompletionSource> _waiting = new();
    private readonly Workers _workers = new(atATime);

    /// <inheritdoc/>
    public override string Unit => "logins";

    /// <inheritdoc/>
    public override bool IsQuiet => _workers.AreDone;

    /// <inheritdoc/>
    protected override TimeSpan QuietWithin => Workers.LongestTurn;

    /// <inheritdoc/>
    public override void Start() => _workers.Start(LiveAsync);

    /// <inheritdoc/>
    public override void Stop() => _workers.Stop();

    /// <inheritdoc/>
    public override void Settle()
    {
        if (!_workers.AreDone)
        {
            Run.Meter.Faults.Error($"not over {QuietWithin.TotalSeconds} s after the end");
        }
    }

    /// <inheritdoc/>
    public void OnArrival(EchoLane lane, long number, long now)
    {
        if (lane.Outstanding == 0 && _waiting.TryRemove(lane, out var waiting))
        {
            waiting.TrySetResult();
        }
    }

    /// <inheritdoc/>
    public void OnLost(EchoLane lane)
    {
        if (_waiting.TryRemove(lane, out var waiting))
        {
            waiting.TrySetResult();
        }
    }

    private async Task LiveAsync()
    {
        var start = Stopwatch.GetTimestamp();
        var lane = new EchoLane(Run, this, source);
        if (!await Sessions.TryLogInAsync(Run, lane, Run.Cancellation))
        {
            await Task.Delay(100);
            return;
        }

        if (counts)
        {
            var now = Stopwatch.GetTimestamp();
            Run.Meter.Arrived(now, now - start);
        }

        await EchoAsync(lane, Random.Shared.Next(1, 6));
        lane.Settle();
        if (Random.Shared.Next(4) == 0)
        {
            // Sometimes with something on its way, which nobody waits for.
            if (Random.Shared.Next(2) == 0)
            {
                lane.SendNext();
            }

            lane.Vanish();
        }
        else
        {
            await lane.SayGoodbyeAsync();
        }

        Run.Meter.CountDeed(Deed.ShortSession);
        if (pause > TimeSpan.Zero)
        {
            await Task.Delay(pause);
        }
    }

    private async Task EchoAsync(EchoLane lane, int count)
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[lane] = arrived;
        lane.Session.Cork();
        for (var i = 0; i < count; i++)
        {
            lane.SendNext();
        }

        lane.Session.Uncork();
        try
        {
            await arrived.Task.WaitAsync(EchoTimeout);
        }
        catch (TimeoutException)
        {
            _waiting.TryRemove(lane, out _); // what is missing is counted by the lane
        }
    }
}
