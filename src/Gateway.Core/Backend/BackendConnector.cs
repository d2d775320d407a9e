using System.Net;
using Gateway.Core.Backend.Dns;
using Gateway.Core.Policies;
using Gateway.Core.Sessions;
using Gateway.Core.Telemetry;
using Gateway.Xmpp.Streams;
using Microsoft.Extensions.Logging;

namespace Gateway.Core.Backend;

/// <summary>
/// Opens one stream to a server of a domain's backend:
/// <code>
/// 0 servers -> 1 resolve -> 2 connect -> 3 [direct TLS] ----------------------------> 5 header, features -> ready
///                                     \-> 4 [header, features, STARTTLS, TLS] ----/
/// </code>
/// Each server gets all steps; when one fails the next server is tried (XS-005). Nothing of a failed attempt is left.
/// </summary>
public sealed partial class BackendConnector : IBackendConnector
{
    private const int MostRedirects = 3; // XS-049

    private readonly Dictionary<string, BackendRoute> _routes;
    private readonly ISrvResolver _resolver;
    private readonly string _answer;
    private readonly DnsOptions _dns;
    private readonly StreamKeepAlive _keepAlive;
    private readonly GatewayMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger<BackendConnector> _log;

    /// <summary>Prepares what all sessions of a backend share; reads certificate files.</summary>
    /// <param name="backends">The configured backends by name; addresses are valid.</param>
    /// <param name="dns">What DNS may say.</param>
    /// <param name="resolver">Asks it.</param>
    /// <param name="metrics">Told of every attempt's end.</param>
    /// <param name="time">The clock of all limits and of certificates.</param>
    /// <param name="draw">The randomness of the order of servers.</param>
    /// <param name="log">One line for each session that got no stream, and one for each certificate that was passed over.</param>
    public BackendConnector(
        IReadOnlyDictionary<string, BackendOptions> backends,
        DnsOptions dns,
        ISrvResolver resolver,
        GatewayMetrics metrics,
        TimeProvider time,
        RandomDraw draw,
        ILogger<BackendConnector> log)
    {
        _dns = dns;
        _resolver = resolver;
        _answer = $"DNS answer from {resolver.AskedForAddresses}";
        _keepAlive = new StreamKeepAlive(time);
        _metrics = metrics;
        _time = time;
        _log = log;
        _routes = backends.ToDictionary(b => b.Key, b => new BackendRoute(b.Key, b.Value, resolver, draw, time), StringComparer.OrdinalIgnoreCase);
        _routes[ServedDomain.OwnSrv] = new BackendRoute(ServedDomain.OwnSrvName, new BackendOptions { Security = BackendSecurity.Srv }, resolver, draw, time);
    }

    /// <inheritdoc/>
    public async Task<IXmppStream> ConnectAsync(BackendRequest request, CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        var attempt = new Attempt(_routes[request.Backend], request);
        var route = attempt.Route;
        try
        {
            var stream = await route.Pipeline.ExecuteAsync(TryTargetsAsync, attempt, cancellationToken);
            _metrics.BackendConnected(route.Name, null, _time.GetElapsedTime(started));
            return stream;
        }
        catch (BackendConnectException e)
        {
            Log.Failed(_log, route.Name, e.Reason.ToWord(), e.Message, request.Domain, attempt.Server?.ToString() ?? "none");
            _metrics.BackendConnected(route.Name, e.Reason, _time.GetElapsedTime(started));
            throw;
        }
    }

    private async ValueTask<TcpXmppStream> TryTargetsAsync(Attempt attempt, CancellationToken cancellationToken)
    {
        var route = attempt.Route;
        var targets = await route.TargetsAsync(attempt.Request.Domain, cancellationToken);
        using var limit = new StepLimit(_time, cancellationToken);
        var redirects = 0;
        BackendConnectException? last = null;
        foreach (var first in targets)
        {
            if (last?.Reason is SessionEndReason.CertificateExpired or SessionEndReason.NameMismatch or SessionEndReason.UntrustedRoot)
            {
                // XS-005: the next server may hide it; the last one's failure is the session's, and logged as such.
                Log.CertificateFailed(_log, route.Name, last.Reason.ToWord());
            }

            for (BackendTarget? next = first; next is { } target;)
            {
                attempt.Server = target.Server;
                try
                {
                    return await OpenAsync(attempt, target, limit);
                }
                catch (OperationCanceledException e) when (limit.IsReached)
                {
                    last = limit.Reached(e);
                }
                catch (BackendConnectException e)
                {
                    last = e;
                }

                Log.ServerFailed(_log, route.Name, target.Server, last.Reason.ToWord(), last.Message);
                next = route.FollowsSeeOtherHost && redirects++ < MostRedirects ? Redirect(last, targets) : null;
            }
        }

        throw last ?? new BackendConnectException(SessionEndReason.BackendRefused, "the backend has no server");
    }

    /// <summary>XS-049, EDGE-070: a redirect chooses among the backend's own servers, and leads nowhere else.</summary>
    private static BackendTarget? Redirect(BackendConnectException e, IReadOnlyList<BackendTarget> targets)
    {
        if (!BackendAddress.TryParse(e.SeeOtherHost, out var other))
        {
            return null;
        }

        foreach (var target in targets)
        {
            if (string.Equals(target.Server.Host, other.Host, StringComparison.OrdinalIgnoreCase) && (other.Port == 0 || other.Port == target.Server.Port))
            {
                return target;
            }
        }

        return null;
    }

    private async ValueTask<TcpXmppStream> OpenAsync(Attempt attempt, BackendTarget target, StepLimit limit)
    {
        var (route, request) = (attempt.Route, attempt.Request);

        // :: Step 1: resolve.
        var addresses = await AddressesAsync(target, limit.Begin(_answer, route.StepTimeout));

        // :: Steps 2 and 3: connect, and TLS at once where it is direct (XS-029): each address in turn.
        var transport = await ConnectAsync(attempt, target, addresses, limit);
        try
        {
            if (target.Security == BackendSecurity.StartTls)
            {
                // :: Step 4: a stream without `from` (XS-011), given up for TLS; nothing of it survives (XS-024).
                var plain = new TcpXmppStream(transport, TcpXmppStream.DefaultLimits, _time);
                await StreamOpening.OpenAsync(plain, Header(request, isProtected: false), limit, route.StepTimeout, _time);
                var tcp = await StartTlsNegotiation.NegotiateAsync(plain, limit, route.StepTimeout, _time);
                transport = await route.Tls.AuthenticateAsync(tcp, request.Domain, direct: false, limit.Begin("TLS handshake", route.StepTimeout));
            }

            // :: Step 5: the stream that the session gets.
            var isProtected = target.Security != BackendSecurity.None;
            var stream = new TcpXmppStream(transport, TcpXmppStream.DefaultLimits, _time, _keepAlive);
            await StreamOpening.OpenAsync(stream, Header(request, isProtected), limit, route.StepTimeout, _time);
            return stream;
        }
        catch
        {
            await transport.DisposeAsync();
            throw;
        }
    }

    private static StreamHeader Header(BackendRequest request, bool isProtected) =>
        new() { To = request.Domain, From = isProtected ? request.From : null, Lang = request.Lang, Version = request.Version };

    private async ValueTask<IReadOnlyList<IPAddress>> AddressesAsync(BackendTarget target, CancellationToken cancellationToken)
    {
        var found = await _resolver.FindAddressesAsync(target.Server.Host, cancellationToken);
        if (found.Addresses.Count == 0)
        {
            throw new BackendConnectException(SessionEndReason.DnsFailed, found.Failure ?? "the server's name has no address");
        }

        // DISC-035: a domain's owner must not lead the gateway into the operator's network.
        var isRefused = target.IsPublic && !_dns.AllowPrivateAddresses;
        IPAddress[] usable = [.. found.Addresses.Where(a => !AddressRules.IsImpossible(a) && !(isRefused && AddressRules.IsPrivate(a)))];
        return usable.Length > 0 ? usable : throw new BackendConnectException(SessionEndReason.DnsFailed, "the server's name leads to addresses that are refused");
    }

    private static async ValueTask<Stream> ConnectAsync(Attempt attempt, BackendTarget target, IReadOnlyList<IPAddress> addresses, StepLimit limit)
    {
        var route = attempt.Route;
        BackendConnectException? last = null;
        foreach (var address in addresses)
        {
            try
            {
                var endPoint = new IPEndPoint(address, target.Server.Port);
                var tcp = new SocketStream(await BackendSocket.ConnectAsync(endPoint, limit.Begin("TCP connection", route.ConnectTimeout)));
                return target.Security != BackendSecurity.DirectTls
                    ? tcp
                    : await route.Tls.AuthenticateAsync(tcp, attempt.Request.Domain, direct: true, limit.Begin("TLS handshake", route.StepTimeout));
            }
            catch (OperationCanceledException e) when (limit.IsReached)
            {
                last = limit.Reached(e);
            }
            catch (BackendConnectException e)
            {
                last = e;
            }
        }

        throw last!;
    }

    /// <summary>A session's way to a stream.</summary>
    private sealed class Attempt(BackendRoute route, BackendRequest request)
    {
        public BackendRoute Route { get; } = route;

        public BackendRequest Request { get; } = request;

        /// <summary>The server that was tried last.</summary>
        public BackendAddress? Server { get; set; }
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
