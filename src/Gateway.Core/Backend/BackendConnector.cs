using Gateway.Core.Backend.Dns;
using Gateway.Core.Backend.Pools;
using Gateway.Core.Sessions;
using Gateway.Core.Telemetry;
using Microsoft.Extensions.Logging;

namespace Gateway.Core.Backend;

/// <summary>
/// Finds the server that a session gets: each one gets all steps of <see cref="StreamOpener"/>, and when one fails the next is tried
/// (XS-005). While every server is down nothing is dialled, and nothing is logged but counted.
/// </summary>
/// <param name="backends">Which servers there are.</param>
/// <param name="opener">Opens a stream with one.</param>
/// <param name="metrics">Told of every login's end.</param>
/// <param name="time">The clock.</param>
/// <param name="draw">The randomness of choices.</param>
/// <param name="log">One line for each session that got no stream though a server was tried, and one for each certificate that was passed over.</param>
public sealed partial class BackendConnector(
    BackendTable backends, StreamOpener opener, GatewayMetrics metrics, TimeProvider time, RandomDraw draw, ILogger<BackendConnector> log) : IBackendConnector
{
    private const int MostRedirects = 3; // XS-049

    /// <inheritdoc/>
    public async Task<IXmppStream> ConnectAsync(BackendRequest request, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var attempt = new Attempt(request.Pool ?? backends.Find(request.Backend) ?? throw new BackendConnectException(SessionEndReason.BackendUnavailable, "there is no such backend"), request);
        var pool = attempt.Pool;
        try
        {
            var stream = await ConnectAsync(attempt, cancellationToken);
            metrics.BackendConnected(pool.Name, null, time.GetElapsedTime(started));
            return stream;
        }
        catch (BackendConnectException e)
        {
            if (e.Reason is not (SessionEndReason.BackendUnavailable or SessionEndReason.ResourceConstraint))
            {
                Log.Failed(log, pool.Name, e.Reason.ToWord(), e.Message, request.Domain, attempt.Server?.Address.ToString() ?? "none");
            }

            metrics.BackendConnected(pool.Name, e.Reason, time.GetElapsedTime(started));
            throw;
        }
    }

    private async ValueTask<TcpXmppStream> ConnectAsync(Attempt attempt, CancellationToken cancellationToken)
    {
        var pool = attempt.Pool;
        if (pool.HasNobody)
        {
            throw Unavailable(pool);
        }

        if (!pool.Sessions.TryAdd(pool.Options.MaxSessions))
        {
            throw new BackendConnectException(SessionEndReason.ResourceConstraint, "the backend has all the sessions it may have");
        }

        try
        {
            return await pool.Pipeline.ExecuteAsync(TryServersAsync, attempt, cancellationToken);
        }
        catch
        {
            pool.Sessions.Remove();
            throw;
        }
    }

    private static BackendConnectException Unavailable(BackendPool pool) =>
        new(SessionEndReason.BackendUnavailable, $"every server of backend {pool.Name} is down");

    private async ValueTask<TcpXmppStream> TryServersAsync(Attempt attempt, CancellationToken cancellationToken)
    {
        var pool = attempt.Pool;
        var targets = await pool.TargetsAsync(attempt.Request.Domain, cancellationToken);
        var order = new ServerOrder(pool, targets, draw);
        var redirects = 0;
        BackendConnectException? last = null;
        BackendServer? redirected = null;
        while ((redirected ?? order.Next()) is { } server)
        {
            if (last?.Reason is SessionEndReason.CertificateExpired or SessionEndReason.NameMismatch or SessionEndReason.UntrustedRoot)
            {
                // XS-005: the next server may hide it; the last one's failure is the session's, and logged as such.
                Log.CertificateFailed(log, pool.Name, last.Reason.ToWord());
            }

            redirected = null;
            attempt.Server = server;
            server.Enter();
            try
            {
                return await server.LogInAsync(OpenAsync, attempt, cancellationToken);
            }
            catch (BackendConnectException e) when (e.Reason == SessionEndReason.BackendUnavailable)
            {
                server.Leave(); // its breaker opened since the choice
                last ??= e;
            }
            catch (BackendConnectException e)
            {
                server.Leave();
                last = e;
                Log.ServerFailed(log, pool.Name, server.Address, e.Reason.ToWord(), e.Message);
                if (pool.Options.FollowSeeOtherHost && redirects++ < MostRedirects && Redirect(e, targets) is { IsAvailable: true } other)
                {
                    order.Skip(other);
                    redirected = other;
                }
            }
            catch
            {
                server.Leave();
                throw;
            }
        }

        throw last ?? Unavailable(pool);
    }

    private ValueTask<TcpXmppStream> OpenAsync(Attempt attempt, CancellationToken cancellationToken) =>
        opener.OpenAsync(attempt.Pool, attempt.Server!, attempt.Request, isForItself: false, attempt.Server!.OnSessionEnded, cancellationToken);

    /// <summary>XS-049, EDGE-070: a redirect chooses among the backend's own servers, and leads nowhere else.</summary>
    private static BackendServer? Redirect(BackendConnectException e, IReadOnlyList<BackendTarget> targets)
    {
        if (!BackendAddress.TryParse(e.SeeOtherHost, out var other))
        {
            return null;
        }

        foreach (var (server, _, _) in targets)
        {
            if (string.Equals(server.Address.Host, other.Host, StringComparison.OrdinalIgnoreCase) && (other.Port == 0 || other.Port == server.Address.Port))
            {
                return server;
            }
        }

        return null;
    }

    /// <summary>A session's way to a stream.</summary>
    private sealed class Attempt(BackendPool pool, BackendRequest request)
    {
        public BackendPool Pool { get; } = pool;

        public BackendRequest Request { get; } = request;

        /// <summary>The server that was tried last.</summary>
        public BackendServer? Server { get; set; }
    }

    private static partial class Log
    {
        [LoggerMessage(2101, LogLevel.Warning, "No stream to backend {Backend}: {Reason} ({Detail}); domain {Domain}, last server {Server}", EventName = "BackendFailed")]
        public static partial void Failed(ILogger logger, string backend, string reason, string detail, string domain, string server);

        [LoggerMessage(2102, LogLevel.Debug, "Server {Server} of backend {Backend}: {Reason} ({Detail})", EventName = "BackendServerFailed")]
        public static partial void ServerFailed(ILogger logger, string backend, BackendAddress server, string reason, string detail);

        [LoggerMessage(2103, LogLevel.Warning, "A server of backend {Backend} is not trusted: {Reason}; the next one is tried", EventName = "BackendCertificateFailed")]
        public static partial void CertificateFailed(ILogger logger, string backend, string reason);
    }
}
