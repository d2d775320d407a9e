using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Gateway.LoadTests.Matrix.Programs;

/// <summary>A program that we started: its output in a file, ended by its own id with everything that it started.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan EndWithin = TimeSpan.FromSeconds(8);

    /// <summary>A run that is itself ended leaves nothing behind.</summary>
    private static readonly ConcurrentDictionary<int, Process> Running = new();

    private readonly string _name;
    private readonly Process _process;
    private readonly string _log;
    private readonly Lock _logLock = new();

    static ChildProcess() => AppDomain.CurrentDomain.ProcessExit += (_, _) =>
    {
        foreach (var process in Running.Values)
        {
            process.Kill(entireProcessTree: true);
        }
    };

    private ChildProcess(string name, Process process, string log)
    {
        _name = name;
        _process = process;
        _log = log;
    }

    /// <summary>Its process id.</summary>
    public int Id => _process.Id;

    /// <summary>It has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>Starts it.</summary>
    /// <param name="name">For its log file and for messages.</param>
    /// <param name="fileName">The program.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="directory">Where it works and its log goes.</param>
    /// <param name="environment">Variables to add.</param>
    public static ChildProcess Start(string name, string fileName, IEnumerable<string> arguments, string directory, IReadOnlyDictionary<string, string>? environment = null)
    {
        Directory.CreateDirectory(directory);
        var start = new ProcessStartInfo(fileName, arguments)
        {
            WorkingDirectory = directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };

        // What the generator sets for itself is not for the programs: each has its own defaults, and those are measured.
        foreach (var own in start.Environment.Keys.Where(key => key.StartsWith("DOTNET_SYSTEM_NET_SOCKETS_", StringComparison.Ordinal)).ToArray())
        {
            start.Environment.Remove(own);
        }

        foreach (var (key, value) in environment ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            start.Environment[key] = value;
        }

        var process = new Process { StartInfo = start };
        var child = new ChildProcess(name, process, Path.Combine(directory, $"{name}.out"));
        File.WriteAllText(child._log, "");
        process.OutputDataReceived += (_, line) => child.Note(line.Data);
        process.ErrorDataReceived += (_, line) => child.Note(line.Data);
        process.Start();
        Running[process.Id] = process;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return child;
    }

    /// <summary>Runs a program to its end and returns what it wrote.</summary>
    public static async Task<string> RunAsync(string fileName, IEnumerable<string> arguments, string directory, TimeSpan within, CancellationToken ct)
    {
        var name = Path.GetFileNameWithoutExtension(fileName);
        await using var child = Start(name, fileName, arguments, directory);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(within);
        await child._process.WaitForExitAsync(limit.Token);
        return child._process.ExitCode == 0
            ? child.Log()
            : throw new InvalidOperationException($"{name} ended with {child._process.ExitCode.ToString(CultureInfo.InvariantCulture)}:\n{child.Log()}");
    }

    /// <summary>Waits until all ports take connections.</summary>
    public async Task WaitForPortsAsync(IEnumerable<int> ports, TimeSpan within, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(within);
        try
        {
            foreach (var port in ports)
            {
                while (!await AcceptsAsync(port, limit.Token))
                {
                    if (_process.HasExited)
                    {
                        throw new InvalidOperationException($"{_name} ended with {_process.ExitCode.ToString(CultureInfo.InvariantCulture)}:\n{Log()}");
                    }

                    await Task.Delay(PollInterval, limit.Token);
                }
            }
        }
        catch (OperationCanceledException timeout) when (!ct.IsCancellationRequested)
        {
            throw new TimeoutException($"{_name} is not ready within {within}:\n{Log()}", timeout);
        }
    }

    /// <summary>What it wrote, or the end of that.</summary>
    public string Log()
    {
        const int most = 8000;
        lock (_logLock)
        {
            var text = File.ReadAllText(_log);
            return text.Length > most ? $"[...]{text[^most..]}" : text;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            using var term = Process.Start("kill", ["-TERM", Id.ToString(CultureInfo.InvariantCulture)]);
            await term.WaitForExitAsync();
            using var limit = new CancellationTokenSource(EndWithin);
            try
            {
                await _process.WaitForExitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill(entireProcessTree: true);
                await _process.WaitForExitAsync(CancellationToken.None);
            }
        }

        Running.TryRemove(Id, out _);
        _process.Dispose();
    }

    private static async Task<bool> AcceptsAsync(int port, CancellationToken ct)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port, ct);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private void Note(string? line)
    {
        if (line is not null)
        {
            lock (_logLock)
            {
                File.AppendAllText(_log, line + "\n");
            }
        }
    }
}
