using System.Buffers;
using System.Diagnostics;
using Gateway.Core.Bosh;
using Gateway.Core.Sessions;
using Gateway.Core.Telemetry;
using Gateway.Xmpp.Bosh;
using Gateway.Xmpp.Buffers;
using Microsoft.Extensions.Primitives;

namespace Gateway.Transports.Bosh;

/// <summary>
/// BOSH over HTTP: a body becomes an event of a session, the session's answer becomes a response. Everything else is in the
/// session. A terminal branch before routing, because each request costs.
/// </summary>
public sealed class BoshEndpoint
{
    private static readonly StringValues NoStore = "no-store";
    private static readonly StringValues NoSniff = "nosniff";
    private static readonly StringValues AllowedMethods = "POST, OPTIONS";
    private static readonly StringValues RetrySoon = "1";
    private static readonly StringValues RetryLater = "30";

    [ThreadStatic]
    private static Workspace? _workspace;

    private readonly BoshSessionManager _sessions;
    private readonly GatewayMetrics _metrics;
    private readonly IDrainState _drain;
    private readonly BoshCors _cors;

    /// <summary>Takes what requests need.</summary>
    public BoshEndpoint(BoshSessionManager sessions, GatewayMetrics metrics, IDrainState drain, OriginPolicy origins)
    {
        _sessions = sessions;
        _metrics = metrics;
        _drain = drain;
        _cors = new BoshCors(origins);
    }

    /// <summary>Handles a request on a BOSH path.</summary>
    public Task InvokeAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = NoSniff;
        headers.CacheControl = NoStore;
        if (!_cors.TryApply(context))
        {
            return Refuse(context, StatusCodes.Status403Forbidden);
        }

        if (HttpMethods.IsPost(context.Request.Method))
        {
            return PostAsync(context);
        }

        if (HttpMethods.IsOptions(context.Request.Method))
        {
            return _cors.AnswerPreflight(context);
        }

        if (HttpMethods.IsGet(context.Request.Method) && context.Request.QueryString.HasValue)
        {
            return Refuse(context, StatusCodes.Status404NotFound); // BOSH-017
        }

        headers.Allow = AllowedMethods;
        return Refuse(context, StatusCodes.Status405MethodNotAllowed);
    }

    private async Task PostAsync(HttpContext context)
    {
        var started = Stopwatch.GetTimestamp();
        var accepted = await ReceiveAsync(context);
        if (accepted.Exchange is not { } exchange)
        {
            await (accepted.Status == StatusCodes.Status200OK ? WriteAsync(context, accepted.Refusal) : Refuse(context, accepted.Status));
            return;
        }

        var held = Stopwatch.GetTimestamp();
        var pending = exchange.Response;
        BoshResponse response;
        if (pending.IsCompletedSuccessfully)
        {
            response = pending.Result;
        }
        else
        {
            var session = accepted.Session!;
            var registration = context.RequestAborted.UnsafeRegister(
                static state =>
                {
                    var (session, exchange) = ((BoshSession, HeldRequest))state!;
                    session.Abort(exchange);
                },
                (session, exchange));
            response = await pending;

            // Not disposed: that would wait for a callback that is under way, and here may run inside of one.
            registration.Unregister();
        }

        var heldFor = Stopwatch.GetElapsedTime(held);
        if (response.IsAbandoned)
        {
            return;
        }

        await WriteAsync(context, response);
        _metrics.BoshRequestAnswered(Stopwatch.GetElapsedTime(started) - heldFor, heldFor);
        if (context.RequestAborted.IsCancellationRequested)
        {
            accepted.Session!.ReportNotWritten(exchange.Rid);
        }
    }

    /// <summary>Reads the body, within the bounds of its session, and hands it over.</summary>
    private async ValueTask<BoshAdmission> ReceiveAsync(HttpContext context)
    {
        // BOSH-012. COMPAT: libpurple 2.14 puts a media type here, which is no coding.
        if (context.Request.Headers.ContentEncoding is [{ Length: > 0 } coding] && !coding.Contains('/', StringComparison.Ordinal)
            && !coding.Equals("identity", StringComparison.OrdinalIgnoreCase))
        {
            return BoshAdmission.Refused(TerminalCondition.BadRequest);
        }

        var most = _sessions.Limits.For(authenticated: true).MaxBytes + BoshOptions.WrapperBytes;
        var mostBeforeAuth = _sessions.Limits.For(authenticated: false).MaxBytes + BoshOptions.WrapperBytes;
        if (context.Request.ContentLength > most)
        {
            return BoshAdmission.WithStatus(StatusCodes.Status413PayloadTooLarge);
        }

        try
        {
            return await ReadAsync(context, most, mostBeforeAuth);
        }
        catch (BadHttpRequestException e)
        {
            // The server's own bounds; answered here so that the response keeps its CORS fields (EDGE-049).
            return BoshAdmission.WithStatus(e.StatusCode);
        }
        catch (IOException)
        {
            // The connection is lost; RequestAborted may say so only later. The server must not look for the rest of the body.
            context.Abort();
            return BoshAdmission.WithStatus(StatusCodes.Status400BadRequest); // nobody is there to read it
        }
    }

    private async ValueTask<BoshAdmission> ReadAsync(HttpContext context, int most, int mostBeforeAuth)
    {
        var reader = context.Request.BodyReader;
        var isEntitled = false;
        while (true)
        {
            var result = await reader.ReadAsync();
            var buffer = result.Buffer;
            if (buffer.Length > most || (buffer.Length > mostBeforeAuth && !isEntitled && !(isEntitled = NamesAuthenticated(buffer))))
            {
                // BOSH-123; EDGE-035: judged before more is buffered.
                reader.AdvanceTo(buffer.End);
                return BoshAdmission.WithStatus(StatusCodes.Status413PayloadTooLarge);
            }

            if (!result.IsCompleted)
            {
                reader.AdvanceTo(buffer.Start, buffer.End);
                continue;
            }

            var accepted = Accept(context, buffer);
            reader.AdvanceTo(buffer.End);
            return accepted;
        }
    }

    private BoshAdmission Accept(HttpContext context, ReadOnlySequence<byte> buffer)
    {
        if (buffer.IsSingleSegment)
        {
            return Accept(context, buffer.FirstSpan);
        }

        var length = (int)buffer.Length;
        var rented = ArrayPool<byte>.Shared.Rent(length);
        buffer.CopyTo(rented);
        var accepted = Accept(context, rented.AsSpan(0, length));
        ArrayPool<byte>.Shared.Return(rented);
        return accepted;
    }

    /// <summary>Order of checks: bosh.md section 14.</summary>
    private BoshAdmission Accept(HttpContext context, ReadOnlySpan<byte> document)
    {
        var (parser, output, payloads) = _workspace ??= new Workspace(new BoshBodyParser(), new PooledByteWriter(), []);
        var limits = _sessions.Limits.For(authenticated: false);
        if (!parser.TryReadTag(document, limits, out var body))
        {
            return BoshAdmission.Refused(TerminalCondition.BadRequest); // BOSH-103
        }

        var session = body.Sid is null ? null : _sessions.Find(body.Sid);
        if (session is null && body.Sid is not null)
        {
            return BoshAdmission.Refused(TerminalCondition.ItemNotFound); // BOSH-095
        }

        limits = session?.ClientLimits ?? limits;
        if (document.Length > limits.MaxBytes + BoshOptions.WrapperBytes)
        {
            return BoshAdmission.WithStatus(StatusCodes.Status413PayloadTooLarge);
        }

        try
        {
            if (!parser.ReadPayloads(document, limits, output, payloads))
            {
                if (session is null)
                {
                    return BoshAdmission.Refused(TerminalCondition.BadRequest);
                }

                var broken = new HeldRequest(new BoshRequest(body, default, []));
                session.ReceiveMalformed(broken, BoshAdmission.ToReason(parser.Error));
                return new BoshAdmission(broken, session, StatusCodes.Status200OK, default);
            }

            var exchange = new HeldRequest(new BoshRequest(body, output.WrittenSpan.ToArray(), payloads.Count == 0 ? [] : payloads.ToArray()));
            if (session is not null)
            {
                session.Receive(exchange);
                return new BoshAdmission(exchange, session, StatusCodes.Status200OK, default);
            }

            return Create(context, exchange);
        }
        finally
        {
            output.Clear();
            payloads.Clear();
        }
    }

    private BoshAdmission Create(HttpContext context, HeldRequest exchange)
    {
        if (_drain.IsDraining || _sessions.IsFull)
        {
            // BOSH-099, EDGE-031: a status that clients and proxies repeat by themselves.
            _metrics.SessionRejected(_drain.IsDraining ? SessionEndReason.SystemShutdown : SessionEndReason.ResourceConstraint);
            context.Response.Headers.RetryAfter = _drain.IsDraining ? RetrySoon : RetryLater;
            return BoshAdmission.WithStatus(StatusCodes.Status503ServiceUnavailable);
        }

        var connection = context.Connection;
        return _sessions.TryCreate(exchange, connection.RemoteEndPoint(), connection.LocalEndPoint(), out var session, out var refusal)
            ? new BoshAdmission(exchange, session, StatusCodes.Status200OK, default)
            : new BoshAdmission(null, null, refusal.Status, refusal);
    }

    /// <summary>More than an unauthenticated client may send: the start tag must name a session that may.</summary>
    private bool NamesAuthenticated(ReadOnlySequence<byte> buffer)
    {
        var head = buffer.Slice(0, Math.Min(buffer.Length, BoshOptions.WrapperBytes)).ToArray();
        var (parser, _, _) = _workspace ??= new Workspace(new BoshBodyParser(), new PooledByteWriter(), []);
        return parser.TryReadTag(head, _sessions.Limits.For(authenticated: false), out var body)
            && body.Sid is not null
            && _sessions.Find(body.Sid) is { } session
            && session.ClientLimits.MaxBytes + BoshOptions.WrapperBytes >= buffer.Length;
    }

    private static Task Refuse(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        context.Response.ContentLength = 0;
        return Task.CompletedTask;
    }

    private static async Task WriteAsync(HttpContext context, BoshResponse response)
    {
        var http = context.Response;
        http.StatusCode = response.Status;
        http.ContentType = response.ContentType;
        http.ContentLength = response.Body.Length; // BOSH-008
        if (!response.Body.IsEmpty)
        {
            await http.BodyWriter.WriteAsync(response.Body);
        }
    }

    private sealed record Workspace(BoshBodyParser Parser, PooledByteWriter Output, List<BoshPayload> Payloads);
}
