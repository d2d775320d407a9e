using System.Globalization;

namespace Gateway.LoadTests.Matrix.Programs;

/// <summary>The programs of Gateway.Floors.</summary>
internal static class FloorPrograms
{
    private static readonly TimeSpan ReadyWithin = TimeSpan.FromSeconds(20);

    /// <summary>The fast XMPP server behind the gateway and the floors.</summary>
    public static Task<MeasuredProgram> SinkAsync(string directory, CancellationToken ct) =>
        StartAsync("sink", directory, [], (process, port) => new MeasuredProgram("sink", process) { Tcp = Address("tcp", port, "") }, ct);

    /// <summary>Floor L or T.</summary>
    public static Task<MeasuredProgram> RelayAsync(string directory, MeasuredProgram sink, bool tls, CancellationToken ct)
    {
        var backend = $"127.0.0.1:{sink.Tcp!.Port.ToString(CultureInfo.InvariantCulture)}";
        return StartAsync("relay", directory, tls ? ["--backend", backend, "--tls"] : ["--backend", backend], (process, port) => new MeasuredProgram(tls ? "T" : "L", process)
        {
            WebSocket = tls ? null : Address("ws", port, "/"),
            SecureWebSocket = tls ? Address("wss", port, "/") : null,
            IsRawStream = true,
        }, ct);
    }

    /// <summary>Floor E.</summary>
    public static Task<MeasuredProgram> EchoAsync(string directory, CancellationToken ct) =>
        StartAsync("echo", directory, [], (process, port) => new MeasuredProgram("E", process) { Http = Address("http", port, "/") }, ct);

    private static Uri Address(string scheme, int port, string path) => new($"{scheme}://127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}{path}");

    private static async Task<MeasuredProgram> StartAsync(
        string verb, string directory, string[] arguments, Func<ChildProcess, int, MeasuredProgram> make, CancellationToken ct)
    {
        var port = FreePorts.Take(1)[0];
        var name = $"{verb}-{port.ToString(CultureInfo.InvariantCulture)}";
        var process = ChildProcess.Start(
            name, Path.Combine(BuiltFolder(), "Gateway.Floors"), [verb, "--port", port.ToString(CultureInfo.InvariantCulture), .. arguments], directory);
        var program = make(process, port);
        try
        {
            await process.WaitForPortsAsync([port], ReadyWithin, ct);
            return program;
        }
        catch
        {
            await program.DisposeAsync();
            throw;
        }
    }

    /// <summary>Beside this program, in the same configuration.</summary>
    private static string BuiltFolder()
    {
        var own = new DirectoryInfo(AppContext.BaseDirectory);
        var configuration = own.Parent!;
        return Path.Combine(configuration.Parent!.Parent!.Parent!.FullName, "Gateway.Floors", "bin", configuration.Name, own.Name);
    }
}
