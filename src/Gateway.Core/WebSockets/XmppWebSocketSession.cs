using System.Diagnostics.CodeAnalysis;
using Gateway.Core.Backend;
using Gateway.Core.Policies;
using Gateway.Core.Sessions;
using Gateway.Xmpp.Framing;
using Microsoft.Extensions.Logging;

namespace Gateway.Core.WebSockets;

/// <summary>
/// One XMPP stream over one WebSocket (RFC 7395): a loop from the client to the backend, a loop back, and one ending.
/// Whoever finds a cause to end hands it to <see cref="End(WebSocketEnding)"/>; the first cause wins, and only <see cref="RunAsync"/> acts on it.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "RunAsync releases what the session owns at its end; it is the only owner.")]
public sealed partial class XmppWebSocketSession : IClientSession
{
    /// <summary>How long each step of the ending may take: the peer's answer, and last words to one that does not read.</summary>
    internal static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(5);

    /// <summary>
    /// A client's <c>close</c> is answered within this time (WS-046), and its own answer to ours is waited for no longer.
    /// COMPAT: @xmpp/client never sends it, it waits for the socket to close.
    /// </summary>
    internal static readonly TimeSpan CloseGrace = TimeSpan.FromSeconds(1);

    /// <summary>How long a backend may take nothing from the client before it counts as hung.</summary>
    internal static readonly TimeSpan BackendWriteTimeout = TimeSpan.FromSeconds(60);

    /// <summary>What a client has to take of a batch, whatever it sends meanwhile; Kestrel asks as much of who takes a response.</summary>
    private const int LeastBytesPerSecond = 240;

    private readonly WebSocketSessionContext _context;
    private readonly ClientConnection _connection;
    private readonly WebSocketConnection _client;
    private readonly long _started;
    private readonly TaskCompletionSource<WebSocketEnding> _ending = new(); // whoever ends it says the last words
    private readonly TaskCompletionSource _peerClosed = new();
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _abort = new();
    private readonly SemaphoreSlim _backendGate = new(1, 1);
    private SessionLimits _limits;
    private ServedDomain? _served;
    private ClientElementPolicy? _policy;

    private IXmppStream? _backend;
    private Task _down = Task.CompletedTask;
    private ITimer? _watch;
    private volatile bool _isOpen;
    private volatile bool _isAuthenticated;
    private volatile bool _isRestartDue;
    private volatile bool _isResumable;
    private volatile bool _isEnding;
    private volatile bool _isWaitingForBackend;
    private long _pingSent;
    private long _waitingSince;

    /// <summary>Takes an upgraded connection over.</summary>
    /// <param name="context">What all sessions share.</param>
    /// <param name="connection">Where the client is.</param>
    /// <param name="client">Its WebSocket, subprotocol agreed.</param>
    public XmppWebSocketSession(WebSocketSessionContext context, ClientConnection connection, WebSocketConnection client)
    {
        _context = context;
        _connection = connection;
        _limits = context.Limits;
        _client = client;
        _started = context.Time.GetTimestamp();
        StartedAt = context.Time.GetUtcNow();
    }

    /// <inheritdoc/>
    public SessionId Id { get; } = SessionId.New();

    /// <inheritdoc/>
    public ClientTransport Transport => ClientTransport.WebSocket;

    /// <inheritdoc/>
    public string? Domain => _served?.Name;

    /// <inheritdoc/>
    public DateTimeOffset StartedAt { get; }

    /// <inheritdoc/>
    public SessionCounters Counters { get; } = new();

    /// <inheritdoc/>
    public Task CloseAsync(SessionEndReason reason)
    {
        End(reason);
        return _released.Task;
    }

    /// <summary>Runs the session until the client has no more to get from it. What is left then is the backend's close, bounded in time.</summary>
    /// <param name="aborted">The client's connection is gone. What it sent before is still read: some clients close and drop the socket at once (WS-046).</param>
    /// <returns>The closing handshake was had; otherwise the connection is to be dropped.</returns>
    public async Task<bool> RunAsync(CancellationToken aborted)
    {
        _context.Metrics.SessionStarted(this);
        _watch = _context.Time.CreateTimer(static state => ((XmppWebSocketSession)state!).OnWatch(), this, _context.Options.OpenTimeout, Timeout.InfiniteTimeSpan);
        var up = RunUpAsync(aborted);
        var ending = await _ending.Task;
        try
        {
            return await FinishClientAsync(ending, up);
        }
        finally
        {
            // The client's connection may go now; the backend has its own time to close.
            _ = ReleaseAsync(ending);
        }
    }

    private FramingLimits ClientLimits => _limits.For(_isAuthenticated);

    private void End(SessionEndReason reason) => End(Ending(reason));

    private WebSocketEnding Ending(SessionEndReason reason) => WebSocketEnding.For(reason, _isOpen, _isResumable);

    private static bool IsLoss(Exception e) =>
        e is IOException or ObjectDisposedException or OperationCanceledException or InvalidOperationException;

    private void End(WebSocketEnding ending) => _ending.TrySetResult(ending);

    /// <summary>The one timer: it finds what is due and sets itself to what is due next.</summary>
    private void OnWatch()
    {
        var time = _context.Time;
        var age = time.GetElapsedTime(_started);
        var lastRead = _client.LastRead;
        var next = _context.Options.PingInterval;
        if (Domain is null)
        {
            next = Check(age, _context.Options.OpenTimeout, SessionEndReason.OpenTimeout, next);
        }

        if ((!_isAuthenticated || _isRestartDue) && _limits.AuthTimeout > TimeSpan.Zero)
        {
            next = Check(age, _limits.AuthTimeout, SessionEndReason.AuthTimeout, next);
        }

        // WS-055: any frame counts as a sign of life, not only a pong.
        if (_isWaitingForBackend)
        {
            next = Check(time.GetElapsedTime(Volatile.Read(ref _waitingSince)), BackendWriteTimeout, SessionEndReason.BackendTimeout, next);
        }
        else if (_client.WritingSince is { } writing)
        {
            // A ping would wait behind it. Who takes what is written is there, and one batch is taken in time or the connection is broken.
            next = Check(time.GetElapsedTime(Math.Max(writing, lastRead)), _context.Options.PongTimeout, SessionEndReason.PingTimeout, next);

            // Nor does it help to send and never to read.
            var longest = _context.Options.PongTimeout + TimeSpan.FromSeconds(_client.WritingBytes / LeastBytesPerSecond);
            next = Check(time.GetElapsedTime(writing), longest, SessionEndReason.PingTimeout, next);
        }
        else if (_pingSent > lastRead)
        {
            next = Check(time.GetElapsedTime(_pingSent), _context.Options.PongTimeout, SessionEndReason.PingTimeout, next);
        }
        else if (time.GetElapsedTime(lastRead) is var silence && silence + TimeSpan.FromMilliseconds(1) < _context.Options.PingInterval)
        {
            next = Min(next, _context.Options.PingInterval - silence);
        }
        else if (!_isEnding && time.GetTimestamp() is var now && _client.TryPing())
        {
            _pingSent = now; // of before it went: the answer may be here already
            next = Min(next, _context.Options.PongTimeout);
        }

        _watch?.Change(next, Timeout.InfiniteTimeSpan);
    }

    private TimeSpan Check(TimeSpan passed, TimeSpan limit, SessionEndReason reason, TimeSpan next)
    {
        // Timestamps and timers count in different units: a timer may seem to be a moment early.
        if (passed + TimeSpan.FromMilliseconds(1) < limit)
        {
            return Min(next, limit - passed);
        }

        End(reason);
        return next;
    }

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static partial class Log
    {
        [LoggerMessage(2001, LogLevel.Information, "Session {Session} started: websocket, {Domain}")]
        public static partial void Started(ILogger logger, SessionId session, string domain);

        [LoggerMessage(EventId = 2002, Message = "Session {Session} ended: websocket, {Domain}, {Reason}, {Seconds:F1} s, stanzas {StanzasUp} up {StanzasDown} down, bytes {BytesUp} up {BytesDown} down")]
        public static partial void Ended(ILogger logger, LogLevel level, SessionId session, string domain, string reason, double seconds, long stanzasUp, long stanzasDown, long bytesUp, long bytesDown);

        [LoggerMessage(2003, LogLevel.Error, "Session {Session} failed")]
        public static partial void Failed(ILogger logger, SessionId session, Exception exception);
    }
}
