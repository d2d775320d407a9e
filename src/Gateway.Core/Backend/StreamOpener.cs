using System.Net;
using System.Net.Sockets;
using Gateway.Core.Backend.Dns;
using Gateway.Core.Backend.Pools;
using Gateway.Core.Backend.ProxyProtocol;
using Gateway.Core.Sessions;
using Gateway.Xmpp.Streams;

namespace Gateway.Core.Backend;

/// <summary>
/// The way to one stream with one server:
/// <code>
/// 1 resolve -> 2 connect -> [PROXY] -> 3 [direct TLS] ----------------------------> 5 header, features -> ready
///                                  \-> 4 [header, features, STARTTLS, TLS] ----/
/// </code>
/// Nothing of a failed attempt is left.
/// </summary>
/// <param name="resolver">Asks DNS.</param>
/// <param name="dns">What it may say.</param>
/// <param name="time">The clock of all limits.</param>
public sealed class StreamOpener(ISrvResolver resolver, DnsOptions dns, TimeProvider time)
{
    /// <summary>Most addresses of a name that are tried.</summary>
    private const int MostAddresses = 16;

    private readonly string _answer = $"DNS answer from {resolver.AskedForAddresses}";
    private readonly StreamKeepAlive _keepAlive = new(time);

    /// <summary>Opens a stream; its features are then current.</summary>
    /// <param name="pool">The backend.</param>
    /// <param name="server">Which of its servers.</param>
    /// <param name="request">What the session wants.</param>
    /// <param name="isForItself">The gateway wants to know how the server is; there is no client.</param>
    /// <param name="onDisposed">Called once when the stream is disposed; never if there is none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="BackendConnectException">With the named cause.</exception>
    internal async ValueTask<TcpXmppStream> OpenAsync(
        BackendPool pool, BackendServer server, BackendRequest request, bool isForItself, Action? onDisposed, CancellationToken cancellationToken)
    {
        using var limit = new StepLimit(time, cancellationToken);
        var way = new Way(pool, server, request, isForItself, limit);
        try
        {
            var started = time.GetTimestamp();

            // :: Step 1: resolve.
            var addresses = await AddressesAsync(way);
            while (true)
            {
                // :: Step 2: connect, to whichever address answers first.
                var (socket, address) = await AddressRace.ConnectAsync(addresses, server.Address.Port, pool.Options.ConnectTimeout, limit, time);
                try
                {
                    var stream = await OpenAsync(way, socket, address);
                    stream.OnDisposed = onDisposed;
                    return stream;
                }
                catch (BackendConnectException) when (addresses.Count > 0 && time.GetElapsedTime(started) < way.StepTimeout)
                {
                    // DISC-032: behind each of the other addresses may be another machine. But a step with one server has its time: the others want theirs.
                }
                catch (OperationCanceledException)
                {
                    server.NoteHung(address.Address); // the next login begins with another one
                    throw;
                }
            }
        }
        catch (OperationCanceledException e) when (limit.IsReached)
        {
            throw limit.Reached(e);
        }
    }

    private async ValueTask<List<IPAddress>> AddressesAsync(Way way)
    {
        var found = await resolver.FindAddressesAsync(way.Server.Address.Host, way.Limit.Begin(_answer, way.StepTimeout));
        if (found.Addresses.Count == 0)
        {
            throw new BackendConnectException(SessionEndReason.DnsFailed, found.Failure ?? "the server's name has no address");
        }

        // DISC-035: a domain's owner must not lead the gateway into the operator's network.
        var isRefused = way.Server.IsPublic && !dns.AllowPrivateAddresses;
        var usable = AddressRace.Interleave(found.Addresses.Where(a => !AddressRules.IsImpossible(a) && !(isRefused && AddressRules.IsPrivate(a))));
        if (usable.Count > 1 && usable.Find(way.Server.HasHung) is { } hung)
        {
            usable.Remove(hung);
            usable.Add(hung);
        }

        return usable.Count > 0 ? usable[..Math.Min(usable.Count, MostAddresses)] : throw new BackendConnectException(SessionEndReason.DnsFailed, "the server's name leads to addresses that are refused");
    }

    private async ValueTask<TcpXmppStream> OpenAsync(Way way, Socket socket, IPEndPoint address)
    {
        Stream transport = new SocketStream(socket);
        try
        {
            var (security, hasProxy) = (way.Server.Security, way.Pool.Options.ProxyProtocol != ProxyProtocolVersion.None);
            if (hasProxy)
            {
                // PP-003, PP-005, PP-034: in one piece, before anything else, once.
                await StreamOpening.WriteAsync(transport.WriteAsync(ProxyHeader(way, socket, address), way.Limit.Begin("PROXY header", way.StepTimeout)));
            }

            if (security == BackendSecurity.DirectTls)
            {
                // :: Step 3: TLS at once (XS-029).
                transport = await SecureAsync(way, transport, direct: true);
            }
            else if (security == BackendSecurity.StartTls)
            {
                // :: Step 4: a stream without `from` (XS-011), given up for TLS; nothing of it survives (XS-024).
                var plain = new TcpXmppStream(transport, TcpXmppStream.DefaultLimits, time);
                await OpenAsync(way, plain, isProtected: false, isFirst: hasProxy);
                var tcp = await StartTlsNegotiation.NegotiateAsync(plain, way.Limit, way.StepTimeout, time);
                transport = await SecureAsync(way, tcp, direct: false);
            }

            // :: Step 5: the stream that the session gets.
            var stream = new TcpXmppStream(transport, TcpXmppStream.DefaultLimits, time, _keepAlive);
            await OpenAsync(way, stream, isProtected: security != BackendSecurity.None, isFirst: hasProxy && security == BackendSecurity.None);
            return stream;
        }
        catch (SocketException e)
        {
            await transport.DisposeAsync();
            throw new BackendConnectException(SessionEndReason.BackendLost, "the server dropped the connection", e);
        }
        catch
        {
            await transport.DisposeAsync();
            throw;
        }
    }

    private static async ValueTask<Stream> SecureAsync(Way way, Stream transport, bool direct)
    {
        try
        {
            return await way.Pool.Tls.AuthenticateAsync(transport, way.Request.Domain, direct, way.Limit.Begin("TLS handshake", way.StepTimeout));
        }
        catch (BackendConnectException e) when (direct && way.Pool.Options.ProxyProtocol != ProxyProtocolVersion.None && e is { Reason: SessionEndReason.TlsHandshake, InnerException: IOException })
        {
            throw NotExpected(e);
        }
    }

    /// <summary>PP-033</summary>
    private static BackendConnectException NotExpected(BackendConnectException e) =>
        new(e.Reason, "the server dropped the connection after the PROXY header; it may not expect one", e);

    private async ValueTask OpenAsync(Way way, TcpXmppStream stream, bool isProtected, bool isFirst)
    {
        var request = way.Request;
        var header = new StreamHeader { To = request.Domain, From = isProtected ? request.From : null, Lang = request.Lang, Version = request.Version };
        try
        {
            await StreamOpening.OpenAsync(stream, header, way.Limit, way.StepTimeout, time);
        }
        catch (BackendConnectException e) when (isFirst && e.Reason == SessionEndReason.BackendLost && stream.Header.Id is null)
        {
            throw NotExpected(e);
        }
    }

    private static byte[] ProxyHeader(Way way, Socket socket, IPEndPoint address)
    {
        var options = way.Pool.Options;
        return way.IsForItself
            ? ProxyProtocolHeader.ForItself(options.ProxyProtocol, (IPEndPoint)socket.LocalEndPoint!, address)
            : ProxyProtocolHeader.ForClient(options.ProxyProtocol, way.Request.Client, way.Request.Session.ToString(), options.ProxyProtocolFields);
    }

    /// <summary>One attempt.</summary>
    private sealed record Way(BackendPool Pool, BackendServer Server, BackendRequest Request, bool IsForItself, StepLimit Limit)
    {
        public TimeSpan StepTimeout => Pool.Options.StepTimeout;
    }
}
