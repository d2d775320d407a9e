using Gateway.Core.Sessions;
using Gateway.Xmpp.Bosh;

namespace Gateway.Core.Bosh;

/// <summary>What requests do: order, terminate, pause.</summary>
public sealed partial class BoshSessionMachine
{
    private TimeSpan _lastArrival;

    private void OnReceived(HeldRequest exchange, TimeSpan now)
    {
        exchange.ReceivedAt = now;
        exchange.FirstReceivedAt = now;
        if (HasEnded)
        {
            AnswerLate(exchange, now);
            return;
        }

        // BOSH-082: whatever comes, the pause is over.
        _pause = null;
        var body = exchange.Request!.Body;
        if (exchange.Rid == 0)
        {
            End(SessionEndReason.BadRequest, exchange, BackendClose.Clean, now);
            return;
        }

        switch (_window.Place(exchange.Rid, body.Pause is not null || body.IsTerminate))
        {
            case RidPlace.Answered:
                Replay(exchange, now);
                return;
            case RidPlace.Unanswered:
                TakePlace(exchange, _window.Find(exchange.Rid)!, now);
                return;
            case RidPlace.Beyond:
                Violate(exchange, now);
                return;
            default:
                break;
        }

        if (body.Malformed != BoshAttributes.None)
        {
            End(SessionEndReason.BadRequest, exchange, BackendClose.Clean, now);
            return;
        }

        // Who has one more request has no need to wait for the oldest; and its window is full.
        EndGrace(now);
        _window.Add(exchange);
        exchange.OutstandingOnArrival = _window.OpenCount;
        exchange.SincePrevious = now - _lastArrival;
        _lastArrival = now;
        ProcessInOrder(now);
    }

    private void OnMalformed(HeldRequest exchange, SessionEndReason reason, TimeSpan now)
    {
        exchange.ReceivedAt = now;
        if (HasEnded)
        {
            AnswerLate(exchange, now);
            return;
        }

        End(reason, exchange, BackendClose.Clean, now);
    }

    private void OnAborted(HeldRequest exchange, TimeSpan now)
    {
        if (exchange.IsBroken || !_window.Contains(exchange))
        {
            return;
        }

        // BOSH-058: nothing is bound to its rid.
        exchange.IsBroken = true;
        _effects.Add(new BoshEffect.Respond(exchange, default));
        if (HasEnded)
        {
            return;
        }

        if (_window.OpenCount == 0)
        {
            _idleSince = now;
        }

        if (exchange.Rid == _terms.Rid)
        {
            // Nobody has learnt the sid, so nobody can come back.
            End(SessionEndReason.ClientLost, cause: null, BackendClose.Unclean, now);
        }
    }

    private void Violate(HeldRequest exchange, TimeSpan now)
    {
        _effects.Add(new BoshEffect.Observe(BoshObservation.RidViolated, 1));
        End(SessionEndReason.ItemNotFound, exchange, BackendClose.Clean, now);
    }

    /// <summary>BOSH-060: the next one, and all that have become consecutive with it.</summary>
    private void ProcessInOrder(TimeSpan now)
    {
        while (!HasEnded && _congestedSince is null && _window.Next is { } request && IsInPace(request, now))
        {
            _window.Take(request);
            Process(request, now);
            AnswerWhatIsDue(now);
        }
    }

    private void Process(HeldRequest exchange, TimeSpan now)
    {
        var request = exchange.Request!;
        exchange.Request = null;
        exchange.Deadline = DeadlineOf(exchange);
        var body = request.Body;
        if (exchange.Rid != _terms.Rid)
        {
            if (!KeyFits(exchange))
            {
                Violate(exchange, now);
                return;
            }

            if (IsOveractive(exchange, request, now))
            {
                End(SessionEndReason.PolicyViolation, exchange, BackendClose.Clean, now);
                return;
            }

            Acknowledge(exchange.Rid, body.Ack, now);
        }

        if (body.IsTerminate)
        {
            // BOSH-089, BOSH-111: what cannot be forwarded now is dropped, the end is not refused.
            if (!_restartExpected && (IsAuthenticated || !request.Payloads.Any(p => p.Kind == BoshPayloadKind.Stanza)))
            {
                Forward(exchange, request, now);
            }

            EndByClient(exchange, now);
            return;
        }

        if (body.Pause is { } pause)
        {
            if (TimeSpan.FromSeconds(pause) > _options.MaxPause || _options.MaxPause == TimeSpan.Zero)
            {
                End(SessionEndReason.PolicyViolation, exchange, BackendClose.Clean, now);
            }
            else if (Forward(exchange, request, now))
            {
                exchange.IsPause = true;
                AnswerUpTo(exchange, now);
                _pause = TimeSpan.FromSeconds(Math.Max(1, pause));
            }

            return;
        }

        if (body.IsRestart)
        {
            Restart(exchange, body, now);
            return;
        }

        Forward(exchange, request, now);
    }

    private TimeSpan DeadlineOf(HeldRequest exchange)
    {
        if (exchange.IsNextWaiting)
        {
            return exchange.ReceivedAt;
        }

        var wait = _terms.Wait > WaitMargin ? _terms.Wait - WaitMargin : TimeSpan.Zero;
        if (exchange.Rid == _terms.Rid && _options.FeaturesWait < wait)
        {
            wait = _options.FeaturesWait; // BOSH-051
        }

        return exchange.ReceivedAt + wait;
    }
}
