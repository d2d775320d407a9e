using System.Collections.Frozen;
using Microsoft.Extensions.Primitives;

namespace Gateway.Transports.Bosh;

/// <summary>Which pages may talk to the BOSH paths (EDGE-047..051). Nothing here is credentials: the sid is what protects a session.</summary>
internal sealed class BoshCors(string[] allowed)
{
    private static readonly StringValues Any = "*";
    private static readonly StringValues Methods = "POST, OPTIONS";
    private static readonly StringValues Headers = "Content-Type";
    private static readonly StringValues MaxAge = "7200";
    private static readonly StringValues Origin = "Origin";

    private readonly FrozenSet<string> _allowed = allowed.ToFrozenSet(StringComparer.Ordinal);
    private readonly bool _any = allowed.Contains("*", StringComparer.Ordinal);

    /// <summary>Names the origin in the response, whatever its status will be. False: the origin is not allowed.</summary>
    public bool TryApply(HttpContext context)
    {
        var origin = context.Request.Headers.Origin;
        if (origin.Count == 0)
        {
            return true;
        }

        // EDGE-047: null is an origin only if it is listed.
        if (_any && origin != "null")
        {
            context.Response.Headers.AccessControlAllowOrigin = Any;
            return true;
        }

        if (!_allowed.Contains(origin.ToString()))
        {
            return false;
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
