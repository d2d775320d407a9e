using Gateway.Core.WebSockets;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Gateway.Transports.WebSockets;

/// <summary>Puts XMPP over WebSocket into the host.</summary>
public static class WebSocketRegistration
{
    /// <summary>Registers what its sessions share.</summary>
    public static IServiceCollection AddXmppWebSocket(this IServiceCollection services, WebSocketSessionOptions options)
    {
        services.AddSingleton(options);
        services.TryAddSingleton<WebSocketSessionContext>();
        services.TryAddSingleton<XmppWebSocketEndpoint>();
        return services;
    }

    /// <summary>A terminal branch for the configured paths, before any routing.</summary>
    public static IApplicationBuilder UseXmppWebSocket(this IApplicationBuilder app)
    {
        var options = app.ApplicationServices.GetRequiredService<WebSocketSessionOptions>();
        if (!options.Enabled)
        {
            return app;
        }

        var paths = new TransportPaths(options.Paths);
        var endpoint = app.ApplicationServices.GetRequiredService<XmppWebSocketEndpoint>();
        return app.MapWhen(http => paths.Contains(http.Request.Path), branch =>
        {
            branch.Use((http, next) =>
            {
                TransportTap.Into(http);
                return next(http);
            });
            branch.UseWebSockets();
            branch.Run(endpoint.HandleAsync);
        });
    }
}
