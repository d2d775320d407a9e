using Gateway.LoadTests.Matrix.Programs;

namespace Gateway.LoadTests.Matrix;

/// <summary>All programs of a run. Those that are warm stay; for memory there are fresh ones.</summary>
internal sealed class Stage(string directory, GatewayProgram gateway) : IAsyncDisposable
{
    private readonly Dictionary<string, MeasuredProgram> _programs = new(StringComparer.Ordinal);

    /// <summary>The server behind the gateway and the floors.</summary>
    public MeasuredProgram Sink => _programs[Who.Tcp];

    /// <summary>What could not be had.</summary>
    public List<string> Missing { get; } = [];

    /// <summary>Starts those.</summary>
    public async Task StartAsync(IEnumerable<string> names, CancellationToken ct)
    {
        foreach (var name in names.Prepend(Who.Tcp).Distinct(StringComparer.Ordinal))
        {
            if (await CreateAsync(name, ct) is { } program)
            {
                _programs[name] = program;
            }
            else
            {
                Missing.Add(name);
            }
        }
    }

    /// <summary>The warm one; null if it is not there.</summary>
    /// <exception cref="InvalidOperationException">It has ended.</exception>
    public MeasuredProgram? Find(string name)
    {
        if (!_programs.TryGetValue(name, out var program))
        {
            return null;
        }

        return program.HasExited ? throw new InvalidOperationException($"{name} has ended:\n{program.Log()}") : program;
    }

    /// <summary>Another one, fresh; null if it is not installed.</summary>
    public async Task<MeasuredProgram?> CreateAsync(string name, CancellationToken ct) => name switch
    {
        Who.Tcp => await FloorPrograms.SinkAsync(directory, ct),
        Who.Relay => await FloorPrograms.RelayAsync(directory, Sink, tls: false, ct),
        Who.SecureRelay => await FloorPrograms.RelayAsync(directory, Sink, tls: true, ct),
        Who.Echo => await FloorPrograms.EchoAsync(directory, ct),
        Who.Gateway => await gateway.StartAsync(Sink.Tcp!.Port, ct),
        Who.Prosody => await PeerPrograms.ProsodyAsync(directory, ct),
        Who.Ejabberd => await PeerPrograms.EjabberdAsync(directory, ct),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "nobody"),
    };

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var program in _programs.Values.Reverse())
        {
            await program.DisposeAsync();
        }
    }
}
