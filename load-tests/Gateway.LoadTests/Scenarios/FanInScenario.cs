namespace Gateway.LoadTests.Scenarios;

/// <summary>Bursts to each session, each from a sender of its own that goes straight to the server; the next when the former is there.</summary>
internal sealed class FanInScenario(RunContext run, SessionSource source, SessionSource server, int sessions, int burst) : EchoScenario(run, source, sessions)
{
    private readonly List<EchoLane> _senders = [];
    private volatile bool _isRunning;

    /// <inheritdoc/>
    public override string Unit => "stanzas";

    /// <inheritdoc/>
    public override async Task OpenAsync()
    {
        await base.OpenAsync();
        _senders.AddRange(Lanes.Select(_ => new EchoLane(Run, this, server)));
        await Sessions.OpenAsync(Run, _senders, Run.Cancellation);
        for (var i = 0; i < Lanes.Count; i++)
        {
            Lanes[i].Sender = _senders[i].Session;
            Lanes[i].KeepTimes(burst);
        }
    }

    /// <inheritdoc/>
    public override void Start()
    {
        _isRunning = true;
        foreach (var lane in Lanes.Where(lane => lane.Session.IsOpen))
        {
            SendBurst(lane);
        }
    }

    /// <inheritdoc/>
    public override void Stop() => _isRunning = false;

    /// <inheritdoc/>
    public override void OnArrival(EchoLane lane, long number, long now)
    {
        Run.Meter.Arrived(now, now - lane.SentAt(number));
        if (lane.Outstanding == 0 && _isRunning)
        {
            SendBurst(lane);
        }
    }

    /// <inheritdoc/>
    public override async Task CloseAsync()
    {
        await base.CloseAsync();
        await Sessions.CloseAsync(_senders);
    }

    private void SendBurst(EchoLane lane)
    {
        lane.Sender.Cork();
        for (var i = 0; i < burst; i++)
        {
            lane.SendNext();
        }

        lane.Sender.Uncork();
    }
}
