using System.Security.Cryptography;
using Gateway.Configuration;
using Gateway.Core.Backend;
using Gateway.Core.Backend.Dns;
using Gateway.Core.Backend.Pools;
using Gateway.Core.Policies;
using Gateway.Core.Sessions;
using Gateway.Core.Telemetry;
using Gateway.Demo;
using Gateway.Management;
using Gateway.Transports;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Gateway.Hosting;

/// <summary>The rooms that every transport shares.</summary>
internal static class ServiceRegistration
{
    // What is left of a stop after the drain: Kestrel's own connections.
    private static readonly TimeSpan AfterDrain = TimeSpan.FromSeconds(15);

    /// <summary>Sessions, backends, policies, clock, metrics, drain.</summary>
    public static void AddCore(this IServiceCollection services, GatewayOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton(options.Limits);
        services.AddSingleton(options.Drain);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<SessionRegistry>();
        services.AddSingleton<GatewayMetrics>();
        services.AddSingleton<AuthenticationWatch>();
        services.AddSingleton(new DomainPolicy(options.Domains));
        services.AddSingleton(new OriginPolicy(options.Security.AllowedOrigins));
        services.AddSingleton(options.Dns);
        services.AddSingleton(new RandomDraw(static max => RandomNumberGenerator.GetInt32(max + 1)));
        services.AddSingleton<ISrvResolver, DnsSrvResolver>();
        services.AddSingleton(provider => new BackendTable(
            options.Backends,
            options.Domains,
            provider.GetRequiredService<ISrvResolver>(),
            provider.GetRequiredService<RandomDraw>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<BackendTable>>()));
        services.AddSingleton<StreamOpener>();
        services.AddSingleton<IBackendConnector, BackendConnector>();
        services.AddSingleton<BackendMonitor>();
        services.AddHostedService<BackendChecks>();
        services.AddSingleton<DrainService>();
        services.AddSingleton<IDrainState>(provider => provider.GetRequiredService<DrainService>());
        services.AddHostedService(provider => provider.GetRequiredService<DrainService>());
        services.AddHsts(hsts => hsts.MaxAge = TimeSpan.FromDays(options.Security.HstsDays));
        services.Configure<HostOptions>(host => host.ShutdownTimeout = options.Drain.Delay + options.Drain.Period + AfterDrain);
    }

    /// <summary>Changes of the configuration while running.</summary>
    /// <param name="services">The services.</param>
    /// <param name="complete">Adds what is not configured.</param>
    public static void AddReload(this IServiceCollection services, Func<GatewayOptions, GatewayOptions> complete)
    {
        services.AddSingleton(complete);
        services.AddSingleton<ConfigurationReload>();
        services.AddHostedService(provider => provider.GetRequiredService<ConfigurationReload>());
    }

    /// <summary>Health and metrics.</summary>
    public static void AddManagement(this IServiceCollection services)
    {
        services.AddSingleton<Health>();
        services.AddSingleton<MetricsEndpoint>();
        services.AddSingleton<BackendsApi>();
    }

    /// <summary>The web client, in demo mode only.</summary>
    public static void UseDemo(this IApplicationBuilder app, GatewayOptions options)
    {
        if (options.Demo.Enabled)
        {
            app.UseDemoPage();
        }
    }

    /// <summary>The end of the public pipeline: nothing else is here.</summary>
    public static void UseNotFound(this IApplicationBuilder app) =>
        app.Run(http =>
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
}
