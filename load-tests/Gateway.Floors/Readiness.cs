using System.Runtime.InteropServices;

namespace Gateway.Floors;

/// <summary>How a program says that it can be used, and how it is told to end.</summary>
internal static class Readiness
{
    /// <summary>Says the port in the one line that it prints, and waits for SIGTERM or Ctrl-C. Nothing is finished then: whoever measures has finished.</summary>
    public static async Task AnnounceAsync(string what, int port)
    {
        var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
        await Console.Out.WriteLineAsync(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{what} ready on {port}"));
        await end.Task;

        void End(PosixSignalContext signal)
        {
            signal.Cancel = true;
            end.TrySetResult();
        }
    }
}
