using Gateway.LoadTests.Clients;
using Gateway.LoadTests.Results;

namespace Gateway.LoadTests.Scenarios;

/// <summary>BOSH sessions on a bad network: answered requests sent again, connections cut before or after the answer. Every stanza comes once nevertheless.</summary>
internal sealed class ResendScenario(RunContext run, SessionSource source, int sessions) : EchoScenario(run, source, sessions)
{
    private static readonly TimeSpan EchoTimeout = TimeSpan.FromSeconds(10);

    private readonly Workers _workers = new(sessions);

    /// <inheritdoc/>
    public override bool IsQuiet => _workers.AreDone && base.IsQuiet;

    /// <inheritdoc/>
    protected override bool RemembersRequests => true;

    /// <inheritdoc/>
    public override void Start() => _workers.Start(worker => TurnAsync(Lanes[worker]));

    /// <inheritdoc/>
    public override void Stop() => _workers.Stop();

    /// <inheritdoc/>
    public override void OnArrival(EchoLane lane, long number, long now)
    {
    }

    private async Task TurnAsync(EchoLane lane)
    {
        if (lane.Session is not BoshSession { IsOpen: true } session)
        {
            await Task.Delay(100);
            return;
        }

        session.Cork();
        for (var i = Random.Shared.Next(1, 6); i > 0; i--)
        {
            lane.SendNext();
        }

        session.Uncork();
        try
        {
            if (Random.Shared.Next(2) == 0)
            {
                Count(Deed.Cut, await session.CutAsync(TimeSpan.FromMilliseconds(Random.Shared.Next(0, 30))));
                await WaitAsync(() => lane.IsQuiet, EchoTimeout);
            }
            else
            {
                await WaitAsync(() => lane.IsQuiet, EchoTimeout);
                Count(Deed.Repeat, await session.RepeatAnsweredAsync());
            }
        }
        catch (Exception e) when (e is InvalidDataException or IOException or TimeoutException)
        {
            Run.Meter.Faults.Error($"session {lane.Index}, repeating: {e.Message}");
        }

        await Task.Delay(Random.Shared.Next(20, 100));
    }

    private void Count(Deed deed, bool isDone)
    {
        if (isDone)
        {
            Run.Meter.CountDeed(deed);
        }
    }
}
