namespace Gateway.Fuzz;

/// <summary>What the process holds when nothing is under way.</summary>
/// <param name="HeapBytes">After a full collection.</param>
/// <param name="Handles">Open file descriptors.</param>
internal sealed record Footprint(long HeapBytes, int Handles)
{
    // Pools and tiering move a few megabytes and descriptors; a leak of a case shows in thousands of cases.
    private const long MostHeapGrowth = 24 * 1024 * 1024;
    private const int MostHandleGrowth = 40;

    /// <summary>Measures now.</summary>
    public static Footprint Take()
    {
        for (var i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        return new Footprint(GC.GetTotalMemory(forceFullCollection: true), Directory.Exists("/proc/self/fd") ? Directory.GetFiles("/proc/self/fd").Length : 0);
    }

    /// <summary>It holds more than pools explain.</summary>
    public bool HasGrownFrom(Footprint earlier) => HeapBytes - earlier.HeapBytes > MostHeapGrowth || Handles - earlier.Handles > MostHandleGrowth;

    /// <inheritdoc/>
    public override string ToString() => $"{HeapBytes / 1048576.0:0.0} MiB, {Handles} handles";
}
