using Gateway.Core.Backend;
using Gateway.Core.Backend.Dns;
using Gateway.Core.Sessions;
using Gateway.Core.Telemetry;
using Gateway.TestKit;
using Microsoft.Extensions.Logging;

namespace Gateway.Core.Tests.Backend;

/// <summary>A connector with one backend "b" that trusts the test's own authority, on a manual clock.</summary>
public sealed class ConnectorFixture : IDisposable
{
    public static readonly BackendRequest Request = new("b", "example.org", "alice@example.org", "en", null, null);

    private readonly TestMeterFactory _meters = new();

    public ManualTimeProvider Time { get; } = new();

    public TestCertificates Certificates { get; } = new();

    public RecordingLogger Logger { get; } = new();

    public DnsOptions Dns { get; } = new();

    /// <summary>The least number, always.</summary>
    public RandomDraw Draw { get; set; } = _ => 0;

    public BackendConnector Connector(BackendOptions options) => new(
        new Dictionary<string, BackendOptions> { ["b"] = options },
        Dns,
        new DnsSrvResolver(Dns, Time, Draw),
        new GatewayMetrics(_meters, new SessionRegistry()),
        Time,
        Draw,
        Logger);

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

    public void Dispose()
    {
        Certificates.Dispose();
        _meters.Dispose();
    }

    public sealed class RecordingLogger : ILogger<BackendConnector>
    {
        private readonly Lock _lock = new();
        private readonly List<(LogLevel Level, string Text)> _lines = [];

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
