namespace Gateway.LoadTests.Scenarios;

/// <summary>A closed loop: each echo that comes back lets the next one go. With one session and one outstanding it is the serial scenario.</summary>
internal sealed class FloodScenario(RunContext run, SessionSource source, int sessions, int outstanding) : EchoScenario(run, source, sessions)
{
    private volatile bool _isRunning;

    /// <inheritdoc/>
    public override async Task OpenAsync()
    {
        await base.OpenAsync();
        Lanes.ForEach(lane => lane.KeepTimes(outstanding));
    }

    /// <inheritdoc/>
    public override void Start()
    {
        _isRunning = true;
        foreach (var lane in Lanes.Where(lane => lane.Session.IsOpen))
        {
            lane.Session.Cork();
            for (var i = 0; i < outstanding; i++)
            {
                lane.SendNext();
            }

            lane.Session.Uncork();
        }
    }

    /// <inheritdoc/>
    public override void Stop() => _isRunning = false;

    /// <inheritdoc/>
    public override void OnArrival(EchoLane lane, long number, long now)
    {
        Run.Meter.Arrived(now, now - lane.SentAt(number));
        if (_isRunning)
        {
            lane.SendNext();
        }
    }
}
