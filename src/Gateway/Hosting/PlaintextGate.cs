using Gateway.Configuration;
using Gateway.Transports;
using Gateway.Transports.Bosh;

namespace Gateway.Hosting;

/// <summary>Plain HTTP that anybody may reach takes no XMPP data (EDGE-054).</summary>
internal static class PlaintextGate
{
    /// <summary>403 for the XMPP paths and 404 for all else, on listeners that do not serve XMPP.</summary>
    public static IApplicationBuilder UsePlaintextGate(this IApplicationBuilder app, GatewayOptions options)
    {
        var paths = new TransportPaths(options.XmppPaths);
        var cors = new BoshCors(app.ApplicationServices.GetRequiredService<OriginPolicy>());
        return app.Use((http, next) =>
        {
            if (Listener.Of(http).ServesXmpp)
            {
                return next(http);
            }

            if (paths.Contains(http.Request.Path))
            {
                cors.TryApply(http); // EDGE-049: a page is told why
                http.Response.StatusCode = StatusCodes.Status403Forbidden;
            }
            else
            {
                http.Response.StatusCode = StatusCodes.Status404NotFound;
            }

            return Task.CompletedTask;
        });
    }
}
