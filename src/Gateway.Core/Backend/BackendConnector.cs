using System.Net;
using System.Net.Sockets;
using Gateway.Core.Sessions;
using Gateway.Core.Telemetry;
using Gateway.Xmpp.Streams;
using Microsoft.Extensions.Logging;

namespace Gateway.Core.Backend;

/// <summary>
/// Opens one stream to a server of a configured backend:
/// <code>
/// 1 resolve -> 2 connect -> 3 [direct TLS] ----------------------------> 5 header, features -> ready
///                         \-> 4 [header, features, STARTTLS, TLS] ----/
/// </code>
/// Each server gets all steps; when one fails the next server is tried (XS-005). Nothing of a failed attempt is left.
/// </summary>
public sealed partial class BackendConnector : IBackendConnector
{
    private readonly Dictionary<string, Route> _routes;
    private readonly GatewayMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger<BackendConnector> _log;

    /// <summary>Prepares what all sessions of a backend share; reads certificate files.</summary>
    /// <param name="backends">The configured backends by name; addresses are valid.</param>
    /// <param name="metrics">Told of every attempt's end.</param>
    /// <param name="time">The clock of all limits and of certificates.</param>
    /// <param name="log">One line for each session that got no stream, and one for each certificate that was passed over.</param>
    public BackendConnector(IReadOnlyDictionary<string, BackendOptions> backends, GatewayMetrics metrics, TimeProvider time, ILogger<BackendConnector> log)
    {
        _metrics = metrics;
        _time = time;
        _log = log;
        _routes = backends.ToDictionary(b => b.Key, b => new Route(b.Key, b.Value, time), StringComparer.OrdinalIgnoreCase);
    }

    /// <inheritdoc/>
    public async Task<IXmppStream> ConnectAsync(BackendRequest request, CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        var route = _routes[request.Backend];
        try
        {
            var stream = await route.Limits.SetupAsync("usable server", token => TryServersAsync(route, request, token), cancellationToken);
            _metrics.BackendConnected(route.Name, null, _time.GetElapsedTime(started));
            return stream;
        }
        catch (BackendConnectException e)
        {
            Log.Failed(_log, route.Name, e.Reason.ToWord(), e.Message);
            _metrics.BackendConnected(route.Name, e.Reason, _time.GetElapsedTime(started));
            throw;
        }
    }

    private async ValueTask<TcpXmppStream> TryServersAsync(Route route, BackendRequest request, CancellationToken cancellationToken)
    {
        BackendConnectException? last = null;
        foreach (var server in route.Servers)
        {
            if (last?.Reason is SessionEndReason.CertificateExpired or SessionEndReason.NameMismatch or SessionEndReason.UntrustedRoot)
            {
                // XS-005: the next server may hide it; the last one's failure is the session's, and logged as such.
                Log.CertificateFailed(_log, route.Name, last.Reason.ToWord());
            }

            try
            {
                return await OpenAsync(route, server, request, cancellationToken);
            }
            catch (BackendConnectException e)
            {
                Log.ServerFailed(_log, route.Name, server, e.Reason.ToWord(), e.Message);
                last = e;
            }
        }

        throw last ?? new BackendConnectException(SessionEndReason.BackendRefused, "the backend has no server");
    }

    private async ValueTask<TcpXmppStream> OpenAsync(Route route, BackendAddress server, BackendRequest request, CancellationToken cancellationToken)
    {
        var limits = route.Limits;

        // :: Step 1: resolve.
        var addresses = await limits.StepAsync("DNS answer", token => ResolveAsync(server.Host, token), cancellationToken);

        // :: Step 2: connect, each address in turn.
        Stream transport = new SocketStream(await ConnectAsync(limits, addresses, server.Port, cancellationToken));
        try
        {
            if (route.Security == BackendSecurity.DirectTls)
            {
                // :: Step 3: TLS at once (XS-029).
                var tcp = transport;
                transport = await limits.StepAsync("TLS handshake", token => route.Tls.AuthenticateAsync(tcp, request.Domain, direct: true, token), cancellationToken);
            }
            else if (route.Security == BackendSecurity.StartTls)
            {
                // :: Step 4: a stream without `from` (XS-011), given up for TLS; nothing of it survives (XS-024).
                var plain = new TcpXmppStream(transport, TcpXmppStream.DefaultLimits, _time);
                await StreamOpening.OpenAsync(plain, Header(request, isProtected: false), limits, _time, cancellationToken);
                var tcp = await StartTlsNegotiation.NegotiateAsync(plain, limits, _time, cancellationToken);
                transport = await limits.StepAsync("TLS handshake", token => route.Tls.AuthenticateAsync(tcp, request.Domain, direct: false, token), cancellationToken);
            }

            // :: Step 5: the stream that the session gets.
            var stream = new TcpXmppStream(transport, TcpXmppStream.DefaultLimits, _time);
            await StreamOpening.OpenAsync(stream, Header(request, route.Security != BackendSecurity.None), limits, _time, cancellationToken);
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

    private static async ValueTask<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(host, out var literal))
        {
            return [literal];
        }

        try
        {
            // The system's resolver cannot be interrupted everywhere; the wait for it can.
            var addresses = await Dns.GetHostAddressesAsync(host, cancellationToken).WaitAsync(cancellationToken);
            return addresses.Length > 0 ? addresses : throw new BackendConnectException(SessionEndReason.DnsFailed, "the server's name has no address");
        }
        catch (SocketException e)
        {
            throw new BackendConnectException(SessionEndReason.DnsFailed, "the server's name could not be resolved: " + e.Message, e);
        }
    }

    private static async ValueTask<Socket> ConnectAsync(ConnectPipeline limits, IPAddress[] addresses, int port, CancellationToken cancellationToken)
    {
        BackendConnectException? last = null;
        foreach (var address in addresses)
        {
            try
            {
                return await limits.ConnectAsync("TCP connection", token => ConnectAsync(new IPEndPoint(address, port), token), cancellationToken);
            }
            catch (BackendConnectException e)
            {
                last = e;
            }
        }

        throw last!;
    }

    private static async ValueTask<Socket> ConnectAsync(IPEndPoint address, CancellationToken cancellationToken)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.NoDelay = true; // XS-007, and the keepalive behind it
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 60);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 15);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 4);
            await socket.ConnectAsync(address, cancellationToken);
            return socket;
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new BackendConnectException(SessionEndReason.BackendRefused, "TCP: " + e.SocketErrorCode, e);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>What all sessions of one backend share.</summary>
    private sealed class Route(string name, BackendOptions options, TimeProvider time)
    {
        public string Name => name;

        public BackendSecurity Security => options.Security;

        public ConnectPipeline Limits { get; } = new(options, time);

        public BackendTls Tls { get; } = new(options.Tls, time);

        public BackendAddress[] Servers { get; } =
        [
            .. options.Servers.OrderBy(s => s.Priority).ThenByDescending(s => s.Weight).Select(s => BackendAddress.TryParse(s.Address, out var address)
                ? address with { Port = address.Port != 0 ? address.Port : BackendAddress.DefaultPort }
                : throw new ArgumentException($"'{s.Address}' is no host:port.", nameof(options))),
        ];
    }

    private static partial class Log
    {
        [LoggerMessage(2101, LogLevel.Warning, "No stream to backend {Backend}: {Reason} ({Detail})", EventName = "BackendFailed")]
        public static partial void Failed(ILogger logger, string backend, string reason, string detail);

        [LoggerMessage(2102, LogLevel.Debug, "Server {Server} of backend {Backend}: {Reason} ({Detail})", EventName = "BackendServerFailed")]
        public static partial void ServerFailed(ILogger logger, string backend, BackendAddress server, string reason, string detail);

        [LoggerMessage(2103, LogLevel.Warning, "A server of backend {Backend} is not trusted: {Reason}; the next one is tried", EventName = "BackendCertificateFailed")]
        public static partial void CertificateFailed(ILogger logger, string backend, string reason);
    }
}
