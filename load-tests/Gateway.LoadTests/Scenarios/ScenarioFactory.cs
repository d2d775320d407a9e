using Gateway.LoadTests.Results;

namespace Gateway.LoadTests.Scenarios;

/// <summary>Makes the scenario that options ask for.</summary>
internal static class ScenarioFactory
{
    /// <summary>Makes it.</summary>
    /// <exception cref="ArgumentException">Options that do not go together.</exception>
    public static Scenario Create(RunContext run)
    {
        var options = run.Options;
        if (options.Transport == LoadTransport.Http && options.Scenario is not (LoadScenario.Serial or LoadScenario.Flood or LoadScenario.Paced))
        {
            throw new ArgumentException("http is a floor without sessions: serial, paced or flood.");
        }

        return options.Scenario switch
        {
            LoadScenario.Serial => new FloodScenario(run, run.Main, 1, 1),

            // As many requests at a time as the BOSH flood has: two for each session.
            LoadScenario.Flood when options.Transport == LoadTransport.Http => new FloodScenario(run, run.Main, options.Sessions * 2, 1),
            LoadScenario.Flood => new FloodScenario(run, run.Main, options.Sessions, options.Outstanding),
            LoadScenario.Paced => new PacedScenario(run, run.Main, options.Sessions, options.Rate),
            LoadScenario.FanIn => new FanInScenario(run, run.Main, Server(run), options.Sessions, options.Burst),
            LoadScenario.Login => new LoginScenario(run, run.Main, options.Sessions),
            LoadScenario.Idle => new IdleScenario(run, run.Main, options.IdleSteps),
            LoadScenario.Churn => new ChurnScenario(run, run.Main, options.Sessions, TimeSpan.Zero, counts: true),
            LoadScenario.SlowReaders => SlowReaders(run),
            LoadScenario.Mixed => MixedScenario.Soak(run),
            _ => throw new ArgumentException($"{options.Scenario} is no scenario."),
        };
    }

    /// <summary>A quarter of the sessions, and few: each may have megabytes on its way.</summary>
    private static SlowReadersScenario SlowReaders(RunContext run)
    {
        var slow = Math.Clamp(run.Options.Sessions / 4, 1, 4);
        return new SlowReadersScenario(run, run.Main, Server(run), slow, Math.Max(1, run.Options.Sessions - slow), run.Options.Rate);
    }

    private static SessionSource Server(RunContext run) =>
        run.Server ?? throw new ArgumentException("The senders need --server, the XMPP server's client port.");
}
