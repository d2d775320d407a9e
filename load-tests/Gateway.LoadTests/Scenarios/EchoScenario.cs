using Gateway.LoadTests.Clients;

namespace Gateway.LoadTests.Scenarios;

/// <summary>A scenario over a fixed set of sessions.</summary>
internal abstract class EchoScenario(RunContext run, SessionSource source, int sessions) : Scenario(run), IEchoLoad
{
    /// <inheritdoc/>
    public override string Unit => "echoes";

    /// <inheritdoc/>
    public override bool IsQuiet => Lanes.TrueForAll(lane => lane.IsQuiet);

    /// <inheritdoc/>
    public override bool IsDead => !Lanes.Exists(lane => lane.Session.IsOpen);

    /// <summary>The sessions.</summary>
    protected List<EchoLane> Lanes { get; } = [];

    /// <summary>Its BOSH sessions repeat requests.</summary>
    protected virtual bool RemembersRequests => false;

    /// <inheritdoc/>
    public override Task OpenAsync()
    {
        // Beyond some thousands, what each holds matters more than a system call less.
        var wire = new WireSettings(HoldsNoBuffers: sessions > 2000);
        Lanes.AddRange(Enumerable.Range(0, sessions).Select(place => new EchoLane(Run, this, source with { RemembersRequests = RemembersRequests }, wire) { Place = place }));
        return Sessions.OpenAsync(Run, Lanes, Run.Cancellation);
    }

    /// <inheritdoc/>
    public override void Settle() => Lanes.ForEach(lane => lane.Settle());

    /// <inheritdoc/>
    public override Task CloseAsync() => Sessions.CloseAsync(Lanes);

    /// <inheritdoc/>
    public abstract void OnArrival(EchoLane lane, long number, long now);
}
