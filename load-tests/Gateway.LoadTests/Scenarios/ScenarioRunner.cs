using Gateway.LoadTests.Results;

namespace Gateway.LoadTests.Scenarios;

/// <summary>Runs one scenario.</summary>
public static class ScenarioRunner
{
    /// <summary>Runs it, and returns in bounded time; faults are in the result, not exceptions.</summary>
    public static Task<RunResult> RunAsync(ScenarioOptions options, IRunObserver? observer, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(options);
        throw new NotSupportedException($"{options.Scenario} is not there yet.");
    }
}
