using Gateway.Configuration;
using Gateway.Transports;

namespace Gateway.Hosting;

/// <summary>Plain HTTP that anybody may reach takes no XMPP data (EDGE-054).</summary>
internal static class PlaintextGate
{
    /// <summary>403 for the XMPP paths and 404 for all else, on listeners that do not serve XMPP.</summary>
    public static IApplicationBuilder UsePlaintextGate(this IApplicationBuilder app, GatewayOptions options)
    {
        var paths = new TransportPaths(options.XmppPaths);
        return app.Use((http, next) =>
        {
            if (Listener.Of(http).ServesXmpp)
            {
                return next(http);
            }

            http.Response.StatusCode = paths.Contains(http.Request.Path) ? StatusCodes.Status403Forbidden : StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
    }
}
