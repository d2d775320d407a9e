namespace Gateway.LoadTests.Scenarios;

/// <summary>Several scenarios at once. The first ones are counted and reported; all are checked.</summary>
internal sealed class MixedScenario(RunContext run, IReadOnlyList<PacedScenario> paced, IReadOnlyList<Scenario> beside) : Scenario(run)
{
    private readonly List<Scenario> _all = [.. paced, .. beside];

    /// <inheritdoc/>
    public override string Unit => "echoes";

    /// <inheritdoc/>
    public override bool IsQuiet => _all.TrueForAll(scenario => scenario.IsQuiet);

    /// <inheritdoc/>
    protected override TimeSpan QuietWithin => Workers.LongestTurn;

    /// <inheritdoc/>
    public override bool IsDead => paced.All(scenario => scenario.IsDead);

    /// <inheritdoc/>
    public override bool KeptPace => paced.All(scenario => scenario.KeptPace);

    /// <summary>Makes what a soak consists of.</summary>
    public static MixedScenario Soak(RunContext run)
    {
        var sources = run.Second is { } second ? new[] { run.Main, second } : [run.Main];
        var sessions = run.Options.Sessions;
        var paced = new List<PacedScenario>();
        var beside = new List<Scenario>();
        foreach (var source in sources)
        {
            paced.Add(new PacedScenario(run, source, Share(80 / sources.Length), run.Options.Rate / sources.Length));
            beside.Add(new ChurnScenario(run, source, Share(4), TimeSpan.FromMilliseconds(200), counts: false));
            if (run.Server is { } server)
            {
                beside.Add(new SlowReadersScenario(run, source, server, slow: 2, quick: 0, rate: 0, rest: TimeSpan.FromSeconds(15)));
            }
        }

        if (run.Second is { } bosh)
        {
            beside.Add(new ResendScenario(run, bosh, Share(6)));
        }

        return new MixedScenario(run, paced, beside);

        int Share(int percent) => Math.Max(1, sessions * percent / 100);
    }

    /// <inheritdoc/>
    public override async Task OpenAsync()
    {
        foreach (var scenario in _all)
        {
            await scenario.OpenAsync();
        }
    }

    /// <inheritdoc/>
    public override void Start() => _all.ForEach(scenario => scenario.Start());

    /// <inheritdoc/>
    public override void Stop() => _all.ForEach(scenario => scenario.Stop());

    /// <inheritdoc/>
    public override void Settle() => _all.ForEach(scenario => scenario.Settle());

    /// <inheritdoc/>
    public override async Task CloseAsync()
    {
        foreach (var scenario in _all)
        {
            await scenario.CloseAsync();
        }
    }
}
