using System.Diagnostics;

namespace Gateway.LoadTests.Scenarios;

/// <summary>Connect, log in, bind, say goodbye; a number of them at a time, one after the other. The time counts from the connect to the bound resource.</summary>
internal sealed class LoginScenario(RunContext run, SessionSource source, int atATime) : Scenario(run), IEchoLoad
{
    private readonly Workers _workers = new(atATime);

    /// <inheritdoc/>
    public override string Unit => "logins";

    /// <inheritdoc/>
    public override bool IsQuiet => _workers.AreDone;

    /// <inheritdoc/>
    protected override TimeSpan QuietWithin => Workers.LongestTurn;

    /// <inheritdoc/>
    public override void Start() => _workers.Start(WorkAsync);

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
    }

    private async Task WorkAsync()
    {
        var start = Stopwatch.GetTimestamp();
        var lane = new EchoLane(Run, this, source);
        if (!await Sessions.TryLogInAsync(Run, lane, Run.Cancellation))
        {
            await Task.Delay(100);
            return;
        }

        var end = Stopwatch.GetTimestamp();
        await lane.SayGoodbyeAsync();
        Run.Meter.Arrived(Stopwatch.GetTimestamp(), end - start);
    }
}
