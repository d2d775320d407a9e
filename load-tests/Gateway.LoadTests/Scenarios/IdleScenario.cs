using System.Diagnostics;
using Gateway.LoadTests.Clients;
using Gateway.LoadTests.Measuring;
using Gateway.LoadTests.Results;

namespace Gateway.LoadTests.Scenarios;

/// <summary>Sessions that do nothing. Memory is read at each step, as it is: nobody asks the program under test to tidy up.</summary>
internal sealed class IdleScenario(RunContext run, SessionSource source, IReadOnlyList<int> steps) : Scenario(run), IEchoLoad
{
    private const int MostEchoes = 500;
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(2);

    private readonly List<EchoLane> _lanes = [];
    private readonly List<IdleStep> _idle = [];

    /// <inheritdoc/>
    public override string Unit => "sessions";

    /// <inheritdoc/>
    public override bool IsQuiet => _lanes.TrueForAll(lane => lane.IsQuiet);

    /// <inheritdoc/>
    public override bool HasWarmUp => false;

    /// <inheritdoc/>
    public override IReadOnlyList<IdleStep> Idle => _idle;

    /// <inheritdoc/>
    public override void Start()
    {
    }

    /// <inheritdoc/>
    public override void Stop()
    {
    }

    /// <inheritdoc/>
    public override async Task WorkAsync(TimeSpan length)
    {
        foreach (var step in steps)
        {
            Run.Observer?.OnPhase($"{step} sessions");
            var more = Enumerable.Range(0, Math.Max(0, step - _lanes.Count))
                .Select(_ => new EchoLane(Run, this, source, new WireSettings(HoldsNoBuffers: true))).ToList();
            _lanes.AddRange(more);
            await Sessions.OpenAsync(Run, more, Run.Cancellation);
            more.FindAll(lane => lane.Session.IsOpen).ForEach(_ => Run.Meter.Arrived(Stopwatch.GetTimestamp()));

            if (more.TrueForAll(lane => lane.Session.IsOpen) && Run.Options.Processes.TryGetValue("gateway", out var process))
            {
                _idle.Add(new IdleStep(_lanes.Count, await MeasureAsync(process)));
            }
        }

        // They are quiet, not dead: some of them, spread over all, get an echo through. Not each: it costs a BOSH session its second connection, and descriptors are few.
        Run.Observer?.OnPhase("some echoes");
        var every = (_lanes.Count / MostEchoes) + 1;
        foreach (var some in _lanes.Where((_, i) => i % every == 0).Chunk(64))
        {
            foreach (var lane in some)
            {
                lane.SendNext();
            }

            await WaitAsync(() => Array.TrueForAll(some, lane => lane.IsQuiet), TimeSpan.FromSeconds(10));
        }
    }

    /// <inheritdoc/>
    public override void Settle() => _lanes.ForEach(lane => lane.Settle());

    /// <inheritdoc/>
    public override Task CloseAsync() => Sessions.CloseAsync(_lanes);

    /// <inheritdoc/>
    public void OnArrival(EchoLane lane, long number, long now)
    {
    }

    private async Task<long> MeasureAsync(int process)
    {
        await Task.Delay(Settling, Run.Cancellation);
        var least = long.MaxValue;
        for (var reading = 0; reading < 5; reading++)
        {
            least = Math.Min(least, ProcessReading.ExactResidentBytes(process));
            await Task.Delay(200, Run.Cancellation);
        }

        return least;
    }
}
