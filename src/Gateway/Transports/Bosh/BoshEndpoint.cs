using System.Diagnostics;
using Gateway.Core.Bosh;
using Gateway.Core.Sessions;
using Gateway.Core.Telemetry;
using Microsoft.Extensions.Primitives;

namespace Gateway.Transports.Bosh;

/// <summary>
/// BOSH over HTTP: a body becomes an event of a session, the session's answer becomes a response. Everything else is in the
/// session. A terminal branch before routing, because each request costs.
/// </summary>
public sealed partial class BoshEndpoint
{
    private static readonly StringValues NoStore = "no-store";
    private static readonly StringValues AllowedMethods = "POST, OPTIONS";

    private static readonly Action<object?> ReportAborted = static waiting =>
    {
        var (session, exchange) = ((BoshSession, HeldRequest))waiting!;
        session.Abort(exchange);
    };

    private static readonly Action<object> ReportNextWaits = static waiting =>
    {
        var (session, exchange) = ((BoshSession, HeldRequest))waiting;
        session.ReportNextWaits(exchange);
    };

    private readonly BoshSessionManager _sessions;
    private readonly GatewayMetrics _metrics;
    private readonly IDrainState _drain;
    private readonly BoshCors _cors;
    private readonly UnknownSidLimit _unknownSids;

    /// <summary>Takes what requests need.</summary>
    public BoshEndpoint(BoshSessionManager sessions, GatewayMetrics metrics, IDrainState drain, OriginPolicy origins, TimeProvider time)
    {
        _sessions = sessions;
        _metrics = metrics;
        _drain = drain;
        _cors = new BoshCors(origins);
        _unknownSids = new UnknownSidLimit(sessions.Limits.UnknownSidsPerMinutePerAddress, time);
    }

    /// <summary>Handles a request on a BOSH path.</summary>
    public Task InvokeAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var headers = context.Response.Headers;
        headers.CacheControl = NoStore;
        if (!_cors.TryApply(context))
        {
            return BoshAnswer.RefuseAsync(context, StatusCodes.Status403Forbidden);
        }

        if (HttpMethods.IsPost(context.Request.Method))
        {
            return PostAsync(context);
        }

        if (HttpMethods.IsOptions(context.Request.Method))
        {
            return _cors.AnswerPreflight(context);
        }

        var isRead = HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method);
        if (isRead && context.Request.QueryString.HasValue)
        {
            return BoshAnswer.RefuseAsync(context, StatusCodes.Status404NotFound); // BOSH-017
        }

        headers.Allow = AllowedMethods; // BOSH-016
        return isRead ? BoshAnswer.ExplainAsync(context) : BoshAnswer.RefuseAsync(context, StatusCodes.Status405MethodNotAllowed);
    }

    private async Task PostAsync(HttpContext context)
    {
        var started = Stopwatch.GetTimestamp();
        var accepted = await ReceiveAsync(context);
        if (accepted.Exchange is not { } exchange)
        {
            await (accepted.Status == StatusCodes.Status200OK
                ? BoshAnswer.WriteAsync(context, accepted.Refusal)
                : BoshAnswer.RefuseAsync(context, accepted.Status));
            return;
        }

        var session = accepted.Session!;
        var held = Stopwatch.GetTimestamp();
        var pending = exchange.Response;
        var input = context.Features.Get<WatchedInput>();
        BoshResponse response;
        if (pending.IsCompletedSuccessfully)
        {
            response = pending.Result;
        }
        else
        {
            object waiting = (session, exchange);
            if (input is null)
            {
                // HTTP/2, mostly: the stream is reset, or the connection is over.
                var registration = context.RequestAborted.UnsafeRegister(ReportAborted, waiting);
                response = await pending;

                // Not disposed: that would wait for a callback that is under way, and here may run inside of one.
                registration.Unregister();
            }
            else
            {
                // RequestAborted would say the same, but costs a token source for each request that asks for it. What waits already is
                // reported before the answer is awaited: who pipelines thousands of requests is served in the server's loop and not in
                // one call inside of another.
                if (input.Watch(ReportNextWaits, ReportAborted, waiting))
                {
                    session.ReportNextWaits(exchange);
                }

                response = await pending;
                input.Unwatch();
            }
        }

        var heldFor = Stopwatch.GetElapsedTime(held);
        if (response.IsAbandoned)
        {
            return;
        }

        // A client that is gone is told of only when its input was looked at, and nobody looks once the answer is there. One that goes
        // after the write may have read it: Kestrel's own token says nothing of it either, once a body is whole.
        var wasClosed = input?.IsTransportClosed == true;
        var isTaken = await (response.MayCompress
            ? BoshAnswer.WriteCompressedAsync(context, response)
            : BoshAnswer.WriteAsync(context, response));
        _metrics.BoshRequestAnswered(Stopwatch.GetElapsedTime(started) - heldFor, heldFor);
        if (wasClosed || !isTaken || (input is null && context.RequestAborted.IsCancellationRequested))
        {
            session.ReportNotWritten(exchange); // BOSH-114
        }
    }
}
