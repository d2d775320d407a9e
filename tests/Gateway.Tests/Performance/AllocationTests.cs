using System.Diagnostics;
using System.Reflection;
using System.Text;
using Gateway.Core.WebSockets;
using Gateway.TestKit;

namespace Gateway.Tests.Performance;

/// <summary>
/// What was gained in speed is lost again one small allocation at a time, and no test of times on a shared machine sees it go; bytes
/// allocated are the same on every machine. Measured on the whole host over real sockets. One thread plays client and backend in
/// turns and allocates nothing itself, so that every byte is the host's and an operation is over before the next one begins.
/// </summary>
[Collection(AloneInTheProcess.Name)]
public sealed class AllocationTests : IAsyncLifetime
{
    private const int Echoes = 1_000;
    private const int Bursts = 200;
    private const int Burst = 50;
    private const string Unoptimized = "An unoptimized build allocates more: run it with -c Release.";

    private const string Up = "<message xmlns='jabber:client' to='bob@example.org' id='d3b07384-d113' type='chat'><body>Shall we meet at the station &amp; walk? It is not far.</body></message>";
    private static readonly byte[] Down = Encoding.UTF8.GetBytes(
        "<message from='bob@example.org/web-7f3a' to='alice@example.org/web-1c2d' id='d3b07384-d113' type='chat'><body>Shall we meet at the station &amp; walk? It is not far.</body></message>");
    private static readonly byte[] ManyDown = [.. Enumerable.Repeat(Down, Burst).SelectMany(bytes => bytes)];

    private readonly RawBackend _backend = new();
    private readonly TakenRequests _taken = new();
    private RunningGateway _gateway = null!;

    /// <summary>The product was compiled as it is shipped.</summary>
    public static bool IsOptimized => typeof(XmppWebSocketSession).Assembly.GetCustomAttribute<DebuggableAttribute>() is not { IsJITOptimizerDisabled: true };

    public async ValueTask InitializeAsync() =>
        _gateway = await RunningGateway.StartAsync(
            services => services.AddSingleton<IStartupFilter>(_taken),
            $"--Gateway:Backends:b:Servers:0:Address={_backend.Address}",
            "--Gateway:Backends:b:Security=None");

    public async ValueTask DisposeAsync()
    {
        _backend.Dispose();
        await _gateway.DisposeAsync();
    }

    [Fact(Skip = Unoptimized, SkipUnless = nameof(IsOptimized))]
    public Task WebSocket_Echo_AllocatesNoMoreThanItsBudget() => AssertAsync(AllocationBudgets.WebSocketEcho, 1, () =>
    {
        var client = RawWebSocket.LogIn(_gateway.Public, _backend);
        var frame = RawWebSocket.Frame(Up);
        return (client, Echo);

        void Echo()
        {
            client.Send(frame);
            _backend.Take("</message>"u8);
            _backend.Send(Down);
            client.Take("<message"u8);
        }
    });

    [Fact(Skip = Unoptimized, SkipUnless = nameof(IsOptimized))]
    public Task WebSocket_StanzaOfAFanIn_AllocatesNoMoreThanItsBudget() => AssertAsync(AllocationBudgets.WebSocketFanInStanza, Burst, () =>
    {
        var client = RawWebSocket.LogIn(_gateway.Public, _backend);
        return (client, FanIn);

        void FanIn()
        {
            _backend.Send(ManyDown);
            for (var i = 0; i < Burst; i++)
            {
                client.Take("<message"u8);
            }
        }
    });

    [Fact(Skip = Unoptimized, SkipUnless = nameof(IsOptimized))]
    public Task Bosh_Echo_AllocatesNoMoreThanItsBudget() => AssertAsync(AllocationBudgets.BoshEcho, 1, () =>
    {
        var client = RawBosh.LogIn(_gateway.Public, _taken, _backend);
        var request = client.Request(Up);
        return (client, Echo);

        void Echo()
        {
            client.Send(request);
            _backend.Take("</message>"u8);
            client.WaitUntilHeld();
            _backend.Send(Down);
            client.Take("<message"u8);
        }
    });

    [Fact(Skip = Unoptimized, SkipUnless = nameof(IsOptimized))]
    public Task Bosh_PayloadOfAFanIn_AllocatesNoMoreThanItsBudget() => AssertAsync(AllocationBudgets.BoshFanInPayload, Burst, () =>
    {
        var client = RawBosh.LogIn(_gateway.Public, _taken, _backend);
        var request = client.Request("");
        return (client, FanIn);

        void FanIn()
        {
            client.Send(request);
            client.WaitUntilHeld();
            _backend.Send(ManyDown);
            if (client.Take("<message"u8).Count("</message>"u8) != Burst)
            {
                throw new InvalidOperationException("not all of it in one body");
            }
        }
    });

    /// <param name="budget">Bytes for each part.</param>
    /// <param name="parts">Parts of one operation.</param>
    /// <param name="logIn">Returns a client and the operation.</param>
    private static async Task AssertAsync(int budget, int parts, Func<(IDisposable Client, Action Operation)> logIn)
    {
        // A thread of its own: it waits in the system, which no thread of the pool may do.
        var measuring = Task.Factory.StartNew(
            () =>
            {
                var (client, operation) = logIn();
                using (client)
                {
                    return AllocationMeter.Lowest(operation, parts == 1 ? Echoes : Bursts, enough: budget * parts) / parts;
                }
            },
            TestContext.Current.CancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        var allocated = await measuring.WithinAsync(TimeSpan.FromMinutes(3)); // only against a hang: a machine may be as slow as it likes

        allocated.ShouldBeLessThanOrEqualTo(budget, $"{allocated:F1} bytes allocated, with a budget of {budget}");
        TestContext.Current.TestOutputHelper?.WriteLine($"{allocated:F1} bytes allocated, with a budget of {budget}");
    }
}
