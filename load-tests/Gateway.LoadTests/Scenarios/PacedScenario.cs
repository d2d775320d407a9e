using Gateway.LoadTests.Measuring;

namespace Gateway.LoadTests.Scenarios;

/// <summary>An open loop: echoes are due at fixed times, over the sessions in turn; how long one takes counts from when it was due.</summary>
internal sealed class PacedScenario(RunContext run, SessionSource source, int sessions, double rate, bool counts = true) : EchoScenario(run, source, sessions)
{
    private Pacer? _pacer;
    private long _base;

    /// <inheritdoc/>
    public override bool IsQuiet => _pacer?.IsDone != false && base.IsQuiet;

    /// <inheritdoc/>
    public override bool KeptPace => _pacer is { WorstLateness: < 100_000_000 };

    /// <inheritdoc/>
    protected override TimeSpan QuietWithin => base.QuietWithin + TimeSpan.FromSeconds(Lanes.Count / rate); // it ends with a whole turn

    /// <inheritdoc/>
    public override void Start()
    {
        // All lanes have sent equally often, or the due times could not be told from the numbers: a run goes round them in whole turns.
        _base = Lanes.Count == 0 ? 0 : Lanes[0].Sent;
        _pacer = new Pacer(rate, number => Lanes[(int)(number % Lanes.Count)].SendNext(), Lanes.Count);
        _pacer.Run();
    }

    /// <inheritdoc/>
    public override void Stop() => _pacer?.Stop();

    /// <inheritdoc/>
    public override void OnArrival(EchoLane lane, long number, long now)
    {
        if (_pacer is not { } pacer)
        {
            return;
        }

        var latency = now - pacer.Due(((number - _base) * Lanes.Count) + lane.Place);
        if (counts)
        {
            Run.Meter.Arrived(now, latency);
        }
        else
        {
            Run.Meter.Latency(latency);
        }
    }
}
