using System.Diagnostics.CodeAnalysis;
using Gateway.Core.Backend;
using Gateway.Core.Policies;
using Gateway.Core.Sessions;
using Gateway.Core.Timing;
using Gateway.Xmpp.Framing;
using Gateway.Xmpp.Streams;
using Microsoft.Extensions.Logging;

namespace Gateway.Core.Bosh;

/// <summary>
/// One live session. Its rules run under one short lock and say what is to be done; that is done outside of the lock, in
/// order, by whoever came first. One task reads the backend, one timer serves all deadlines.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "The token source has no timer and no handle; whoever is late may still cancel it.")]
public sealed partial class BoshSession : IClientSession, BackendWriter.IOwner
{
    private readonly Lock _lock = new();
    private readonly BoshSessionMachine _machine;
    private readonly BoshTerms _terms;
    private readonly BackendRequest _request;
    private readonly BoshSessionServices _services;
    private readonly ServedDomain _served;
    private readonly BackendWriter _writer;
    private readonly long _started;
    private readonly WheelTimer _timer;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private List<BoshEffect> _effects = [];
    private List<BoshEffect> _performing = [];
    private bool _isPerforming;
    private int _heldCount;
    private TimeSpan _timerDue;
    private int _timerGeneration;

    internal BoshSession(BoshTerms terms, BackendRequest request, ServedDomain served, BoshSessionServices services)
    {
        _terms = terms;
        _request = request with { Session = Id };
        _services = services;
        _served = served;
        _machine = new BoshSessionMachine(terms, services.Options, services.Limits, served.Security);
        _writer = new BackendWriter(services.Options.MaxBufferedBytes, this);
        StartedAt = services.Time.GetUtcNow();
        _started = services.Time.GetTimestamp();
        _timer = new WheelTimer(services.Timers, static session => ((BoshSession)session).OnTimer(), this);
    }

    /// <inheritdoc/>
    public SessionId Id { get; } = SessionId.New();

    /// <inheritdoc/>
    public ClientTransport Transport => ClientTransport.Bosh;

    /// <inheritdoc/>
    public string? Domain => _served.Name;

    /// <inheritdoc/>
    public DateTimeOffset StartedAt { get; }

    /// <inheritdoc/>
    public SessionCounters Counters { get; } = new();

    /// <summary>The bounds of what the client may send now (EDGE-035).</summary>
    public FramingLimits ClientLimits => _services.Limits.For(_machine.IsAuthenticated);

    /// <summary>What its requests have to come over; null: anything. Set before anybody knows the sid.</summary>
    public ClientTls? Tls { get; set; }

    /// <summary>Completes when everything the session held is released.</summary>
    public Task Released => _released.Task;

    /// <summary>A request of the session came; its response follows.</summary>
    public void Receive(HeldRequest exchange) => Post(new BoshEvent.Received(exchange));

    /// <summary>A request came of which only the start tag could be read (BOSH-103).</summary>
    public void ReceiveMalformed(HeldRequest exchange, SessionEndReason reason) => Post(new BoshEvent.Malformed(exchange, reason));

    /// <summary>The connection of an exchange broke before its answer.</summary>
    public void Abort(HeldRequest exchange) => Post(new BoshEvent.Aborted(exchange));

    /// <summary>More input waits on the connection of an exchange: the answer is wanted now.</summary>
    public void ReportNextWaits(HeldRequest exchange) => Post(new BoshEvent.NextWaits(exchange));

    /// <summary>The connection of an exchange broke under its answer.</summary>
    public void ReportNotWritten(HeldRequest exchange) => Post(new BoshEvent.NotWritten(exchange));

    /// <inheritdoc/>
    public Task CloseAsync(SessionEndReason reason)
    {
        Post(new BoshEvent.CloseRequested(reason));
        return _released.Task;
    }

    /// <summary>Begins: the creation request is taken and the backend is called.</summary>
    internal void Start(HeldRequest creation)
    {
        _services.Metrics.SessionStarted(this);
        Receive(creation);
        _ = RunBackendAsync();
    }

    /// <summary>One event through the rules; then their effects, unless somebody is at it already and takes these along.</summary>
    private void Post(BoshEvent e)
    {
        lock (_lock)
        {
            var now = _services.Time.GetElapsedTime(_started);
            // Even earlier, it fired for a deadline that is no more: the rules find nothing due and arm anew.
            if (e is BoshEvent.TimerFired && now < _timerDue && _timerDue - now <= TimerWheel.Slack)
            {
                now = _timerDue;
            }

            _machine.Step(e, now, _effects);
            var held = _machine.HeldCount;
            if (held != _heldCount)
            {
                _services.Metrics.BoshHeldChanged(held - _heldCount);
                _heldCount = held;
            }

            if (_isPerforming)
            {
                return;
            }

            _isPerforming = true;
        }

        while (true)
        {
            lock (_lock)
            {
                if (_effects.Count == 0)
                {
                    _isPerforming = false;
                    return;
                }

                (_effects, _performing) = (_performing, _effects);
            }

            var failed = false;
            foreach (var effect in _performing)
            {
                failed |= !TryPerform(effect);
            }

            _performing.Clear();
            if (failed)
            {
                // Only queues its effects, which are next.
                Post(new BoshEvent.CloseRequested(SessionEndReason.InternalServerError));
            }
        }
    }

    /// <summary>One effect that fails takes none with it: what the session holds is released by effects.</summary>
    private bool TryPerform(BoshEffect effect)
    {
        try
        {
            Perform(effect);
            return true;
        }
        catch (Exception e)
        {
            Log.Failed(_services.Log, e, Id);
            return false;
        }
    }

    private void Perform(BoshEffect effect)
    {
        switch (effect)
        {
            case BoshEffect.Respond respond:
                respond.Exchange.Complete(respond.Response);
                break;
            case BoshEffect.WriteBackend write:
                for (var i = 0; i < write.Count; i++)
                {
                    Counters.CountUp(i == 0 ? write.Bytes.Length : 0);
                }

                _writer.Enqueue(write.Bytes.Span);
                break;
            case BoshEffect.RestartBackend restart:
                _writer.EnqueueRestart(new StreamHeader { To = _terms.Domain, From = restart.From, Lang = restart.Lang, Version = restart.Version });
                break;
            case BoshEffect.PauseBackend:
                Pause();
                break;
            case BoshEffect.ResumeBackend:
                Resume();
                break;
            case BoshEffect.ArmTimer arm:
                Arm(arm);
                break;
            case BoshEffect.End end:
                LeaveBackend(end);
                break;
            case BoshEffect.Drop:
                _services.Forget(_terms.Sid);
                break;
            case BoshEffect.Observe observe:
                Observe(observe);
                break;
            default:
                break;
        }
    }

    private void Arm(BoshEffect.ArmTimer arm)
    {
        lock (_lock)
        {
            _timerDue = arm.Due;
            _timerGeneration = arm.Generation;
        }

        _timer.Change(arm.Due - _services.Time.GetElapsedTime(_started));
    }

    private void OnTimer()
    {
        int generation;
        lock (_lock)
        {
            generation = _timerGeneration;
        }

        Post(new BoshEvent.TimerFired(generation));
    }

    private void Observe(BoshEffect.Observe observe)
    {
        switch (observe.What)
        {
            case BoshObservation.Replayed:
                _services.Metrics.BoshReplayed();
                break;
            case BoshObservation.RidViolated:
                _services.Metrics.BoshRidViolated();
                break;
            case BoshObservation.AuthFailed:
                _services.Watch.AuthFailed(_served.Name, _request.Client.Remote?.Address);
                break;
            case BoshObservation.MechanismRefused:
                _services.Watch.AuthFailed(_served.Name, client: null);
                break;
            default:
                _services.Metrics.BoshUndelivered(observe.Count);
                break;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(3001, LogLevel.Information, "Session {Session} started: bosh, {Domain}")]
        public static partial void Started(ILogger logger, SessionId session, string domain);

        [LoggerMessage(EventId = 3002, Message = "Session {Session} ended: bosh, {Domain}, {Reason}, {Seconds:F1} s, stanzas {StanzasUp} up {StanzasDown} down, bytes {BytesUp} up {BytesDown} down")]
        public static partial void Ended(ILogger logger, LogLevel level, SessionId session, string domain, string reason, double seconds, long stanzasUp, long stanzasDown, long bytesUp, long bytesDown);

        [LoggerMessage(3003, LogLevel.Error, "Session {Session} failed")]
        public static partial void Failed(ILogger logger, Exception exception, SessionId session);
    }
}
