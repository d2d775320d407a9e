using System.Collections.Concurrent;
using System.Diagnostics;

namespace Gateway.Fuzz;

/// <summary>Ends the process when a case does not end: a parser in a loop cannot be stopped otherwise.</summary>
internal sealed class Watchdog : IDisposable
{
    // A case takes milliseconds; a loaded machine may take its time.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ConcurrentDictionary<Watched, byte> _running = new();
    private readonly string _corpus;
    private readonly TextWriter _output;
    private readonly Timer _timer;

    /// <summary>Begins to look.</summary>
    public Watchdog(string corpus, TextWriter output)
    {
        _corpus = corpus;
        _output = output;
        _timer = new Timer(_ => Look(), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
    }

    /// <summary>A case begins; it is over when the result is disposed.</summary>
    public IDisposable Watch(string target, byte[] input)
    {
        var watched = new Watched(this, target, input, Stopwatch.GetTimestamp());
        _running.TryAdd(watched, 0);
        return watched;
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        if (_running.Keys.FirstOrDefault(w => Stopwatch.GetElapsedTime(w.Started) > Patience) is { } hung)
        {
            var file = Path.Combine(Directory.CreateDirectory(Path.Combine(_corpus, hung.Target)).FullName, "hang");
            File.WriteAllBytes(file, hung.Input);
            _output.WriteLine($"{hung.Target}: a case does not end; its input is kept in {file}");
            Environment.Exit(1);
        }
    }

    private sealed class Watched(Watchdog owner, string target, byte[] input, long started) : IDisposable
    {
        public string Target => target;

        public byte[] Input => input;

        public long Started => started;

        public void Dispose() => owner._running.TryRemove(this, out _);
    }
}
