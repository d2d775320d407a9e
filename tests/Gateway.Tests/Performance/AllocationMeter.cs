using System.Diagnostics;

namespace Gateway.Tests.Performance;

/// <summary>
/// Counts the bytes that this process allocates for one operation. The lowest of several rounds: what else happens in the process
/// (a timer, the compiler, a pool that was trimmed) can only add. Code that is not compiled for good yet may allocate more, so
/// there are further rounds as long as the number is too high.
/// </summary>
internal static class AllocationMeter
{
    private const int WarmUpRounds = 2;
    private const int FewestRounds = 3;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>Runs an operation again and again; returns bytes for one.</summary>
    /// <param name="operation">Allocates nothing of its own.</param>
    /// <param name="operations">How often in a round.</param>
    /// <param name="enough">No further round is needed at this number.</param>
    public static double Lowest(Action operation, int operations, double enough)
    {
        Run(operation, WarmUpRounds * operations);
        var started = Stopwatch.GetTimestamp();
        var lowest = double.MaxValue;
        for (var round = 0; round < FewestRounds || (lowest > enough && Stopwatch.GetElapsedTime(started) < Patience); round++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            Run(operation, operations);
            lowest = Math.Min(lowest, (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)operations);
        }

        return lowest;
    }

    private static void Run(Action operation, int times)
    {
        for (var i = 0; i < times; i++)
        {
            operation();
        }
    }
}
