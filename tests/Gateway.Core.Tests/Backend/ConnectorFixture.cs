using Gateway.Core.Backend;
using Gateway.Core.Backend.Dns;
using Gateway.Core.Backend.Pools;
using Gateway.Core.Policies;
using Gateway.Core.Sessions;
using Gateway.Core.Telemetry;
using Gateway.TestKit;
using Microsoft.Extensions.Logging;

namespace Gateway.Core.Tests.Backend;

/// <summary>A connector with one backend "b" that trusts the test's own authority, on a manual clock.</summary>
public sealed class ConnectorFixture : IDisposable
{
    public static readonly BackendRequest Request = new("b", "example.org", "alice@example.org", "en", ClientConnection.Unknown);

    private readonly TestMeterFactory _meters = new();

    public ManualTimeProvider Time { get; } = new();

    public TestCertificates Certificates { get; } = new();

    public RecordingLogger Logger { get; } = new();

    public DnsOptions Dns { get; } = new();

    /// <summary>The least number, always.</summary>
    public RandomDraw Draw { get; set; } = _ => 0;

    public BackendTable Table(BackendOptions options, params string[] domains) => new(
        new Dictionary<string, BackendOptions> { ["b"] = options },
        [.. (domains.Length > 0 ? domains : ["example.org"]).Select(d => new ServedDomain(d, "b"))],
        new DnsSrvResolver(Dns, Time, Draw),
        Draw,
        Time,
        Logger);

    public StreamOpener Opener() => new(new DnsSrvResolver(Dns, Time, Draw), Dns, Time);

    public BackendConnector Connector(BackendOptions options) => Connector(Table(options));

    public BackendConnector Connector(BackendTable table) => new(table, Opener(), new GatewayMetrics(_meters, new SessionRegistry()), Time, Draw, Logger);

    public BackendMonitor Monitor(BackendTable table) => new(table, Opener(), Draw, Time, Logger);

    public BackendOptions Options(params string[] addresses) => new()
    {
        Servers = [.. addresses.Select((a, i) => new BackendServerOptions { Address = a, Priority = (ushort)i })],
        Tls = { TrustedRoots = Certificates.RootsFile },
        ConnectTimeout = TimeSpan.FromSeconds(5),
        StepTimeout = TimeSpan.FromSeconds(7),
        SetupTimeout = TimeSpan.FromSeconds(20),
    };

    public Task<IXmppStream> ConnectAsync(BackendOptions options) =>
        Connector(options).ConnectAsync(Request, TestContext.Current.CancellationToken).WithinAsync();

    public async Task<BackendConnectException> FailAsync(BackendOptions options) =>
        await Should.ThrowAsync<BackendConnectException>(() => ConnectAsync(options));

    /// <summary>Servers without TLS, which nobody checks.</summary>
    public BackendOptions Plain(params string[] addresses)
    {
        var options = Options(addresses);
        options.Security = BackendSecurity.None;
        options.HealthCheck.Enabled = false; // no check decides on a server's return
        return options;
    }

    /// <summary>What a server does that takes the first bytes, which is when the step that waits for its answer has begun, and says nothing.</summary>
    public static async Task HangAsync(ScriptedPeer peer, TaskCompletionSource isAsked)
    {
        await peer.ReadAnythingAsync();
        isAsked.TrySetResult();
        await peer.HangAsync();
    }

    /// <summary>What a server does that is well.</summary>
    public static async Task AnswerAsync(ScriptedPeer peer)
    {
        await peer.OpenAsync();
        await peer.ExpectEndAsync();
    }

    public static Task<IXmppStream> ConnectAsync(BackendConnector connector, string domain = "example.org") =>
        connector.ConnectAsync(Request with { Domain = domain }, TestContext.Current.CancellationToken).WithinAsync();

    public static Task<BackendConnectException> FailAsync(BackendConnector connector, string domain = "example.org") =>
        Should.ThrowAsync<BackendConnectException>(() => ConnectAsync(connector, domain));

    public void Dispose()
    {
        Certificates.Dispose();
        _meters.Dispose();
    }

    public sealed class RecordingLogger : ILogger<BackendConnector>, ILogger<BackendTable>, ILogger<BackendMonitor>
    {
        private readonly Lock _lock = new();
        private readonly List<(LogLevel Level, string Text)> _lines = [];

        public IReadOnlyList<string> Lines
        {
            get
            {
                lock (_lock)
                {
                    return [.. _lines.Where(l => l.Level >= LogLevel.Information).Select(l => l.Text)];
                }
            }
        }

        public IReadOnlyList<string> Warnings
        {
            get
            {
                lock (_lock)
                {
                    return [.. _lines.Where(l => l.Level >= LogLevel.Warning).Select(l => l.Text)];
                }
            }
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (_lock)
            {
                _lines.Add((logLevel, formatter(state, exception)));
            }
        }
    }
}
