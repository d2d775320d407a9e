using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Gateway.DemoServer.Iq;
using Gateway.DemoServer.Routing;
using Gateway.DemoServer.Sasl;
using Gateway.Xmpp.Buffers;
using Gateway.Xmpp.Framing;
using Gateway.Xmpp.Streams;
using Microsoft.Extensions.Logging;

namespace Gateway.DemoServer.Connections;

/// <summary>One client's connection, from its first byte to its last: negotiation, then stanzas, then the close.</summary>
internal sealed partial class DemoConnection : IDisposable
{
    private const int MaxDrainedBytes = 1024 * 1024;

    private readonly Socket _socket;
    private readonly DemoServerOptions _options;
    private readonly SaslAccounts _accounts;
    private readonly Router _router;
    private readonly IqDispatcher _iq;
    private readonly SslStreamCertificateContext _certificate;
    private readonly ILogger _logger;
    private readonly StreamInput _input;
    private readonly StreamOutput _output;

    // Reading stops with the first, everything with the second.
    private readonly CancellationTokenSource _end = new();
    private readonly CancellationTokenSource _kill = new();
    private StreamFault? _endFault;
    private Stream _stream;
    private bool _headerSent;
    private Resource? _resource;
    private Task _pump = Task.CompletedTask;

    public DemoConnection(
        Socket socket, DemoServerOptions options, SaslAccounts accounts, Router router, IqDispatcher iq, SslStreamCertificateContext certificate, ILogger logger)
    {
        _socket = socket;
        _options = options;
        _accounts = accounts;
        _router = router;
        _iq = iq;
        _certificate = certificate;
        _logger = logger;
        _stream = new NetworkStream(socket, ownsSocket: true);
        _input = new StreamInput(options.MaxStanzaBytes);
        _output = new StreamOutput(options.MaxQueuedBytes, Kill);
    }

    /// <summary>Serves the client until the stream is over; never throws.</summary>
    public async Task RunAsync()
    {
        try
        {
            var closedByClient = await ServeAsync();
            await FinishAsync(null, closedByClient);
        }
        catch (StreamFault fault)
        {
            Log.StreamFault(_logger, fault.Condition);
            await FinishAsync(fault, closedByClient: false);
        }
        catch (OperationCanceledException) when (!_kill.IsCancellationRequested)
        {
            Log.StreamFault(_logger, _endFault!.Condition);
            await FinishAsync(_endFault, closedByClient: false);
        }
        catch (Exception e) when (e is IOException or SocketException or AuthenticationException or OperationCanceledException or ObjectDisposedException)
        {
            Log.Dropped(_logger, e.GetType().Name);
        }
        finally
        {
            Leave();
            await StopPumpAsync();
            await _stream.DisposeAsync();
        }
    }

    /// <summary>Ends the stream with an error from outside, as the time limit and the server's own end do.</summary>
    public void End(StreamErrorCondition condition)
    {
        Interlocked.CompareExchange(ref _endFault, new StreamFault(condition), null);
        _ = _end.CancelAsync();
    }

    /// <summary>Drops the connection without a word.</summary>
    public void Kill()
    {
        _ = _kill.CancelAsync();
        _ = _end.CancelAsync();
    }

    /// <summary>Closes the socket. The token sources stay usable: <see cref="End"/> and <see cref="Kill"/> may come late, and they hold nothing.</summary>
    public void Dispose() => _stream.Dispose();

    private async Task<bool> ServeAsync()
    {
        await using (_options.TimeProvider.CreateTimer(
            static state => ((DemoConnection)state!).End(StreamErrorCondition.ConnectionTimeout), this, _options.SetupTimeout, Timeout.InfiniteTimeSpan))
        {
            if (!await NegotiateAsync())
            {
                return true;
            }
        }

        _pump = _output.PumpAsync(_stream, _kill.Token);
        while (true)
        {
            switch (await _input.ReadAsync(_stream, _end.Token))
            {
                case null:
                    Log.Dropped(_logger, "end of input");
                    return false;
                case { Kind: StreamElementKind.FirstLevelElement, Element: { } element }:
                    Dispatch(element);
                    break;
                default:
                    return true;
            }
        }
    }

    private void Dispatch(Xml.Element element)
    {
        if (element.Namespace != Names.Client || element.Name is not ("message" or "presence" or "iq"))
        {
            throw new StreamFault(StreamErrorCondition.UnsupportedStanzaType);
        }

        // RFC 6120 §8.1.2.1: a client may name itself as the sender and nobody else; the server states the full address.
        if (element["from"] is { } from && (!Jid.TryParse(from, out var claimed) || (claimed != _resource!.Jid && claimed.ToString() != _resource.Jid.Bare)))
        {
            throw new StreamFault(StreamErrorCondition.InvalidFrom);
        }

        element["from"] = _resource!.Jid.ToString();
        switch (element.Name)
        {
            case "message":
                _router.RouteMessage(_resource, element);
                break;
            case "presence":
                _router.RoutePresence(_resource, element);
                break;
            default:
                _iq.Handle(_resource, element);
                break;
        }
    }

    /// <summary>Sends the last words and closes; peers learn of it before the socket is gone.</summary>
    private async Task FinishAsync(StreamFault? fault, bool closedByClient)
    {
        Leave();
        if (fault is null && !closedByClient)
        {
            return;
        }

        await using var limit = _options.TimeProvider.CreateTimer(
            static state => ((DemoConnection)state!).Kill(), this, _options.CloseTimeout, Timeout.InfiniteTimeSpan);
        try
        {
            WriteLastWords(fault);
            _output.Complete();
            await _pump;
            await _output.FlushAsync(_stream, _kill.Token);
            if (_stream is SslStream tls)
            {
                await tls.ShutdownAsync();
            }

            _socket.Shutdown(SocketShutdown.Send);
            await DrainAsync();
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            // It was gone already, or did not take its last bytes in time.
            Log.Dropped(_logger, e.GetType().Name);
        }
    }

    private void WriteLastWords(StreamFault? fault)
    {
        using var writer = new PooledByteWriter();
        if (!_headerSent)
        {
            // RFC 6120 §4.9.1.2: even an error in the header comes inside a stream.
            WriteHeader(writer);
        }

        if (fault is not null)
        {
            XmppStreamWriter.WriteError(writer, fault.Condition, fault.Explanation, fault.StanzaTooBig, declarePrefix: false);
        }

        writer.Write(XmppStreamWriter.Close);
        _output.Write(writer.WrittenSpan.ToArray());
    }

    /// <summary>Reads what the client still sends: closing a socket with unread bytes would reset it and lose the last words.</summary>
    private async Task DrainAsync()
    {
        var buffer = new byte[4096];
        for (var total = 0; total < MaxDrainedBytes;)
        {
            var count = await _socket.ReceiveAsync(buffer, _kill.Token);
            if (count == 0)
            {
                return;
            }

            total += count;
        }
    }

    private void Leave()
    {
        if (_resource is { } resource)
        {
            _resource = null;
            _router.Unbind(resource);
            Log.Unbound(_logger);
        }
    }

    private async Task StopPumpAsync()
    {
        await _kill.CancelAsync();
        _output.Complete();
        await _pump.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static partial class Log
    {
        [LoggerMessage(7100, LogLevel.Debug, "Demo client bound a resource")]
        public static partial void Bound(ILogger logger);

        [LoggerMessage(7101, LogLevel.Debug, "Demo client left")]
        public static partial void Unbound(ILogger logger);

        [LoggerMessage(7102, LogLevel.Debug, "Demo stream ended with {Condition}")]
        public static partial void StreamFault(ILogger logger, StreamErrorCondition condition);

        [LoggerMessage(7103, LogLevel.Debug, "Demo connection lost: {Cause}")]
        public static partial void Dropped(ILogger logger, string cause);
    }
}
