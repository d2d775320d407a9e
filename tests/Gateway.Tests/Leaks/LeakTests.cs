using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Gateway.Core.Backend;
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
public sealed class LeakTests : IDrainState, IAsyncLifetime
{
    private const int Sessions = 2_000;
    private const int AtATime = 40;
    private const string Close = "<close xmlns=\"urn:ietf:params:xml:ns:xmpp-framing\" />";

    private readonly ManualTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly SessionRegistry _registry = new();
    private readonly TestMeterFactory _meters = new();
    private readonly HttpClient _http = new(new SocketsHttpHandler { MaxConnectionsPerServer = 200, PooledConnectionIdleTimeout = TimeSpan.FromSeconds(1) });
    private readonly string _roots = Path.GetTempFileName();
    private DemoXmppServer _server = null!;
    private WebApplication _app = null!;
    private Uri _url = null!;

    bool IDrainState.IsDraining => false;

    public async ValueTask InitializeAsync()
    {
        _server = await DemoXmppServer.StartAsync(new DemoServerOptions(), NullLoggerFactory.Instance, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(_roots, _server.Authority.ExportCertificatePem());
        var backend = new BackendOptions { Servers = [new BackendServerOptions { Address = _server.EndPoint.ToString() }], Tls = new BackendTlsOptions { TrustedRoots = _roots } };
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services
            .AddSingleton<IReadOnlyDictionary<string, BackendOptions>>(new Dictionary<string, BackendOptions> { ["main"] = backend })
            .AddSingleton<IBackendConnector, BackendConnector>()
            .AddSingleton(new DomainPolicy([new ServedDomain("localhost", "main")]))
            .AddSingleton(new GatewayMetrics(_meters, _registry))
            .AddSingleton(_registry)
            .AddSingleton(new SessionLimits())
            .AddSingleton<IDrainState>(this)
            .AddSingleton(new OriginPolicy(["*"]))
            .AddSingleton<TimeProvider>(_time)
            .AddBosh(new BoshOptions())
            .AddXmppWebSocket(new WebSocketSessionOptions());
        _app = builder.Build();
        _app.UseBosh();
        _app.UseXmppWebSocket();
        await _app.StartAsync(TestContext.Current.CancellationToken);
        _url = new Uri(_app.Urls.Single());
    }

    [Fact]
    [Trait("Requirement", "XS-006")]
    public async Task Sessions_OpenedAndBrokenInEveryWay_LeaveNothing()
    {
        using var buffers = new OutstandingBuffers();
        await RunAsync(AtATime * 2); // everything that is made once is made
        await SettleAsync();
        var handles = Handles();
        var rented = buffers.Count;

        await RunAsync(Sessions);
        await SettleAsync();

        _server.ConnectionCount.ShouldBe(0, "connections at the backend");
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

        _registry.Count.ShouldBe(0, "sessions");
        for (var i = 0; i < 20 && _time.ArmedTimers > 0; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(10)); // answers kept for late requests (BOSH-094)
        }

        await TestTimeout.UntilAsync(() => _time.ArmedTimers == 0);
        await TestTimeout.UntilAsync(() => _server.ConnectionCount == 0);
    }

    private static int Handles()
    {
        GC.Collect();
        return Directory.GetFiles("/proc/self/fd").Length;
    }

    private Task RunAsync(int sessions) =>
        Parallel.ForEachAsync(Enumerable.Range(0, sessions), new ParallelOptions { MaxDegreeOfParallelism = AtATime }, async (i, _) => await BreakAsync(i % 8));

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
                using (var tcp = new TcpClient())
                {
                    await tcp.ConnectAsync(_url.Host, _url.Port);
                    var body = $"<body rid='{rid + 1}' sid='{sid}' xmlns='http://jabber.org/protocol/httpbind'/>";
                    await tcp.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"POST /http-bind HTTP/1.1\r\nHost: x\r\nContent-Length: {body.Length}\r\n\r\n{body}"));
                    tcp.LingerState = new LingerOption(true, 0);
                }

                break;
            case 6: // BOSH, never comes again
                await CreateBoshAsync();
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

    private async Task<ClientWebSocket> ConnectAsync()
    {
        var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("xmpp");
        socket.Options.KeepAliveInterval = TimeSpan.Zero;
        await socket.ConnectAsync(new Uri($"ws://{_url.Authority}/xmpp-websocket"), CancellationToken.None).WithinAsync();
        return socket;
    }

    private async Task<ClientWebSocket> OpenedAsync()
    {
        var socket = await ConnectAsync();
        await OpenAsync(socket);
        return socket;
    }

    private static async Task OpenAsync(ClientWebSocket socket)
    {
        await SendAsync(socket, "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='localhost' version='1.0'/>");
        (await ReceiveAsync(socket)).ShouldStartWith("<open ");
        (await ReceiveAsync(socket)).ShouldStartWith("<stream:features ");
    }

    /// <summary>Answers a close of the gateway at both levels.</summary>
    private static async Task AnswerCloseAsync(ClientWebSocket socket)
    {
        await SendAsync(socket, Close);
        while ((await ReceiveAsync(socket)).Length > 0)
        {
        }

        socket.CloseStatus.ShouldNotBeNull();
        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
    }

    private static Task SendAsync(ClientWebSocket socket, string text) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None).WithinAsync();

    /// <summary>A message; empty when the connection ends.</summary>
    private static async Task<string> ReceiveAsync(ClientWebSocket socket)
    {
        var buffer = new byte[4096];
        try
        {
            var result = await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None).AsTask().WithinAsync();
            return result.MessageType == WebSocketMessageType.Close ? "" : Encoding.UTF8.GetString(buffer, 0, result.Count);
        }
        catch (WebSocketException)
        {
            return "";
        }
    }

    private async Task<(string Sid, long Rid)> CreateBoshAsync()
    {
        const long Rid = 4_000_000_000;
        var answer = await PostAsync($"<body rid='{Rid}' to='localhost' ver='1.6' wait='50' hold='1' xml:lang='en' xmpp:version='1.0' xmlns='http://jabber.org/protocol/httpbind' xmlns:xmpp='urn:xmpp:xbosh'/>");
        answer.ShouldContain("stream:features");
        var start = answer.IndexOf("sid='", StringComparison.Ordinal) + 5;
        return (answer[start..answer.IndexOf('\'', start)], Rid);
    }

    private async Task<string> PostAsync(string body)
    {
        using var response = await _http.PostAsync(new Uri(_url, "/http-bind"), new StringContent(body, Encoding.UTF8, "text/xml")).WithinAsync();
        return await response.Content.ReadAsStringAsync();
    }
}
