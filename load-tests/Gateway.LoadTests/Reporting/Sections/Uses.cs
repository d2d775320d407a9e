using Gateway.LoadTests.Results;

namespace Gateway.LoadTests.Reporting.Sections;

/// <summary>What processes used.</summary>
internal static class Uses
{
    /// <summary>Cores that a role kept busy; null if it was not watched.</summary>
    public static double? Cores(RunResult run, string role) => Cores(run, run.Processes.FirstOrDefault(process => process.Role == role));

    /// <summary>The same by place: the first is the program under test.</summary>
    public static double? Cores(RunResult run, int index) => Cores(run, index < run.Processes.Count ? run.Processes[index] : null);

    /// <summary>What bounded a run. The cores that stand behind it in brackets have columns of their own.</summary>
    public static string Limit(RunResult run) => run.Limit.IndexOf(" (", StringComparison.Ordinal) is var at and > 0 ? run.Limit[..at] : run.Limit;

    private static double? Cores(RunResult run, ProcessUse? process) => process is null || run.Seconds <= 0 ? null : process.CpuSeconds / run.Seconds;
}
