using System.Diagnostics.Metrics;
using System.Net.Sockets;
using System.Text;
using Gateway.Core.Backend;
using Gateway.Core.Bosh;
using Gateway.Core.Policies;
using Gateway.Core.Sessions;
using Gateway.Core.Telemetry;
using Gateway.TestKit;
using Gateway.Transports;
using Gateway.Transports.Bosh;

namespace Gateway.Tests.Transports.Bosh;

/// <summary>A real server on a port of its own, with the BOSH room alone and a backend in memory.</summary>
internal sealed class BoshServer : IDrainState, IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly TestMeterFactory _meters = new();
    private readonly MeterListener _listener = new();
    private long _held;

    private BoshServer(string[] origins, BoshOptions options)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Scope == _meters && instrument.Name == "xmpp.gateway.bosh.requests.held")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, delta, _, _) => Interlocked.Add(ref _held, delta));
        _listener.Start();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services
            .AddSingleton<IBackendConnector>(Connector)
            .AddSingleton(new DomainPolicy([new ServedDomain("example.com", "main")]))
            .AddSingleton(new GatewayMetrics(_meters, Registry))
            .AddSingleton<AuthenticationWatch>()
            .AddSingleton(Registry)
            .AddSingleton(new SessionLimits())
            .AddSingleton<IDrainState>(this)
            .AddSingleton(new OriginPolicy(origins))
            .AddSingleton(TimeProvider.System)
            .AddBosh(options);
        _app = builder.Build();
        _app.UseBosh();
        _app.Run(context => context.Response.WriteAsync("elsewhere"));
    }

    public FakeBackendConnector Connector { get; } = new();

    public SessionRegistry Registry { get; } = new();

    /// <summary>Requests that are held now, as the metric tells.</summary>
    public long HeldRequests => Interlocked.Read(ref _held);

    public bool IsDraining { get; set; }

    public AuthenticationWatch Watch => _app.Services.GetRequiredService<AuthenticationWatch>();

    public HttpClient Http { get; } = new();

    public Uri Url { get; private set; } = null!;

    public static async Task<BoshServer> StartAsync(string[]? origins = null, BoshOptions? options = null)
    {
        var server = new BoshServer(origins ?? ["*"], options ?? new BoshOptions());
        await server._app.StartAsync();
        server.Url = new Uri(server._app.Urls.Single() + "/http-bind");
        return server;
    }

    public async Task<(HttpResponseMessage Response, string Body)> PostAsync(string xml, Action<HttpRequestMessage>? change = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Url) { Content = new StringContent(xml, Encoding.UTF8, "text/xml") };
        change?.Invoke(request);
        var response = await Http.SendAsync(request).WithinAsync();
        return (response, await response.Content.ReadAsStringAsync());
    }

    /// <summary>Sends a request over a connection of its own, which the test may break.</summary>
    public async Task<TcpClient> PostRawAsync(string xml)
    {
        var client = new TcpClient();
        await client.ConnectAsync(Url.Host, Url.Port);
        await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(
            $"POST /http-bind HTTP/1.1\r\nHost: x\r\nContent-Length: {Encoding.UTF8.GetByteCount(xml)}\r\n\r\n{xml}"));
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
        _listener.Dispose();
        _meters.Dispose();
    }
}
