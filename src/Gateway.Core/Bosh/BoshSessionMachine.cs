using System.Diagnostics;
using Gateway.Core.Policies;
using Gateway.Core.Sessions;

namespace Gateway.Core.Bosh;

/// <summary>
/// The rules of one BOSH session (XEP-0124 1.11.2, XEP-0206 1.4): an event and the time go in, effects come out. No await, no
/// lock, no clock and no network in here; whoever calls it sees to it that calls do not overlap and performs the effects in order.
/// Times count from the session's start.
/// </summary>
/// <remarks>
/// <code>
/// Creating --features--> Active --end--> Lingering --30 s--> Gone
///     |                     |                                 ^
///     +-----(inactivity)----+---------------------------------+
/// </code>
/// </remarks>
public sealed partial class BoshSessionMachine
{
    // BOSH-053: the response leaves between wait - 1 s and wait.
    private static readonly TimeSpan WaitMargin = TimeSpan.FromMilliseconds(500);

    private readonly BoshTerms _terms;
    private readonly BoshOptions _options;
    private readonly TimeSpan _authTimeout;
    private readonly int _requestsPerSecond;
    private readonly RequestWindow _window;
    private readonly ResponseCache _cache;
    private List<BoshEffect> _effects = [];
    private Phase _phase;
    private TimeSpan _idleSince;
    private TimeSpan? _pause;
    private TimeSpan _lingerUntil;
    private TimeSpan? _timerDue;
    private int _timerGeneration;
    private TimeSpan? _congestedSince;

    /// <summary>Makes the rules of a session that was granted its terms.</summary>
    public BoshSessionMachine(BoshTerms terms, BoshOptions options, SessionLimits limits, DomainSecurity security)
    {
        _policy = new ClientElementPolicy(security, terms.Domain, limits.AuthFailuresPerSession);
        _authTimeout = limits.AuthTimeout;
        _requestsPerSecond = limits.RequestsPerSecond;
        _terms = terms;
        _options = options;
        _window = new RequestWindow(terms.Requests);
        _cache = new ResponseCache(terms.Requests, terms.UsesAcks, options.MaxCachedBytes);
        _window.Begin(terms.Rid);
        _expectedKey = terms.NewKey;
    }

    private enum Phase : byte
    {
        Creating,
        Active,
        Lingering,
        Gone,
    }

    /// <summary>The backend has accepted the client (XS-047): the larger limits hold.</summary>
    public bool IsAuthenticated { get; private set; }

    /// <summary>It is over; late requests are answered while it lingers.</summary>
    public bool HasEnded => _phase >= Phase.Lingering;

    /// <summary>Requests held now.</summary>
    public int HeldCount => _window.HeldCount;

    /// <summary>Handles one event.</summary>
    /// <param name="e">What happened.</param>
    /// <param name="now">When, since the session's start.</param>
    /// <param name="effects">Takes what is to be done about it, behind what it holds.</param>
    public void Step(BoshEvent e, TimeSpan now, List<BoshEffect> effects)
    {
        _effects = effects;
        switch (e)
        {
            case BoshEvent.Received received:
                OnReceived(received.Exchange, now);
                break;
            case BoshEvent.Malformed malformed:
                OnMalformed(malformed.Exchange, malformed.Reason, now);
                break;
            case BoshEvent.Aborted aborted:
                OnAborted(aborted.Exchange, now);
                break;
            case BoshEvent.NextWaits waiting:
                OnNextWaits(waiting.Exchange);
                break;
            case BoshEvent.NotWritten lost:
                OnNotWritten(lost.Exchange);
                break;
            case BoshEvent.BackendOpened opened:
                OnBackendOpened(opened);
                break;
            case BoshEvent.BackendRead read:
                OnBackendRead(read.Payloads, now);
                break;
            case BoshEvent.BackendEnded ended:
                OnBackendEnded(ended, now);
                break;
            case BoshEvent.BackendCongested:
                _congestedSince ??= now;
                break;
            case BoshEvent.BackendDrained:
                _congestedSince = null;
                ProcessInOrder(now);
                break;
            case BoshEvent.TimerFired fired:
                OnTimer(fired.Generation, now);
                break;
            case BoshEvent.CloseRequested requested:
                End(requested.Reason, cause: null, requested.Reason == SessionEndReason.SystemShutdown && _isResumable ? BackendClose.Unclean : BackendClose.Clean, now);
                break;
            default:
                throw new UnreachableException();
        }

        if (!HasEnded)
        {
            AnswerWhatIsDue(now);
            BalanceBackend();
        }

        ArmTimer();
    }

    private void OnTimer(int generation, TimeSpan now)
    {
        if (generation != _timerGeneration)
        {
            return;
        }

        _timerDue = null;
        if (_phase == Phase.Lingering)
        {
            if (_lingerUntil <= now)
            {
                Drop();
            }

            return;
        }

        if (HasEnded)
        {
            return;
        }

        if (!IsAuthenticated && AuthDeadline is { } auth && auth <= now)
        {
            End(SessionEndReason.AuthTimeout, cause: null, BackendClose.Clean, now);
        }
        else if (GapDeadline is { } gap && gap <= now)
        {
            // BOSH-063: never answered with a recoverable error, which clients take for success.
            _effects.Add(new BoshEffect.Observe(BoshObservation.RidViolated, 1));
            End(SessionEndReason.ItemNotFound, cause: null, BackendClose.Clean, now);
        }
        else if (IdleDeadline is { } idle && idle <= now)
        {
            // BOSH-078: silently.
            End(SessionEndReason.Inactivity, cause: null, BackendClose.Unclean, now);
        }
        else if (CongestionDeadline is { } congestion && congestion <= now)
        {
            End(SessionEndReason.BackendTimeout, cause: null, BackendClose.Unclean, now);
        }
        else if (_paceDue <= now)
        {
            ProcessInOrder(now);
        }
    }

    private TimeSpan? AuthDeadline => _authTimeout > TimeSpan.Zero ? _authTimeout : null;

    private TimeSpan? GapDeadline => _window.GapSince + _terms.Inactivity;

    /// <summary>
    /// BOSH-053: what waits behind a congested backend can be neither taken nor answered, so the congestion ends before its
    /// wait does. Below five seconds it may be a hiccup.
    /// </summary>
    private TimeSpan? CongestionDeadline => _congestedSince + TimeSpan.FromSeconds(Math.Clamp(_terms.Wait.TotalSeconds - 1, 5, 30));

    private TimeSpan? IdleDeadline => _window.OpenCount == 0 ? _idleSince + (_pause ?? _terms.Inactivity) : null;

    /// <summary>One timer for all deadlines. A later deadline leaves it as it is: it fires, finds nothing due, and is armed anew.</summary>
    private void ArmTimer()
    {
        if (NextDeadline() is not { } due || (_timerDue is { } armed && armed <= due))
        {
            return;
        }

        _timerDue = due;
        _effects.Add(new BoshEffect.ArmTimer(due, ++_timerGeneration));
    }

    private TimeSpan? NextDeadline()
    {
        if (HasEnded)
        {
            return _phase == Phase.Lingering ? _lingerUntil : null;
        }

        var next = Earlier(IdleDeadline, GapDeadline);
        next = Earlier(next, CongestionDeadline);
        next = Earlier(next, _congestedSince is null ? _paceDue : null);
        next = Earlier(next, _grace.Until);
        next = Earlier(next, IsAuthenticated ? null : AuthDeadline);
        foreach (var request in _window.Unanswered)
        {
            next = request is { IsProcessed: true, IsBroken: false } ? Earlier(next, request.Deadline) : next;
        }

        return next;
    }

    private static TimeSpan? Earlier(TimeSpan? left, TimeSpan? right) => left is null || right < left ? right ?? left : left;

    private void Drop()
    {
        _phase = Phase.Gone;
        _buffer.Clear();
        _effects.Add(new BoshEffect.Drop());
    }
}
