using Gateway.Configuration;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace Gateway.Hosting;

/// <summary>What holds for every public request and response, whatever path it names: what Kestrel leaves open of RFC 9112, and EDGE-053.</summary>
internal static class PublicRules
{
    private static readonly StringValues NoSniff = "nosniff";
    private static readonly StringValues Close = "close";
    private static readonly StringValues Methods = "GET, HEAD, POST, OPTIONS";

    /// <summary>Sets the fields of all responses and refuses what no path takes.</summary>
    public static IApplicationBuilder UsePublicRules(this IApplicationBuilder app, GatewayOptions options)
    {
        if (options.Security.HstsDays > 0)
        {
            app.UseHsts();
        }

        return app.Use(next => http =>
        {
            http.Response.Headers.XContentTypeOptions = NoSniff;
            if (http.Request.Headers.TransferEncoding is { Count: > 0 } coding && WhatIsWrong(http.Request, coding) is { } status)
            {
                http.Response.StatusCode = status;
                http.Response.Headers.Connection = Close; // nobody knows where the body ends
                return Task.CompletedTask;
            }

            if (IsForProxies(http))
            {
                http.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
                http.Response.Headers.Allow = Methods;
                return Task.CompletedTask;
            }

            return next(http);
        });
    }

    /// <summary>EDGE-056. Kestrel has seen to it that the last coding is chunked.</summary>
    private static int? WhatIsWrong(HttpRequest request, StringValues coding) =>
        HttpProtocol.IsHttp10(request.Protocol) ? StatusCodes.Status400BadRequest
        : coding is [{ } only] && only.AsSpan().Trim().Equals("chunked", StringComparison.OrdinalIgnoreCase) ? null
        : StatusCodes.Status501NotImplemented;

    /// <summary>EDGE-061: TRACE, and CONNECT but for WebSocket over HTTP/2 (WS-012).</summary>
    private static bool IsForProxies(HttpContext http) =>
        HttpMethods.IsTrace(http.Request.Method)
        || (HttpMethods.IsConnect(http.Request.Method) && http.Features.Get<IHttpExtendedConnectFeature>() is not { IsExtendedConnect: true });
}
