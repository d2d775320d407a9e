using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using Gateway.Core.Backend;
using Gateway.Core.Backend.Dns;
using Gateway.Core.Backend.Pools;
using Gateway.Core.Bosh;
using Gateway.Core.Policies;
using Gateway.Core.Sessions;
using Gateway.Core.Telemetry;
using Gateway.Core.WebSockets;
using Gateway.DemoServer;
using Gateway.TestKit;
using Gateway.Transports;
using Gateway.Transports.Bosh;
using Gateway.Transports.WebSockets;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Tests.Leaks;

/// <summary>Opens and breaks sessions in every way over real sockets and STARTTLS, then counts what is left.</summary>
public sealed partial class LeakTests : IDrainState, IAsyncLifetime
{
    private const int Sessions = 2_000;
    private const int AtATime = 40;
    private const int FloodMessages = 512;
    private static readonly string FloodMessage = $"<message><body>{new string('x', 64 * 1024)}</body></message>"; // 32 MiB in all: more than any kernel buffers
    private const string Close = "<close xmlns=\"urn:ietf:params:xml:ns:xmpp-framing\" />";

    private readonly ManualTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly SessionRegistry _registry = new();
    private readonly TestMeterFactory _meters = new();
    private readonly HttpClient _http = new(new SocketsHttpHandler { MaxConnectionsPerServer = 200, PooledConnectionIdleTimeout = TimeSpan.FromSeconds(1) });
    private readonly ConcurrentBag<IDisposable> _unread = [];
    private readonly TestCertificates _certificates = new();
    private readonly string _roots = Path.GetTempFileName();
    private DemoXmppServer _server = null!;
    private ScriptedXmppServer _faulty = null!;
    private int _swallowedFloods;
    private WebApplication _app = null!;
    private Uri _url = null!;

    bool IDrainState.IsDraining => false;

    public async ValueTask InitializeAsync()
    {
        _server = await DemoXmppServer.StartAsync(new DemoServerOptions(), NullLoggerFactory.Instance, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(_roots, _server.Authority.ExportCertificatePem());
        var backend = new BackendOptions { Servers = [new BackendServerOptions { Address = _server.EndPoint.ToString() }], Tls = new BackendTlsOptions { TrustedRoots = _roots } };
        var certificate = _certificates.Server("example.org");
        _faulty = ScriptedXmppServer.Start(peer => FailAsync(peer, certificate));
        var faulty = new BackendOptions { Servers = [new BackendServerOptions { Address = _faulty.Address }], Tls = new BackendTlsOptions { TrustedRoots = _certificates.RootsFile } };
        faulty.CircuitBreaker.MinimumThroughput = 10_000;
        ServedDomain[] domains = [new("localhost", "main"), new("example.org", "faulty")];
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services
            .AddSingleton<BackendTable>(services => new BackendTable(
                new Dictionary<string, BackendOptions> { ["main"] = backend, ["faulty"] = faulty },
                domains,
                services.GetRequiredService<ISrvResolver>(),
                _ => 0,
                _time,
                NullLogger<BackendTable>.Instance))
            .AddSingleton<StreamOpener>()
            .AddSingleton(new DnsOptions())
            .AddSingleton(new RandomDraw(_ => 0))
            .AddSingleton<ISrvResolver, DnsSrvResolver>()
            .AddSingleton<IBackendConnector, BackendConnector>()
            .AddSingleton(new DomainPolicy(domains))
            .AddSingleton(new GatewayMetrics(_meters, _registry))
            .AddSingleton<AuthenticationWatch>()
            .AddSingleton(_registry)
            .AddSingleton(new SessionLimits())
            .AddSingleton<IDrainState>(this)
            .AddSingleton(new OriginPolicy(["*"]))
            .AddSingleton<TimeProvider>(_time)
            .AddBosh(new BoshOptions { MaxBufferedBytes = 64 * 1024 })
            .AddXmppWebSocket(new WebSocketSessionOptions());
        _app = builder.Build();
        _app.UseBosh();
        _app.UseXmppWebSocket();
        await _app.StartAsync(TestContext.Current.CancellationToken);
        _url = new Uri(_app.Urls.Single());
    }

    [Fact]
    public async Task Sessions_OpenedAndBrokenInEveryWay_LeaveNothing()
    {
        using var buffers = new OutstandingBuffers();
        await RunAsync(100); // everything that is made once is made
        await SettleAsync();
        _swallowedFloods = 0;
        var handles = Handles();
        var rented = buffers.Count;

        await RunAsync(Sessions);
        _swallowedFloods.ShouldBe(0, "backends that were read on though the client did not read"); // an ended session reads the rest away
        await SettleAsync();

        _server.ConnectionCount.ShouldBe(0, "connections at the backend");
        _faulty.OpenConnections.ShouldBe(0, "connections at the backend that fails");
        await TestTimeout.UntilAsync(() => Handles() <= handles + 20);
        (buffers.Count - rented).ShouldBeLessThan(40, $"rented buffers that never came back: {buffers.Bytes} bytes");
    }

    [Fact]
    public async Task Sessions_BackendDies_AllEndAndLeaveNothing()
    {
        var sockets = new List<ClientWebSocket>();
        for (var i = 0; i < 50; i++)
        {
            var socket = await ConnectAsync();
            await OpenAsync(socket);
            sockets.Add(socket);
        }

        await _server.DisposeAsync();
        foreach (var socket in sockets)
        {
            await ReceiveAsync(socket); // a stream error or close, as the server had the time
            await AnswerCloseAsync(socket);
            socket.Dispose();
        }

        await SettleAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _server.DisposeAsync();
        await _faulty.DisposeAsync();
        _certificates.Dispose();
        _http.Dispose();
        _meters.Dispose();
        File.Delete(_roots);
    }

    /// <summary>Lets everything that waits for time have it, and waits until no session, timer or backend connection is left.</summary>
    private async Task SettleAsync()
    {
        for (var i = 0; i < 100 && _registry.Count > 0; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(10));
            await Task.Yield();
            try
            {
                await TestTimeout.UntilAsync(() => _registry.Count == 0, TimeSpan.FromMilliseconds(200));
            }
            catch (TimeoutException)
            {
                // Some still wait for time to pass.
            }
        }

        _registry.Count.ShouldBe(0, "sessions: " + string.Join(", ", _registry.Sessions.Select(s => s.Transport)));
        for (var i = 0; i < 20 && _time.ArmedTimers > 0; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(10)); // answers kept for late requests (BOSH-094)
        }

        await TestTimeout.UntilAsync(() => _time.ArmedTimers == 0);
        await TestTimeout.UntilAsync(() => _server.ConnectionCount == 0);
        await _faulty.ScriptsEndedAsync();
        while (_unread.TryTake(out var client))
        {
            client.Dispose(); // only now: the gateway had to let go of it by itself
        }
    }

    /// <summary>A server that does what its client asks for: drops in the middle of a stanza, or sends without end.</summary>
    private async Task FailAsync(ScriptedPeer peer, X509Certificate2 certificate)
    {
        await peer.OpenWithStartTlsAsync(certificate);
        if ((await peer.ExpectAsync("/>")).StartsWith("<cut", StringComparison.Ordinal))
        {
            await peer.SendAsync("<message><body>half");
            peer.Close();
        }
        else
        {
            await peer.FloodAsync(FloodMessage, FloodMessages, () => Interlocked.Increment(ref _swallowedFloods));
        }
    }

    private static int Handles()
    {
        GC.Collect();
        return Directory.GetFiles("/proc/self/fd").Length;
    }

    private Task RunAsync(int sessions) =>
        Parallel.ForEachAsync(Enumerable.Range(0, sessions), new ParallelOptions { MaxDegreeOfParallelism = AtATime }, async (i, _) => await BreakAsync(i % 100 >= 98 ? i % 100 : i % 10));

    private async Task BreakAsync(int way)
    {
        switch (way)
        {
            case 0: // vanishes with an open stream
                (await OpenedAsync()).Abort();
                break;
            case 1: // says goodbye and goes
                using (var socket = await OpenedAsync())
                {
                    await SendAsync(socket, Close);
                    (await ReceiveAsync(socket)).ShouldBe(Close);
                    await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
                    (await ReceiveAsync(socket)).ShouldBeEmpty();
                }

                break;
            case 2: // vanishes before it opens a stream
                (await ConnectAsync()).Abort();
                break;
            case 3: // sends what is no XML
                using (var socket = await OpenedAsync())
                {
                    await SendAsync(socket, "<message><body></message>");
                    (await ReceiveAsync(socket)).ShouldContain("<not-well-formed ");
                    await AnswerCloseAsync(socket);
                }

                break;
            case 4: // BOSH, terminated
                var (sid, rid) = await CreateBoshAsync();
                await PostAsync($"<body rid='{rid + 1}' sid='{sid}' type='terminate' xmlns='http://jabber.org/protocol/httpbind'/>");
                break;
            case 5: // BOSH, vanishes with a request held
                (sid, rid) = await CreateBoshAsync();
                using (var tcp = await PostUnreadAsync($"<body rid='{rid + 1}' sid='{sid}' xmlns='http://jabber.org/protocol/httpbind'/>"))
                {
                    tcp.LingerState = new LingerOption(true, 0);
                }

                break;
            case 6: // BOSH, never comes again
                await CreateBoshAsync();
                break;
            case 8: // BOSH, the backend drops in the middle of a stanza while a request is held
                (sid, rid) = await CreateBoshAsync("example.org");
                (await PostAsync($"<body rid='{rid + 1}' sid='{sid}' xmlns='http://jabber.org/protocol/httpbind'><cut xmlns='urn:test'/></body>"))
                    .ShouldContain("condition='remote-connection-failed'");
                break;
            case 9: // the backend drops in the middle of a stanza
                using (var socket = await OpenedAsync("example.org"))
                {
                    await SendAsync(socket, "<cut xmlns='urn:test'/>");
                    (await ReceiveAsync(socket)).ShouldContain("<stream:error ");
                    await AnswerCloseAsync(socket);
                }

                break;
            case 98: // never reads what the backend sends without end
                var unread = await OpenedAsync("example.org");
                _unread.Add(unread);
                await SendAsync(unread, "<flood xmlns='urn:test'/>");
                break;
            case 99: // BOSH, the same
                (sid, rid) = await CreateBoshAsync("example.org");
                _unread.Add(await PostUnreadAsync($"<body rid='{rid + 1}' sid='{sid}' xmlns='http://jabber.org/protocol/httpbind'><flood xmlns='urn:test'/></body>"));
                break;
            default: // cuts the connection in the middle of a message
                using (var socket = await OpenedAsync())
                {
                    await socket.SendAsync("<message xmlns='jabber:client'><body>half"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: false, CancellationToken.None);
                    socket.Abort();
                }

                break;
        }
    }
}
