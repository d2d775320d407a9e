using System.Text;

namespace Gateway.Interop.Tests.Support;

/// <summary>One login of one client library in a process of its own; the protocol is in clients/drivers/README.md.</summary>
internal sealed class Driver : IAsyncDisposable
{
    private static readonly TimeSpan StepTimeout = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private readonly List<DriverEvent> _events = [];
    private readonly ServerProcess _process;
    private TaskCompletionSource _arrival = NewArrival();

    private Driver(string name, DriverLogin login, IReadOnlyDictionary<string, string?> environment, string logDirectory)
    {
        Name = name;
        _process = ServerProcess.Start(name, login.Entry.Program, login.Entry.Arguments, logDirectory, environment, Note);
    }

    public string Name { get; }

    /// <summary>The full JID that the server bound.</summary>
    public string Jid { get; private set; } = "";

    /// <summary>What was printed so far.</summary>
    public IReadOnlyList<DriverEvent> Events
    {
        get
        {
            lock (_lock)
            {
                return [.. _events];
            }
        }
    }

    public IEnumerable<DriverEvent> Messages => Events.Where(line => line.Name == "message");

    /// <summary>Started, and logged in.</summary>
    public static async Task<Driver> LogInAsync(
        string name, DriverLogin login, IReadOnlyDictionary<string, string?> environment, string logDirectory)
    {
        var driver = new Driver(name, login, environment, logDirectory);
        try
        {
            driver.Jid = (await driver.WaitAsync(lines => lines.FirstOrDefault(line => line.Name == "online"), "login")).First;
            return driver;
        }
        catch
        {
            await driver.DisposeAsync();
            throw;
        }
    }

    public Task SendAsync(string to, string body) => SayAsync($"send\t{to}\t{Convert.ToBase64String(Encoding.UTF8.GetBytes(body))}");

    /// <summary>The library's own logout; done when the process has ended.</summary>
    public async Task DisconnectAsync()
    {
        await SayAsync("disconnect");
        await WaitAsync(lines => lines.FirstOrDefault(line => line.Name == "offline"), "offline");
        await ExitedAsync();
    }

    /// <summary>Gone without a word; done when the process has ended.</summary>
    public async Task VanishAsync()
    {
        _process.Input.Close();
        await ExitedAsync();
    }

    /// <summary>The sid and the next rid of a BOSH session for somebody else to go on with; this process has then vanished.</summary>
    public async Task<(string Sid, string Rid)> HandOverAsync()
    {
        await SayAsync("handover");
        var session = await WaitAsync(lines => lines.FirstOrDefault(line => line.Name == "session"), "sid and rid");
        await ExitedAsync();
        return (session.First, session.Second);
    }

    public Task<DriverEvent> MessageAsync(string from, string body) =>
        WaitAsync(
            lines => lines.FirstOrDefault(line => line.Name == "message" && line.First == from && line.Body == body), $"message from {from}");

    /// <summary>The first answer that is not null, asked again after every line.</summary>
    public async Task<T> WaitAsync<T>(Func<IReadOnlyList<DriverEvent>, T?> find, string what, TimeSpan? within = null)
        where T : class
    {
        using var limit = new CancellationTokenSource(within ?? StepTimeout);
        while (true)
        {
            Task arrival;
            IReadOnlyList<DriverEvent> lines;
            lock (_lock)
            {
                arrival = _arrival.Task;
                lines = [.. _events];
            }

            if (find(lines) is { } found)
            {
                return found;
            }

            // Nothing comes after `offline`.
            var over = lines.Any(line => line.Name == "offline");
            await arrival.WaitAsync(over ? new CancellationToken(canceled: true) : limit.Token)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (over || limit.IsCancellationRequested)
            {
                throw new TimeoutException($"{Name}: no {what}; it printed:\n{_process.Log(maxCharacters: 4_000)}");
            }
        }
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private static TaskCompletionSource NewArrival() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task SayAsync(string line)
    {
        await _process.Input.WriteAsync($"{line}\n");
        await _process.Input.FlushAsync();
    }

    private Task ExitedAsync() =>
        _process.WaitUntilAsync(_ => Task.FromResult(_process.HasExited), "end of the process", StepTimeout);

    private void Note(string line)
    {
        lock (_lock)
        {
            _events.Add(DriverEvent.Parse(line));
            _arrival.SetResult();
            _arrival = NewArrival();
        }
    }
}
