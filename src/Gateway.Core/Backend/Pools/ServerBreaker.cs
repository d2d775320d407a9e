using Gateway.Core.Backend.Dns;
using Gateway.Core.Sessions;
using Polly;
using Polly.CircuitBreaker;

namespace Gateway.Core.Backend.Pools;

/// <summary>The circuit breaker of one server, built once for all that is tried with it.</summary>
internal sealed class ServerBreaker
{
    /// <summary>How long a rest grows while the server stays away (XS-008): 60 s, or what is configured if that is longer.</summary>
    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(60);

    private readonly CircuitBreakerOptions _options;
    private readonly RandomDraw _draw;
    private readonly CircuitBreakerStateProvider _state = new();
    private readonly ResiliencePipeline _pipeline;
    private readonly TimeProvider _time;
    private long _restUntil;

    /// <summary>Builds it.</summary>
    /// <param name="options">When it opens, and for how long.</param>
    /// <param name="draw">Spreads the rests of many gateways.</param>
    /// <param name="onChanged">Told of each change of its state.</param>
    /// <param name="time">The clock.</param>
    public ServerBreaker(CircuitBreakerOptions options, RandomDraw draw, Action onChanged, TimeProvider time)
    {
        (_options, _draw, _time) = (options, draw, time);
        ValueTask Note(TimeSpan rest)
        {
            Volatile.Write(ref _restUntil, time.GetTimestamp() + (long)(rest.TotalSeconds * time.TimestampFrequency));
            onChanged();
            return default;
        }

        _pipeline = new ResiliencePipelineBuilder { TimeProvider = new SteadyTime(time) }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions
            {
                FailureRatio = options.FailureRatio,
                MinimumThroughput = options.MinimumThroughput,
                SamplingDuration = options.SamplingDuration,
                BreakDuration = options.BreakDuration,
                BreakDurationGenerator = args => new ValueTask<TimeSpan>(Rest(args.HalfOpenAttempts)),
                StateProvider = _state,
                ShouldHandle = args => new ValueTask<bool>(args.Outcome.Exception is BackendConnectException { IsServersFault: true } or AbandonedException),
                OnOpened = args => Note(args.BreakDuration),
                OnHalfOpened = _ => Note(options.BreakDuration), // for all but the one that is let through
                OnClosed = _ => Note(TimeSpan.Zero),
            })
            .Build();
    }

    /// <summary>What it does.</summary>
    public BreakerState State => _state.CircuitState switch
    {
        CircuitState.Closed => BreakerState.Closed,
        CircuitState.HalfOpen => BreakerState.HalfOpen,
        _ => BreakerState.Open,
    };

    /// <summary>It may let somebody through; otherwise asking it is in vain.</summary>
    public bool Admits => _state.CircuitState == CircuitState.Closed || _time.GetTimestamp() >= Volatile.Read(ref _restUntil);

    /// <summary>Tries something with the server; the second argument tells whether this attempt decides on the server's return.</summary>
    /// <exception cref="BackendConnectException">It failed; or, with <see cref="SessionEndReason.BackendUnavailable"/>, nothing was tried.</exception>
    public async ValueTask<T> ExecuteAsync<TState, T>(Func<TState, bool, CancellationToken, ValueTask<T>> attempt, TState state, CancellationToken cancellationToken)
    {
        try
        {
            return await _pipeline.ExecuteAsync(
                static (all, token) => all.attempt(all.state, all.This._state.CircuitState == CircuitState.HalfOpen, token), (This: this, attempt, state), cancellationToken);
        }
        catch (BrokenCircuitException e)
        {
            throw new BackendConnectException(SessionEndReason.BackendUnavailable, "the server's circuit breaker is open", e);
        }
    }

    /// <summary>As configured at first; then twice as long from time to time, a tenth more or less.</summary>
    private TimeSpan Rest(int failedReturns)
    {
        var longest = _options.BreakDuration > LongestRest ? _options.BreakDuration : LongestRest;
        var rest = _options.BreakDuration * Math.Pow(2, Math.Min(failedReturns, 10));
        return failedReturns == 0 ? _options.BreakDuration : (rest < longest ? rest : longest) * (0.9 + (_draw(200) / 1000.0));
    }
}
