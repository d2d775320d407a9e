namespace Gateway.Core.Bosh;

/// <summary>
/// The moment in which a request above the hold waits for the answer to what the newer one brought: whoever waits for its answers
/// then needs one request for each, where the older would go back empty and the newer with the answer (XEP-0124 §8 wants the older answered "immediately").
/// Whoever only sends must not be slowed down, so each moment that was in vain doubles the number of requests that get none.
/// </summary>
internal struct AnswerGrace
{
    /// <summary>A busy server on the same site answers within it, and no person feels it.</summary>
    public static readonly TimeSpan Length = TimeSpan.FromMilliseconds(10);

    // One in 32 tries whether the client has come to wait for answers.
    private const int MaxFailures = 5;

    private int _failures;
    private int _toSkip;

    /// <summary>When it is over; null while nobody waits.</summary>
    public TimeSpan? Until { get; private set; }

    /// <summary>A request is above the hold: may it wait?</summary>
    public bool TryHold(TimeSpan now)
    {
        if (Until is { } until)
        {
            return now < until;
        }

        if (_toSkip > 0)
        {
            _toSkip--;
            return false;
        }

        Until = now + Length;
        return true;
    }

    /// <summary>Something came for the client to get.</summary>
    public void Succeed()
    {
        _failures = Until is null ? _failures : 0;
        Until = null;
    }

    /// <summary>It ended in another way.</summary>
    public void End()
    {
        if (Until is not null)
        {
            Until = null;
            _failures = Math.Min(_failures + 1, MaxFailures);
            _toSkip = (1 << _failures) - 1;
        }
    }
}
