using System.Net;
using System.Text;
using Gateway.Commands;
using Gateway.Configuration;
using Gateway.Core.Sessions;
using Gateway.Hosting;
using Gateway.TestKit;

namespace Gateway.Fuzz.Live;

/// <summary>A whole gateway in this process, on free loopback ports, whose time stands still but between batches; and its backend.</summary>
internal sealed class FuzzedGateway : IAsyncDisposable
{
    // The looks at the configuration's files and at the backends.
    private const int TimersAtRest = 2;

    private readonly ManualTimeProvider _time;
    private readonly GatewayHost _host;
    private readonly LogWatch _log;
    private readonly HttpClient _http = new() { Timeout = TestTimeout.Default };
    private readonly SessionRegistry _registry;

    private FuzzedGateway(GatewayHost host, ManualTimeProvider time, LogWatch log, FuzzBackend backend)
    {
        _host = host;
        _time = time;
        _log = log;
        Backend = backend;
        _registry = host.App.Services.GetRequiredService<SessionRegistry>();
        Public = new Uri(host.Listeners.Public.Single());
    }

    /// <summary>What answers behind it.</summary>
    public FuzzBackend Backend { get; }

    /// <summary>Where clients connect.</summary>
    public Uri Public { get; }

    /// <summary>Starts one.</summary>
    public static async Task<FuzzedGateway> StartAsync()
    {
        var backend = new FuzzBackend();
        string[] settings =
        [
            "--Kestrel:Endpoints:Http:Url=http://127.0.0.1:0",
            "--Gateway:Management:Url=http://127.0.0.1:0",
            "--Gateway:Domains:example.org:Backend=plain",
            "--Gateway:Domains:*.plain.example:Backend=plain",
            "--Gateway:Domains:*.tls.example:Backend=tls",
            $"--Gateway:Backends:plain:Servers:0:Address=127.0.0.1:{backend.Port}",
            "--Gateway:Backends:plain:Security=None",
            $"--Gateway:Backends:tls:Servers:0:Address=127.0.0.1:{backend.Port}",
            // What a hostile server does is its own business here: it is not left alone for it, and nobody looks in on it.
            .. new[] { "plain", "tls" }.SelectMany(name => (string[])
            [
                $"--Gateway:Backends:{name}:HealthCheck:Enabled=false",
                $"--Gateway:Backends:{name}:CircuitBreaker:FailureRatio=1",
                $"--Gateway:Backends:{name}:CircuitBreaker:MinimumThroughput=10000",
            ]),
            "--Gateway:Drain:Delay=00:00:00",
            "--Gateway:Drain:Period=00:00:00",
        ];
        var builder = Program.CreateBuilder(new Invocation([], settings), "Production");
        var log = new LogWatch();
        builder.Logging.ClearProviders().AddProvider(log);
        var time = new ManualTimeProvider(DateTimeOffset.UtcNow);
        builder.Services.AddSingleton<TimeProvider>(time);
        var host = await Program.BuildAsync(builder, GatewayOptions.Bind(builder.Configuration));
        await host.App.StartAsync().WithinAsync();
        return new FuzzedGateway(host, time, log, backend);
    }

    /// <summary>A new session, its features fetched; returns its sid. The rid of its next request is 4000000001.</summary>
    public async Task<string> CreateSessionAsync(string domain = "example.org")
    {
        var answer = await PostAsync(
            $"<body rid='4000000000' to='{domain}' ver='1.6' wait='50' hold='1' xml:lang='en' xmpp:version='1.0' xmlns='http://jabber.org/protocol/httpbind' xmlns:xmpp='urn:xmpp:xbosh'/>",
            CancellationToken.None);
        answer.ShouldContain("stream:features");
        var start = answer.IndexOf("sid='", StringComparison.Ordinal) + 5;
        return answer[start..answer.IndexOf('\'', start)];
    }

    /// <summary>Sends a BOSH request.</summary>
    public async Task<string> PostAsync(string body, CancellationToken cancellationToken)
    {
        using var content = new StringContent(body, Encoding.UTF8, "text/xml");
        using var response = await _http.PostAsync(new Uri(Public, "/http-bind"), content, cancellationToken).WithinAsync();
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        return await response.Content.ReadAsStringAsync(cancellationToken);
    }

    /// <summary>It still answers, a session still opens and ends, and nothing is left of all others: no session, timer, backend connection or logged error.</summary>
    public async Task SettleAsync()
    {
        var sid = await CreateSessionAsync();
        (await PostAsync($"<body rid='4000000001' sid='{sid}' type='terminate' xmlns='http://jabber.org/protocol/httpbind'/>", CancellationToken.None)).ShouldContain("terminate");
        foreach (var probe in new[] { "/health/live", "/health/ready" })
        {
            (await _http.GetStringAsync(new Uri(new Uri(_host.Listeners.Management), probe)).WithinAsync()).ShouldNotBeNull();
        }

        for (var i = 0; i < 200 && (_registry.Count > 0 || _time.ArmedTimers > TimersAtRest || Backend.OpenConnections > 0); i++)
        {
            _time.Advance(TimeSpan.FromSeconds(10));
            await Task.Delay(i < 100 ? 5 : 100);
        }

        (_registry.Count, Backend.OpenConnections, Math.Max(0, _time.ArmedTimers - TimersAtRest)).ShouldBe((0, 0, 0), "sessions, backend connections, timers");
        _log.Check();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _host.App.StopAsync().WithinAsync();
        await _host.DisposeAsync();
        await Backend.DisposeAsync();
    }
}
