using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.RegularExpressions;
using Gateway.Core.Backend;
using Gateway.Core.Bosh;
using Gateway.Core.Policies;
using Gateway.Core.Sessions;
using Gateway.Core.Telemetry;
using Gateway.TestKit;
using Gateway.Transports;
using Gateway.Transports.Bosh;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Gateway.Tests.Transports.Bosh;

/// <summary>A real server on a port of its own, with the BOSH room alone and a backend in memory.</summary>
internal sealed partial class BoshServer : IDrainState, IAsyncDisposable
{
    public const string Ns = "xmlns='http://jabber.org/protocol/httpbind'";
    public const string Creation = $"<body rid='100' to='example.com' wait='50' hold='1' ver='1.6' xmpp:version='1.0' xmlns:xmpp='urn:xmpp:xbosh' {Ns}/>";
    public const string Empty = $"<body {Ns}/>";
    public const string ItemNotFound = $"<body type='terminate' condition='item-not-found' {Ns}/>";
    public const string BadRequest = $"<body type='terminate' condition='bad-request' {Ns}/>";

    private readonly WebApplication _app;
    private readonly TestMeterFactory _meters = new();
    private readonly MeterListener _listener = new();
    private long _held;
    private int _taken;

    private BoshServer(string[] origins, BoshOptions options, TimeProvider time, X509Certificate2? certificate, SessionLimits limits, BoshOptions? ofDomain)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Scope == _meters && instrument.Name == "xmpp.gateway.bosh.requests.held")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, held, _, _) => Interlocked.Exchange(ref _held, held));
        _listener.Start();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, endpoint => endpoint.UsePipelining());
            if (certificate is not null)
            {
                kestrel.Listen(IPAddress.Loopback, 0, endpoint =>
                {
                    endpoint.UseHttps(https =>
                    {
                        https.ServerCertificate = certificate;
                        https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
                        https.AllowAnyClientCertificate();
                    });
                    endpoint.UsePipelining();
                });
            }
        });
        builder.WebHost.UseSockets(sockets => sockets.UnsafePreferInlineScheduling = true);
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.Services
            .AddSingleton<IBackendConnector>(Connector)
            .AddSingleton(new DomainPolicy([new ServedDomain("example.com", "main") { Bosh = ofDomain }]))
            .AddSingleton(new GatewayMetrics(_meters, Registry))
            .AddSingleton<AuthenticationWatch>()
            .AddSingleton(Registry)
            .AddSingleton(limits)
            .AddSingleton<IDrainState>(this)
            .AddSingleton(new OriginPolicy(origins))
            .AddSingleton(time)
            .AddBosh(options);
        _app = builder.Build();
        _app.Use(next => context =>
        {
            LastInput = context.Features.Get<WatchedInput>();

            // A small request is read at once and with its session when this returns.
            var task = next(context);
            Interlocked.Increment(ref _taken);
            return task;
        });
        _app.UseBosh();
        _app.Run(context => context.Response.WriteAsync("elsewhere"));
    }

    public FakeBackendConnector Connector { get; } = new();

    public SessionRegistry Registry { get; } = new();

    /// <summary>Requests that are held now, as the metric tells.</summary>
    public long HeldRequests
    {
        get
        {
            _listener.RecordObservableInstruments();
            return Interlocked.Read(ref _held);
        }
    }

    /// <summary>Requests that have come so far.</summary>
    public int Taken => Volatile.Read(ref _taken);

    /// <summary>Input of the connection over which the latest request came.</summary>
    public WatchedInput? LastInput { get; private set; }

    public bool IsDraining { get; set; }

    /// <summary>To be called without the server.</summary>
    public BoshEndpoint Endpoint => _app.Services.GetRequiredService<BoshEndpoint>();

    public AuthenticationWatch Watch => _app.Services.GetRequiredService<AuthenticationWatch>();

    public HttpClient Http { get; } = new();

    public Uri Url { get; private set; } = null!;

    /// <summary>The same over TLS; only with a certificate.</summary>
    public Uri SecureUrl { get; private set; } = null!;

    /// <summary>Starts it; what is not given is as by default.</summary>
    public static async Task<BoshServer> StartAsync(
        string[]? origins = null, BoshOptions? options = null, TimeProvider? time = null, X509Certificate2? certificate = null, SessionLimits? limits = null, BoshOptions? ofDomain = null)
    {
        var server = new BoshServer(origins ?? ["*"], options ?? new BoshOptions(), time ?? TimeProvider.System, certificate, limits ?? new SessionLimits(), ofDomain);
        await server._app.StartAsync();
        server.Url = Find("http:");
        server.SecureUrl = certificate is null ? null! : Find("https:");
        return server;

        Uri Find(string scheme) => new(server._app.Urls.Single(u => u.StartsWith(scheme, StringComparison.Ordinal)) + "/http-bind");
    }

    public static string Request(string sid, long rid, string payload = "", string attributes = "") => $"<body rid='{rid}' sid='{sid}' {attributes} {Ns}>{payload}</body>";

    public static string SidOf(string body) => SidPattern().Match(body).Groups[1].Value;

    public async Task<string> CreateAsync() => SidOf((await PostAsync(Creation)).Body);

    /// <summary>A session that is logged in; the last rid is 102.</summary>
    public async Task<(string Sid, FakeXmppStream Backend)> LogInAsync()
    {
        var backend = Connector.Give();
        var sid = await CreateAsync();
        var auth = PostAsync(Request(sid, 101, "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"));
        await backend.ExpectAsync("<auth");
        backend.Receive("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
        (await auth).Body.ShouldContain("success");
        var restart = PostAsync(Request(sid, 102, attributes: "xmpp:restart='true' xmlns:xmpp='urn:xmpp:xbosh'"));
        await backend.ExpectAsync("<stream:stream");
        backend.ReceiveHeader();
        (await restart).Body.ShouldContain("<stream:features>");
        return (sid, backend);
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

    [GeneratedRegex(" sid='([^']+)'")]
    private static partial Regex SidPattern();
}
