using System.Globalization;
using Gateway.LoadTests.Results;

namespace Gateway.LoadTests.Scenarios;

/// <summary>Says what bounded a run, as far as the processors tell.</summary>
internal static class RunLimit
{
    private const double FullCore = 0.85;
    private const double FullMachine = 0.9;

    /// <summary>In a few words, with the cores that each process used.</summary>
    public static string Describe(ScenarioOptions options, bool keptPace, double seconds, IReadOnlyList<ProcessUse> processes)
    {
        if (seconds <= 0 || options.Scenario == LoadScenario.Idle)
        {
            return options.Scenario == LoadScenario.Idle ? "the number of sessions asked for" : "";
        }

        var cores = processes.Select(use => (use.Role, Cores: use.CpuSeconds / seconds)).ToList();
        var all = string.Join(", ", cores.Select(use => string.Create(CultureInfo.InvariantCulture, $"{use.Role} {use.Cores:F2}")));
        return $"{What()} ({all} of {Environment.ProcessorCount} cores)";

        string What()
        {
            if (options.Scenario is LoadScenario.Paced or LoadScenario.Mixed)
            {
                return keptPace ? "pace" : "the pace was not kept";
            }

            var busiest = cores.MaxBy(use => use.Cores);
            if (cores.Sum(use => use.Cores) >= FullMachine * Environment.ProcessorCount)
            {
                return $"all cores together, most of it {busiest.Role}";
            }

            return busiest.Cores >= FullCore ? busiest.Role
                : options.Scenario == LoadScenario.Serial ? "one echo at a time"
                : $"no core was full; the busiest is {busiest.Role}";
        }
    }
}
