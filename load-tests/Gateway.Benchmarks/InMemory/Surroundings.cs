using System.Diagnostics.Metrics;
using Gateway.Core.Backend;
using Gateway.Core.Bosh;
using Gateway.Core.Policies;
using Gateway.Core.Sessions;
using Gateway.Core.Telemetry;
using Gateway.Core.WebSockets;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Benchmarks.InMemory;

/// <summary>What a session needs around it, with one backend stream in memory and nobody who reads metrics or logs.</summary>
internal sealed class Surroundings : IBackendConnector, IMeterFactory
{
    /// <summary>The one domain that is served.</summary>
    public const string Domain = "example.org";

    private readonly SessionRegistry _registry = new();
    private readonly SessionLimits _limits = new();
    private readonly DomainPolicy _domains = new([new ServedDomain(Domain, "main")]);
    private readonly GatewayMetrics _metrics;
    private readonly AuthenticationWatch _watch;

    /// <summary>Makes them.</summary>
    public Surroundings()
    {
        _metrics = new GatewayMetrics(this, _registry);
        _watch = new AuthenticationWatch(_limits, _metrics, TimeProvider.System, NullLogger<AuthenticationWatch>.Instance);
    }

    /// <summary>The stream that a session gets.</summary>
    public MemoryXmppStream Backend { get; } = new();

    /// <summary>For BOSH sessions; empty requests may follow one another at any pace.</summary>
    public BoshSessionManager CreateManager() =>
        new(this, _domains, _metrics, _watch, _registry, new BoshOptions { Polling = TimeSpan.Zero }, _limits, TimeProvider.System, NullLogger<BoshSession>.Instance);

    /// <summary>For WebSocket sessions.</summary>
    public WebSocketSessionContext CreateContext() =>
        new(new WebSocketSessionOptions(), _limits, _domains, this, _metrics, _watch, TimeProvider.System, NullLogger<XmppWebSocketSession>.Instance);

    /// <inheritdoc/>
    public Task<IXmppStream> ConnectAsync(BackendRequest request, CancellationToken cancellationToken) => Task.FromResult<IXmppStream>(Backend);

    /// <inheritdoc/>
    public Meter Create(MeterOptions options) => new(options);

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
