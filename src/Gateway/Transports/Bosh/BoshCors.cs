using Microsoft.Extensions.Primitives;

namespace Gateway.Transports.Bosh;

/// <summary>Which pages may talk to the BOSH paths (EDGE-047..051). Nothing here is credentials: the sid is what protects a session.</summary>
internal sealed class BoshCors(OriginPolicy policy)
{
    private static readonly StringValues Any = "*";
    private static readonly StringValues Methods = "POST, OPTIONS";
    private static readonly StringValues Headers = "Content-Type";
    private static readonly StringValues MaxAge = "7200";
    private static readonly StringValues Origin = "Origin";

    /// <summary>Names the origin in the response, whatever its status will be. False: the origin is not allowed.</summary>
    public bool TryApply(HttpContext context)
    {
        var origin = context.Request.Headers.Origin;
        if (origin.Count == 0)
        {
            return true;
        }

        if (!policy.Allows(origin))
        {
            return false;
        }

        if (policy.AllowsAll)
        {
            context.Response.Headers.AccessControlAllowOrigin = Any;
            return true;
        }

        context.Response.Headers.AccessControlAllowOrigin = origin;
        context.Response.Headers.Vary = Origin;
        return true;
    }

    /// <summary>Answers OPTIONS (EDGE-048).</summary>
    public Task AnswerPreflight(HttpContext context)
    {
        var headers = context.Response.Headers;
        if (context.Request.Headers.Origin.Count > 0)
        {
            headers.AccessControlAllowMethods = Methods;
            headers.AccessControlAllowHeaders = Headers;
            headers.AccessControlMaxAge = MaxAge;
        }
        else
        {
            headers.Allow = Methods;
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }
}
