using System.IO.Pipelines;
using Gateway.Core.Bosh;
using Gateway.Core.Sessions;
using Gateway.Xmpp.Bosh;
using Gateway.Xmpp.Buffers;
using Gateway.Xmpp.Framing;
using Microsoft.Extensions.Primitives;

namespace Gateway.Transports.Bosh;

/// <summary>From the bytes of a request to an exchange of its session.</summary>
public sealed partial class BoshEndpoint
{
    private static readonly StringValues RetrySoon = "1";
    private static readonly StringValues RetryLater = "30";
    private static readonly StringValues Close = "close";

    private static readonly Func<object, Task> Abort = static context =>
    {
        ((HttpContext)context).Abort();
        return Task.CompletedTask;
    };

    [ThreadStatic]
    private static Workspace? _workspace;

    /// <summary>Not to be kept over a call to a session.</summary>
    private static Workspace ThreadWorkspace => _workspace ??= new Workspace(new BoshBodyParser(), new PooledByteWriter(), []);

    /// <summary>Reads the body, within the bounds of its session, and hands it over.</summary>
    private async ValueTask<BoshAdmission> ReceiveAsync(HttpContext context)
    {
        if (context.Request.Headers.ContentEncoding is { Count: > 0 } codings && IsEncoded(codings))
        {
            return BoshAdmission.Refused(TerminalCondition.BadRequest); // BOSH-012
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
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The connection is lost; RequestAborted may say so only later. The server must not look for the rest of the body.
            context.Abort();
            return BoshAdmission.WithStatus(StatusCodes.Status400BadRequest); // nobody is there to read it
        }
    }

    /// <summary>COMPAT: libpurple 2.14 puts the media type into Content-Encoding; it has a slash, which no coding has.</summary>
    private static bool IsEncoded(StringValues codings)
    {
        foreach (var codingsOfOneField in codings)
        {
            foreach (var part in codingsOfOneField.AsSpan().Split(','))
            {
                var coding = codingsOfOneField.AsSpan(part).Trim();
                if (!coding.IsEmpty && !coding.Contains('/') && !coding.Equals("identity", StringComparison.OrdinalIgnoreCase))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private async ValueTask<BoshAdmission> ReadAsync(HttpContext context, int most, int mostBeforeAuth)
    {
        var reader = context.Request.BodyReader;
        var result = await ReadPartAsync(context, reader);
        if (result is { IsCompleted: true, Buffer.IsSingleSegment: true } && result.Buffer.Length <= mostBeforeAuth)
        {
            var accepted = Accept(context, result.Buffer.FirstSpan);
            reader.AdvanceTo(result.Buffer.End);
            return accepted;
        }

        // What comes in parts is taken at once: Kestrel forgets the state of a read that is left half-examined when the client goes.
        using var body = new PooledByteWriter();
        var isEntitled = false;
        while (true)
        {
            // BOSH-123; EDGE-035: judged before more is buffered.
            var length = body.WrittenCount + result.Buffer.Length;
            var isTooLong = length > most;
            if (!isTooLong)
            {
                foreach (var part in result.Buffer)
                {
                    body.Write(part.Span);
                }

                isTooLong = length > mostBeforeAuth && !isEntitled && !(isEntitled = NamesAuthenticated(body.WrittenSpan));
            }

            reader.AdvanceTo(result.Buffer.End);
            if (isTooLong)
            {
                return BoshAdmission.WithStatus(StatusCodes.Status413PayloadTooLarge);
            }

            if (result.IsCompleted)
            {
                return Accept(context, body.WrittenSpan);
            }

            result = await ReadPartAsync(context, reader);
        }
    }

    /// <summary>
    /// COMPAT: of a trailer field that is no text Kestrel 10 makes the exception of a programming error, where it refuses such a field
    /// of the head with 400, and it would look for the rest of the body once more.
    /// </summary>
    private static async ValueTask<ReadResult> ReadPartAsync(HttpContext context, PipeReader body)
    {
        try
        {
            return await body.ReadAsync();
        }
        catch (InvalidOperationException e)
        {
            context.Response.Headers.Connection = Close;
            context.Response.OnCompleted(Abort, context);
            throw new BadHttpRequestException("A trailer field is malformed.", e);
        }
    }

    /// <summary>Order of checks: bosh.md section 14.</summary>
    private BoshAdmission Accept(HttpContext context, ReadOnlySpan<byte> document)
    {
        var (parser, _, _) = ThreadWorkspace;
        var limits = _sessions.Limits.For(authenticated: false);
        if (!parser.TryReadTag(document, limits, out var body))
        {
            return _unknownSids.Refuses(context, isUnknown: false) ?? BoshAdmission.Refused(TerminalCondition.BadRequest); // BOSH-103
        }

        var session = body.Sid is null ? null : _sessions.Find(body.Sid);
        if (session is null && (_unknownSids.Refuses(context, isUnknown: body.Sid is not null) is { } tooMany))
        {
            return tooMany; // EDGE-033
        }

        if (session is null && body.Sid is not null)
        {
            return BoshAdmission.Refused(TerminalCondition.ItemNotFound); // BOSH-095
        }

        if (session?.Tls is { } tls && tls.Refuses(context) is { } elsewhere)
        {
            return elsewhere;
        }

        limits = session?.ClientLimits ?? limits;
        if (document.Length > limits.MaxBytes + BoshOptions.WrapperBytes)
        {
            return BoshAdmission.WithStatus(StatusCodes.Status413PayloadTooLarge);
        }

        var request = ReadPayloads(document, limits, body, out var reason);
        if (session is null)
        {
            return request is null ? BoshAdmission.Refused(TerminalCondition.BadRequest) : Create(context, new HeldRequest(request));
        }

        var exchange = new HeldRequest(request ?? new BoshRequest(body, default, []));
        if (request is null)
        {
            session.ReceiveMalformed(exchange, reason);
        }
        else
        {
            session.Receive(exchange);
        }

        return new BoshAdmission(exchange, session, StatusCodes.Status200OK, default);
    }

    /// <summary>
    /// What goes up, in memory of its own. The workspace is left clean: a session that takes a request may answer another one on this
    /// very thread, and the server then goes on there with whatever request comes next, of whatever session.
    /// </summary>
    private static BoshRequest? ReadPayloads(ReadOnlySpan<byte> document, FramingLimits limits, BoshBody body, out SessionEndReason reason)
    {
        var (parser, output, payloads) = ThreadWorkspace;
        try
        {
            var isRead = parser.ReadPayloads(document, limits, output, payloads);
            reason = isRead ? default : BoshAdmission.ToReason(parser.Error);
            return isRead ? new BoshRequest(body, output.WrittenSpan.ToArray(), payloads.Count == 0 ? [] : payloads.ToArray()) : null;
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

        if (_sessions.IsBarred(context.Connection.RemoteIpAddress, out var retryAfter))
        {
            // EDGE-038
            _metrics.SessionRejected(SessionEndReason.AuthFailures);
            context.Response.Headers.RetryAfter = ClientAddresses.RetryAfter(retryAfter);
            return BoshAdmission.WithStatus(StatusCodes.Status429TooManyRequests);
        }

        if (!_sessions.TryCreate(exchange, context.ClientConnection(), out var session, out var refusal))
        {
            return new BoshAdmission(null, null, refusal.Status, refusal);
        }

        // Nobody knows the sid yet: the creation response is not awaited before this.
        session.Tls = TlsBinding.Of(context);
        return new BoshAdmission(exchange, session, StatusCodes.Status200OK, default);
    }

    /// <summary>More than an unauthenticated client may send: the start tag must name a session that may.</summary>
    private bool NamesAuthenticated(ReadOnlySpan<byte> start)
    {
        var head = start[..Math.Min(start.Length, BoshOptions.WrapperBytes)];
        var (parser, _, _) = ThreadWorkspace;
        return parser.TryReadTag(head, _sessions.Limits.For(authenticated: false), out var body)
            && body.Sid is not null
            && _sessions.Find(body.Sid) is { } session
            && session.ClientLimits.MaxBytes + BoshOptions.WrapperBytes >= start.Length;
    }

    private sealed record Workspace(BoshBodyParser Parser, PooledByteWriter Output, List<BoshPayload> Payloads);
}
