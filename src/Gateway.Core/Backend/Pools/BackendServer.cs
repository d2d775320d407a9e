using System.Diagnostics.CodeAnalysis;
using System.Net;
using Gateway.Core.Backend.Dns;
using Gateway.Core.Sessions;
using Microsoft.Extensions.Logging;

namespace Gateway.Core.Backend.Pools;

/// <summary>
/// One server of a backend as all of its sessions see it: how many they are, whether it is up, and since when. It outlives changes of
/// the configuration that keep its address. Down is who failed checks or whose breaker is not closed.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "The semaphore's wait handle is never asked for: there is nothing to release.")]
internal sealed partial class BackendServer
{
    /// <summary>Most logins under way at a time: others wait, so that a server that hangs is not buried.</summary>
    public const int MostLogins = 256;

    /// <summary>Failed checks in a row before the server gets no sessions; one may be bad luck.</summary>
    public const int FailedChecksToBeDown = 2;

    /// <summary>How long an address that took a connection and said nothing is tried last.</summary>
    public static readonly TimeSpan HungFor = TimeSpan.FromMinutes(5);

    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _logins = new(MostLogins);
    private readonly string _backend;
    private readonly RandomDraw _draw;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private BackendOptions _options = null!;
    private ServerBreaker _breaker = null!;
    private int _sessions;
    private volatile int _failedChecks;
    private bool _isDown;
    private long _returned;
    private long _lastNamed;
    private volatile ServerFailure? _lastFailure;
    private volatile ServerFailure? _lastFault;
    private SessionEndReason? _complaint;
    private volatile HungAddress? _hung;

    /// <summary>Makes a server that is believed to be up.</summary>
    /// <param name="backend">The backend's name, for the log.</param>
    /// <param name="key">Which server it is.</param>
    /// <param name="options">The backend's configuration.</param>
    /// <param name="sessions">All sessions of the backend.</param>
    /// <param name="draw">The randomness of rests and of slow starts.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">One line for each change between up and down.</param>
    public BackendServer(string backend, ServerKey key, BackendOptions options, SessionCount sessions, RandomDraw draw, TimeProvider time, ILogger log)
    {
        (_backend, _draw, _time, _log) = (backend, draw, time, log);
        (Address, Security, IsPublic) = (key.Address, key.Security, options.IsPerDomain);
        OnSessionEnded = () =>
        {
            Leave();
            sessions.Remove();
        };
        LastNamed = time.GetTimestamp();
        Configure(options);
    }

    /// <summary>Where it is.</summary>
    public BackendAddress Address { get; }

    /// <summary>How it is protected: never <see cref="BackendSecurity.Srv"/>.</summary>
    public BackendSecurity Security { get; }

    /// <summary>Named by the DNS of a domain without a backend, which its owner controls: its addresses must be public ones (DISC-035).</summary>
    public bool IsPublic { get; }

    /// <summary>Sessions that it has, those being opened included.</summary>
    public int Sessions => Volatile.Read(ref _sessions);

    /// <summary>Logins under way to a stream with it.</summary>
    public int Logins => MostLogins - _logins.CurrentCount;

    /// <summary>What its breaker does.</summary>
    public BreakerState Breaker => _breaker.State;

    /// <summary>It gets logins. Where checks are made they alone decide on its return; otherwise one login does.</summary>
    public bool IsAvailable => !HasFailedChecks && (_options.HealthCheck.Enabled ? _breaker.State == BreakerState.Closed : _breaker.Admits);

    /// <summary>It failed checks, or its breaker is not closed.</summary>
    public bool IsDown
    {
        get
        {
            lock (_lock)
            {
                return _isDown;
            }
        }
    }

    /// <summary>How an attempt failed last; null if none ever did.</summary>
    public ServerFailure? LastFailure => _lastFailure;

    /// <summary>When a stream to it was ready last.</summary>
    public DateTimeOffset? LastSuccess { get; private set; }

    /// <summary>How long that took.</summary>
    public TimeSpan LastConnectTime { get; private set; }

    /// <summary>When a domain's records named it last, for pools of many domains.</summary>
    public long LastNamed
    {
        get => Volatile.Read(ref _lastNamed);
        set => Volatile.Write(ref _lastNamed, value);
    }

    /// <summary>Which domains lead to it.</summary>
    public ServedNames Serves { get; set; }

    /// <summary>The turns that it has to its credit (<see cref="LoadBalancing.RoundRobin"/>); under the pool's lock.</summary>
    public long Turns { get; set; }

    /// <summary>To be called when a session that had a stream to it has ended.</summary>
    public Action OnSessionEnded { get; }

    /// <summary>Takes over what is configured; a breaker whose settings stay keeps its state.</summary>
    public void Configure(BackendOptions options)
    {
        var (now, then) = (options.CircuitBreaker, _options?.CircuitBreaker);
        if (then is null || (now.FailureRatio, now.MinimumThroughput, now.SamplingDuration, now.BreakDuration)
            != (then.FailureRatio, then.MinimumThroughput, then.SamplingDuration, then.BreakDuration))
        {
            _breaker = new ServerBreaker(now, _draw, NoteState, _time);
        }

        _options = options;
        _failedChecks = options.HealthCheck.Enabled ? _failedChecks : 0;
        NoteState();
    }

    /// <summary>A login gets this server.</summary>
    public void Enter() => Interlocked.Increment(ref _sessions);

    /// <summary>It did not get a stream.</summary>
    public void Leave() => Interlocked.Decrement(ref _sessions);

    /// <summary>Whether it takes part in a choice after it was down: the longer ago, the more likely (slow start).</summary>
    public bool TakesPart()
    {
        const int Whole = 1000;
        var returned = Volatile.Read(ref _returned);
        if (returned == 0 || _options.SlowStart <= TimeSpan.Zero)
        {
            return true;
        }

        var warmth = _time.GetElapsedTime(returned) / _options.SlowStart;
        return warmth >= 1 || _draw(Whole - 1) < warmth * Whole;
    }

    /// <summary>Where nobody checks any more, nobody would take it back.</summary>
    private bool HasFailedChecks => _options.HealthCheck.Enabled && _failedChecks >= FailedChecksToBeDown;

    private void NoteState()
    {
        lock (_lock)
        {
            var isDown = HasFailedChecks || _breaker.State != BreakerState.Closed;
            if (isDown == _isDown)
            {
                return;
            }

            _isDown = isDown;
            if (isDown)
            {
                var fault = _lastFault;
                Log.Down(_log, Address, _backend, fault?.Reason.ToWord() ?? "-", fault?.Detail ?? "-");
            }
            else
            {
                _returned = _time.GetTimestamp();
                Log.Up(_log, Address, _backend);
            }
        }
    }

    /// <summary>One of its addresses took a connection and said nothing until somebody gave up.</summary>
    public void NoteHung(IPAddress address) => _hung = new HungAddress(address, _time.GetTimestamp());

    /// <summary>The address did so lately, and last of all.</summary>
    public bool HasHung(IPAddress address) => _hung is { } hung && hung.Address.Equals(address) && _time.GetElapsedTime(hung.At) < HungFor;

    private sealed record HungAddress(IPAddress Address, long At);

    private static partial class Log
    {
        [LoggerMessage(2301, LogLevel.Warning, "Server {Server} of backend {Backend} is down: {Reason} ({Detail})", EventName = "BackendServerDown")]
        public static partial void Down(ILogger logger, BackendAddress server, string backend, string reason, string detail);

        [LoggerMessage(2303, LogLevel.Warning, "Server {Server} of backend {Backend} is up, but not for {Domain}: {Reason} ({Detail})", EventName = "BackendServerComplains")]
        public static partial void Complains(ILogger logger, BackendAddress server, string backend, string domain, string reason, string detail);

        [LoggerMessage(2302, LogLevel.Information, "Server {Server} of backend {Backend} is up again", EventName = "BackendServerUp")]
        public static partial void Up(ILogger logger, BackendAddress server, string backend);
    }
}
