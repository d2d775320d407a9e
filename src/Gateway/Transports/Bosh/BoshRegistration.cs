using Gateway.Core.Backend;
using Gateway.Core.Bosh;
using Gateway.Core.Policies;
using Gateway.Core.Sessions;
using Gateway.Core.Telemetry;

namespace Gateway.Transports.Bosh;

/// <summary>Puts BOSH into the host.</summary>
public static class BoshRegistration
{
    /// <summary>
    /// Adds the room. The host brings <see cref="IBackendConnector"/>, <see cref="DomainPolicy"/>, <see cref="GatewayMetrics"/>,
    /// <see cref="SessionRegistry"/>, <see cref="SessionLimits"/>, <see cref="IDrainState"/>, <see cref="OriginPolicy"/> and <see cref="TimeProvider"/>.
    /// </summary>
    public static IServiceCollection AddBosh(this IServiceCollection services, BoshOptions options) => services
        .AddSingleton(provider => new BoshSessionManager(
            provider.GetRequiredService<IBackendConnector>(),
            provider.GetRequiredService<DomainPolicy>(),
            provider.GetRequiredService<GatewayMetrics>(),
            provider.GetRequiredService<AuthenticationWatch>(),
            provider.GetRequiredService<SessionRegistry>(),
            options,
            provider.GetRequiredService<SessionLimits>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<BoshSession>>()))
        .AddSingleton<BoshEndpoint>();

    /// <summary>Serves the BOSH paths and nothing else; to stand before routing.</summary>
    public static IApplicationBuilder UseBosh(this IApplicationBuilder app)
    {
        var options = app.ApplicationServices.GetRequiredService<BoshSessionManager>().Options;
        var endpoint = app.ApplicationServices.GetRequiredService<BoshEndpoint>();
        var paths = new TransportPaths(options.Enabled ? options.Paths : []);
        return app.Use(next => context =>
        {
            if (paths.Contains(context.Request.Path))
            {
                return endpoint.InvokeAsync(context);
            }

            context.Features.Get<WatchedInput>()?.TellEnd();
            return next(context);
        });
    }
}
