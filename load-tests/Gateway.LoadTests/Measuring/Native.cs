using System.Runtime.InteropServices;

namespace Gateway.LoadTests.Measuring;

/// <summary>What the runtime has no call for. Linux only, as the measurements are.</summary>
internal static class Native
{
    private const int ClockMonotonic = 1;
    private const int TimerAbsolute = 1;
    private const int PrSetTimerSlack = 29;

    /// <summary>Processor time that a process has used, in nanoseconds; null if it cannot be told. /proc counts in steps of 10 ms: too coarse for short runs.</summary>
    public static long? ProcessorTime(int processId)
    {
        // linux/posix-timers.h, MAKE_PROCESS_CPUCLOCK(pid, CPUCLOCK_SCHED)
        return ClockGetTime((~processId << 3) | 2, out var time) == 0 ? (time.Seconds * 1_000_000_000) + time.Nanoseconds : null;
    }

    /// <summary>Lets this thread's sleeps end when they should, not up to 50 us later.</summary>
    public static void AskForExactSleeps() => _ = Prctl(PrSetTimerSlack, 1, 0, 0, 0);

    /// <summary>Sleeps until then, as <see cref="System.Diagnostics.Stopwatch.GetTimestamp"/> counts.</summary>
    public static void SleepUntil(long timestamp)
    {
        var until = new Time(timestamp / 1_000_000_000, timestamp % 1_000_000_000);
        while (ClockNanoSleep(ClockMonotonic, TimerAbsolute, until, IntPtr.Zero) == 4)
        {
            // EINTR
        }
    }

    [DllImport("libc", EntryPoint = "clock_gettime")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int ClockGetTime(int clock, out Time time);

    [DllImport("libc", EntryPoint = "clock_nanosleep")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int ClockNanoSleep(int clock, int flags, in Time until, IntPtr rest);

    [DllImport("libc", EntryPoint = "prctl")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Prctl(int option, ulong a, ulong b, ulong c, ulong d);

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Time(long Seconds, long Nanoseconds);
}
