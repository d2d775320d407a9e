using System.Runtime.InteropServices;
using Gateway.Commands;

namespace Gateway.Hosting;

/// <summary>The first signal drains (the host's own handler); whoever sends another does not want to wait.</summary>
internal sealed class SecondSignal : IDisposable
{
    private static readonly TimeSpan AnnounceWithin = TimeSpan.FromMilliseconds(500);

    private readonly PosixSignalRegistration[] _registrations;
    private readonly Action _announce;
    private int _count;

    /// <summary>Begins to count signals.</summary>
    public SecondSignal(Action announce)
    {
        _announce = announce;
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle),
            PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle),
        ];
    }

    /// <inheritdoc/>
    public void Dispose() => Array.ForEach(_registrations, r => r.Dispose());

    private void Handle(PosixSignalContext context)
    {
        context.Cancel = true;
        if (Interlocked.Increment(ref _count) > 1)
        {
            // Nobody may read what the program says, and whoever sends a second signal does not wait for that either.
            Task.Run(_announce).Wait(AnnounceWithin);
            Environment.Exit(ExitCode.Failure);
        }
    }
}
