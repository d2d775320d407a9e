using System.Globalization;
using System.Runtime.InteropServices;

namespace Gateway.LoadTests.Matrix;

/// <summary>What a number means nothing without.</summary>
internal static class MachineFacts
{
    /// <summary>Processor, cores, memory, kernel, runtime.</summary>
    public static string Describe() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Processor()}, {Environment.ProcessorCount} cores, {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (1 << 30)} GiB, {Kernel()}, {RuntimeInformation.FrameworkDescription}");

    private static string Processor() => Field("/proc/cpuinfo", "model name") ?? RuntimeInformation.ProcessArchitecture.ToString();

    private static string Kernel() => $"Linux {Environment.OSVersion.Version}";

    private static string? Field(string file, string name) =>
        File.Exists(file)
            ? File.ReadLines(file).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?.Split(':', 2)[1].Trim()
            : null;
}
