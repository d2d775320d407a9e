using Gateway.Configuration;
using Gateway.Core.Backend;
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
        app.Services.GetRequiredService<GatewayMetrics>().Observe(app.Services.GetRequiredService<IDrainState>());
        app.Services.GetRequiredService<IBackendConnector>();
        demo?.DeleteRootFile();
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
        foreach (var domain in _options.Domains)
        {
            foreach (var removal in domain.Security.Removals)
            {
                Log.MechanismsRemoved(App.Logger, domain.Name, removal);
            }
        }

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
        [LoggerMessage(8102, LogLevel.Warning,
            "Domain {Domain}: login mechanisms are taken out of its backend's offers: {Removal}. Disable them on the backend instead: clients that check the offers against tampering (XEP-0474) fail to log in",
            EventName = "MechanismsRemoved")]
        public static partial void MechanismsRemoved(ILogger logger, string domain, string removal);

        [LoggerMessage(8101, LogLevel.Information, "Gateway {Version} started: clients at {Public}, management at {Management}, {Domains} domains", EventName = "GatewayStarted")]
        public static partial void Started(ILogger logger, string? version, string @public, string management, int domains);
    }
}
