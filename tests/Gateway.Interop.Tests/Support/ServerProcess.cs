using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Gateway.Interop.Tests.Support;

/// <summary>A process that we started, its output in a file, ended by its own id and with everything it started.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>A test run that is itself ended must not leave servers behind.</summary>
    private static readonly ConcurrentDictionary<int, Process> Running = new();

    private readonly string _name;
    private readonly Process _process;
    private readonly StreamWriter _log;
    private readonly Lock _logLock = new();
    private bool _disposed;
    private bool _logClosed;

    static ServerProcess() => AppDomain.CurrentDomain.ProcessExit += (_, _) =>
    {
        foreach (var process in Running.Values)
        {
            process.Kill(entireProcessTree: true);
        }
    };

    private ServerProcess(string name, Process process, StreamWriter log, string logPath)
    {
        _name = name;
        _process = process;
        _log = log;
        LogPath = logPath;
    }

    public string LogPath { get; }

    public bool HasExited => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    public StreamWriter Input => _process.StandardInput;

    public static ServerProcess Start(
        string name, string fileName, IEnumerable<string> arguments, string workingDirectory,
        IReadOnlyDictionary<string, string?>? environment = null, Action<string>? onOutput = null)
    {
        var start = new ProcessStartInfo(fileName, arguments)
        {
            WorkingDirectory = workingDirectory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        foreach (var (key, value) in environment ?? new Dictionary<string, string?>())
        {
            start.Environment[key] = value;
        }

        var logPath = Path.Combine(workingDirectory, $"{name}.out");
        var log = new StreamWriter(new FileStream(logPath, FileMode.Create, FileAccess.Write, FileShare.ReadWrite)) { AutoFlush = true };
        var process = new Process { StartInfo = start };
        var server = new ServerProcess(name, process, log, logPath);
        process.OutputDataReceived += (_, line) =>
        {
            server.Note(line.Data);
            if (line.Data is not null)
            {
                onOutput?.Invoke(line.Data);
            }
        };
        process.ErrorDataReceived += (_, line) => server.Note(line.Data);
        process.Start();
        Running[process.Id] = process;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return server;
    }

    /// <summary>Asks until the answer is yes, the process has ended, or the time is over.</summary>
    public async Task WaitUntilAsync(Func<CancellationToken, Task<bool>> isReady, string what, TimeSpan within)
    {
        using var limit = new CancellationTokenSource(within);
        try
        {
            while (!await isReady(limit.Token))
            {
                if (_process.HasExited)
                {
                    throw new InvalidOperationException(
                        $"{_name} ended with {_process.ExitCode.ToString(CultureInfo.InvariantCulture)} before {what}:\n{Log()}");
                }

                await Task.Delay(PollInterval, limit.Token);
            }
        }
        catch (OperationCanceledException timeout) when (limit.IsCancellationRequested)
        {
            throw new TimeoutException($"{_name}: no {what} within {within}:\n{Log()}", timeout);
        }
    }

    /// <summary>The log from a position on; of a long one only its end.</summary>
    public string Log(long from = 0, int maxCharacters = 40_000)
    {
        using var stream = new FileStream(LogPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        stream.Seek(Math.Min(from, stream.Length), SeekOrigin.Begin);
        using var reader = new StreamReader(stream);
        var text = reader.ReadToEnd();
        return text.Length > maxCharacters ? $"[...]{text[^maxCharacters..]}" : text;
    }

    public long LogLength() => new FileInfo(LogPath).Length;

    /// <summary>SIGTERM, and if that is not enough within the time, the end of the whole process tree.</summary>
    public async Task<bool> TerminateAsync(TimeSpan within)
    {
        if (!_process.HasExited)
        {
            using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
            await kill.WaitForExitAsync();
        }

        using var limit = new CancellationTokenSource(within);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync(CancellationToken.None);
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        await TerminateAsync(TimeSpan.FromSeconds(10));
        Running.TryRemove(_process.Id, out _);
        _process.Dispose();
        lock (_logLock)
        {
            _log.Dispose();
            _logClosed = true;
        }
    }

    private void Note(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_logLock)
        {
            if (!_logClosed)
            {
                _log.WriteLine(line);
            }
        }
    }
}
