using System.Globalization;

namespace Gateway.LoadTests.Measuring;

/// <summary>What a process has used until now.</summary>
internal readonly record struct ProcessReading(double CpuSeconds, long ResidentBytes, int Threads, int Handles)
{
    private const double TicksPerSecond = 100; // sysconf(_SC_CLK_TCK), on every Linux there is

    /// <summary>Reads it; all zero if the process is gone.</summary>
    /// <param name="processId">Which.</param>
    /// <param name="handles">Counting descriptors costs a system call for some hundred of them; below 0 to count, else what to say.</param>
    public static ProcessReading Of(int processId, int handles = -1)
    {
        try
        {
            // proc(5): the name in parentheses may hold anything, fields are counted from behind it.
            var stat = File.ReadAllText($"/proc/{processId}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            var ticks = (Number(fields[11]) + Number(fields[12])) / TicksPerSecond;
            var cpu = Native.ProcessorTime(processId) is { } nanoseconds ? nanoseconds / 1e9 : ticks;
            return new ProcessReading(cpu, Number(fields[21]) * Environment.SystemPageSize, (int)Number(fields[17]), handles < 0 ? CountHandles(processId) : handles);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return default;
        }
    }

    /// <summary>Resident memory, counted page by page: the quick number in /proc/PID/stat lags behind by some pages a processor.</summary>
    public static long ExactResidentBytes(int processId)
    {
        try
        {
            foreach (var line in File.ReadLines($"/proc/{processId}/smaps_rollup"))
            {
                if (line.StartsWith("Rss:", StringComparison.Ordinal))
                {
                    return Number(line[4..].Replace("kB", "", StringComparison.Ordinal).Trim()) * 1024;
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The quick number, then.
        }

        return Of(processId, handles: 0).ResidentBytes;
    }

    private static int CountHandles(int processId) => Directory.EnumerateFileSystemEntries($"/proc/{processId}/fd").Count();

    private static long Number(string field) => long.Parse(field, CultureInfo.InvariantCulture);
}
