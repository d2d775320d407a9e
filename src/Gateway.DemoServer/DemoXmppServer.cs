using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Gateway.DemoServer.Connections;
using Gateway.DemoServer.Iq;
using Gateway.DemoServer.Routing;
using Gateway.DemoServer.Sasl;
using Gateway.Xmpp.Streams;
using Microsoft.Extensions.Logging;

namespace Gateway.DemoServer;

/// <summary>
/// A small XMPP server (RFC 6120, RFC 6121) on a loopback port: for trying the gateway and for tests, never for service.
/// Nothing outlives it: accounts, rosters and its certificate are in memory.
/// </summary>
public sealed partial class DemoXmppServer : IAsyncDisposable
{
    private readonly DemoServerOptions _options;
    private readonly TcpListener _listener;
    private readonly DemoCertificate _certificate;
    private readonly SaslAccounts _accounts;
    private readonly Router _router;
    private readonly IqDispatcher _iq;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<DemoConnection, Task> _connections = new();
    private readonly Task _accepting;
    private int _stopped;

    private DemoXmppServer(DemoServerOptions options, ILoggerFactory loggerFactory)
    {
        _options = options;
        _logger = loggerFactory.CreateLogger<DemoXmppServer>();
        _certificate = new DemoCertificate(options.Domain);
        _accounts = new SaslAccounts(options);
        _router = new Router(options);
        _iq = new IqDispatcher(_router, options);
        _listener = new TcpListener(IPAddress.Loopback, options.Port);
        _listener.Start();
        EndPoint = (IPEndPoint)_listener.LocalEndpoint;
        Log.Started(_logger, EndPoint.Port, options.Domain);
        _accepting = AcceptAsync();
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>The root that a client must trust.</summary>
    public X509Certificate2 Authority => _certificate.Authority;

    /// <summary>Connections that are open.</summary>
    public int ConnectionCount => _connections.Count;

    /// <summary>Starts to listen.</summary>
    /// <param name="options">What to serve.</param>
    /// <param name="loggerFactory">Where it logs; no address, no password and no stanza is logged.</param>
    /// <param name="cancellationToken">Gives up the start.</param>
    public static Task<DemoXmppServer> StartAsync(DemoServerOptions options, ILoggerFactory loggerFactory, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(loggerFactory);

        // Making keys and salted passwords takes some milliseconds of processor time.
        return Task.Run(() => new DemoXmppServer(options, loggerFactory), cancellationToken);
    }

    /// <summary>Ends every stream with system-shutdown, then closes.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _stopped, 1) != 0)
        {
            return;
        }

        await _stopping.CancelAsync();
        _listener.Stop();
        await _accepting;
        foreach (var connection in _connections.Keys)
        {
            connection.End(StreamErrorCondition.SystemShutdown);
        }

        var all = Task.WhenAll(_connections.Values);
        await using (_options.TimeProvider.CreateTimer(_ => KillAll(), null, _options.CloseTimeout, Timeout.InfiniteTimeSpan))
        {
            await all;
        }

        _listener.Dispose();
        _certificate.Dispose();
        _stopping.Dispose();
        Log.Stopped(_logger);
    }

    private void KillAll()
    {
        foreach (var connection in _connections.Keys)
        {
            connection.Kill();
        }
    }

    private async Task AcceptAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            Socket socket;
            try
            {
                socket = await _listener.AcceptSocketAsync(_stopping.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException e)
            {
                // A client that is gone before it was accepted is its own affair.
                Log.AcceptFailed(_logger, e.SocketErrorCode);
                continue;
            }

            if (_connections.Count >= _options.MaxConnections)
            {
                socket.Dispose();
                Log.Full(_logger, _options.MaxConnections);
                continue;
            }

            socket.NoDelay = true;
            var connection = new DemoConnection(socket, _options, _accounts, _router, _iq, _certificate.Context, _logger);
            var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _connections.TryAdd(connection, ServeAsync(connection, started.Task));
            started.SetResult();
        }
    }

    private async Task ServeAsync(DemoConnection connection, Task started)
    {
        // It must be on the list before it can take itself off.
        await started;
        try
        {
            await connection.RunAsync();
        }
        catch (Exception e)
        {
            Log.Failed(_logger, e);
        }
        finally
        {
            _connections.TryRemove(connection, out _);
            connection.Dispose();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(7000, LogLevel.Information, "Demo XMPP server for {Domain} on loopback port {Port}: for trying only")]
        public static partial void Started(ILogger logger, int port, string domain);

        [LoggerMessage(7001, LogLevel.Debug, "Demo XMPP server stopped")]
        public static partial void Stopped(ILogger logger);

        [LoggerMessage(7002, LogLevel.Debug, "Demo XMPP server could not accept: {Error}")]
        public static partial void AcceptFailed(ILogger logger, SocketError error);

        [LoggerMessage(7003, LogLevel.Warning, "Demo XMPP server is full with {Connections} connections")]
        public static partial void Full(ILogger logger, int connections);

        [LoggerMessage(7004, LogLevel.Error, "Demo connection failed")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
