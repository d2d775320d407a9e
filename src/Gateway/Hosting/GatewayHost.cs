using Gateway.Configuration;
using Gateway.Core.Backend.Pools;
using Gateway.Core.Sessions;
using Gateway.Core.Telemetry;
using Gateway.Management;

namespace Gateway.Hosting;

/// <summary>A gateway that is built: the application, and what lives as long as it.</summary>
internal sealed partial class GatewayHost : IAsyncDisposable
{
    private readonly GatewayOptions _options;
    private readonly DemoMode? _demo;

    /// <summary>Takes the parts, and makes at once what would otherwise fail, or begin to count, only at the first request.</summary>
    public GatewayHost(WebApplication app, GatewayOptions options, DemoMode? demo)
    {
        App = app;
        _options = options;
        _demo = demo;

        // The listener of the instruments comes before the instruments.
        app.Services.GetRequiredService<MetricsEndpoint>();
        var metrics = app.Services.GetRequiredService<GatewayMetrics>();
        metrics.Observe(app.Services.GetRequiredService<IDrainState>());
        foreach (var domain in options.Domains)
        {
            metrics.DomainServed(domain.Name);
        }

        metrics.Observe(app.Services.GetRequiredService<BackendTable>());
    }

    /// <summary>The application.</summary>
    public WebApplication App { get; }

    /// <summary>Where it listens.</summary>
    public BoundListeners Listeners => App.Services.GetRequiredService<BoundListeners>();

    /// <summary>Tells an operator what is running and where.</summary>
    public void Announce(TextWriter output)
    {
        var version = typeof(GatewayHost).Assembly.GetName().Version?.ToString(3);
        Log.Started(App.Logger, version, string.Join(", ", Listeners.Public), Listeners.Management, _options.Domains.Count);
        MechanismRemovals.Tell(App.Logger, _options.Domains, []);

        if (_demo is not null)
        {
            DemoBanner.Write(output, _options, Listeners);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        if (_demo is not null)
        {
            await _demo.DisposeAsync();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(8101, LogLevel.Information, "Gateway {Version} started: clients at {Public}, management at {Management}, {Domains} domains", EventName = "GatewayStarted")]
        public static partial void Started(ILogger logger, string? version, string @public, string management, int domains);
    }
}
