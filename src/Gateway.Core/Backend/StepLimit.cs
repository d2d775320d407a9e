using Gateway.Core.Sessions;

namespace Gateway.Core.Backend;

/// <summary>
/// The time limits of the steps on the way to one stream. Each step begins with <see cref="Begin"/> and runs under the token that it
/// returns; one timer serves them all, one after the other, for a login consists of many.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="cancellationToken">Gives the whole way up.</param>
internal sealed class StepLimit(TimeProvider time, CancellationToken cancellationToken) : IDisposable
{
    private CancellationTokenSource? _source;
    private CancellationTokenRegistration _givenUp;
    private string _what = "";
    private TimeSpan _limit;

    /// <summary>Gives the whole way up.</summary>
    public CancellationToken GivenUp => cancellationToken;

    /// <summary>The step that is under way has reached its limit.</summary>
    public bool IsReached => _source?.IsCancellationRequested == true && !cancellationToken.IsCancellationRequested;

    /// <summary>Begins the next step, which ends the one before.</summary>
    /// <param name="what">What is waited for.</param>
    /// <param name="limit">How long at most.</param>
    public CancellationToken Begin(string what, TimeSpan limit)
    {
        (_what, _limit) = (what, limit);
        if (_source?.TryReset() != true)
        {
            // The first step, or the limit of the one before is due: it must not hit this one.
            Dispose();
            _source = new CancellationTokenSource(limit, time);
            _givenUp = cancellationToken.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _source);
        }
        else
        {
            _source.CancelAfter(limit);
        }

        return _source.Token;
    }

    /// <summary>The cause that a limit becomes when it is reached.</summary>
    public BackendConnectException Reached(OperationCanceledException inner) => Reached(_what, _limit, inner);

    /// <summary>The cause that a limit becomes when it is reached; its text names what was waited for.</summary>
    public static BackendConnectException Reached(string what, TimeSpan limit, Exception inner) =>
        new(SessionEndReason.BackendTimeout, $"no {what} within {limit.TotalSeconds:0.###} s", inner);

    /// <inheritdoc/>
    public void Dispose()
    {
        _givenUp.Dispose();
        _source?.Dispose();
    }
}
