using Gateway.Core.Policies;
using Gateway.Core.Sessions;
using Gateway.Xmpp.Bosh;

namespace Gateway.Core.Bosh;

/// <summary>What requests do: order, repeats, terminate, pause, restart, payloads.</summary>
public sealed partial class BoshSessionMachine
{
    // BOSH-070.
    private const int MaxRepeatsOfOne = 10;
    private const int MaxRepeatsPerMinute = 30;

    private TimeSpan _lastArrival;
    private Tally _repeats;

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

    /// <summary>BOSH-065, BOSH-067.</summary>
    private void Replay(HeldRequest exchange, TimeSpan now)
    {
        if (_cache.Find(exchange.Rid) is not { } cached || !SameKeys(exchange, cached.Key, cached.NewKey))
        {
            Violate(exchange, now);
            return;
        }

        if (++cached.Repeats > MaxRepeatsOfOne || _repeats.Add(now) > MaxRepeatsPerMinute)
        {
            End(SessionEndReason.PolicyViolation, exchange, BackendClose.Clean, now);
            return;
        }

        cached.IsLost = false;
        _effects.Add(new BoshEffect.Respond(exchange, cached.Response));
        _effects.Add(new BoshEffect.Observe(BoshObservation.Replayed, 1));
        _idleSince = now;
    }

    /// <summary>BOSH-066: the newer exchange takes the older one's place; its payloads are here already.</summary>
    private void TakePlace(HeldRequest exchange, HeldRequest older, TimeSpan now)
    {
        if (!SameKeys(exchange, older.Key, older.NewKey))
        {
            Violate(exchange, now);
            return;
        }

        exchange.Repeats = older.Repeats + 1;
        if (exchange.Repeats > MaxRepeatsOfOne || _repeats.Add(now) > MaxRepeatsPerMinute)
        {
            End(SessionEndReason.PolicyViolation, exchange, BackendClose.Clean, now);
            return;
        }

        exchange.Request = older.Request;
        exchange.FirstReceivedAt = older.FirstReceivedAt;
        exchange.SincePrevious = older.SincePrevious;
        exchange.OutstandingOnArrival = older.OutstandingOnArrival;
        exchange.IsPause = older.IsPause;
        exchange.IsProcessed = older.IsProcessed;
        exchange.Deadline = DeadlineOf(exchange);
        _window.Replace(older, exchange);
        if (!older.IsBroken)
        {
            _effects.Add(new BoshEffect.Respond(older, Say(BoshBodyWriter.RecoverableError)));
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
        while (!HasEnded && _congestedSince is null && _window.TakeNext() is { } request)
        {
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

    /// <summary>BOSH-107..112. Payloads of the request are ignored.</summary>
    private void Restart(HeldRequest exchange, BoshBody body, TimeSpan now)
    {
        if (!_restartExpected || (body.To is { } to && !to.AsSpan().TrimEnd('.').Equals(_terms.Domain, StringComparison.OrdinalIgnoreCase)))
        {
            End(SessionEndReason.BadRequest, exchange, BackendClose.Clean, now);
            return;
        }

        _restartExpected = false;
        _streamManagement = false;
        _effects.Add(new BoshEffect.RestartBackend(
            BoshTerms.IsLanguageTag(body.Lang) ? body.Lang! : _terms.Lang,
            BareJid.IfOf(body.From, _terms.Domain) ?? _terms.From));
    }

    /// <summary>Payloads go up, side by side. False: one of them has ended the session.</summary>
    private bool Forward(HeldRequest exchange, BoshRequest request, TimeSpan now)
    {
        if (request.Payloads.Count == 0)
        {
            return true;
        }

        if (_restartExpected)
        {
            // BOSH-111
            End(SessionEndReason.BadRequest, exchange, BackendClose.Clean, now);
            return false;
        }

        var start = 0;
        var count = 0;
        var at = 0;
        foreach (var payload in request.Payloads)
        {
            SessionEndReason? refusal = payload.Kind switch
            {
                BoshPayloadKind.StartTls or BoshPayloadKind.Forbidden => SessionEndReason.BadRequest,
                _ => null,
            };
            var verdict = _policy.Judge(request.Bytes.Span.Slice(at, payload.Length), IsAuthenticated);
            refusal ??= verdict.Action == ClientElementAction.End ? verdict.Reason : null;
            if (refusal is { } reason)
            {
                End(reason, exchange, BackendClose.Clean, now);
                return false;
            }

            if (payload.Kind == BoshPayloadKind.Compress || verdict.Action != ClientElementAction.Forward)
            {
                Write(request, start, at, count);
                start = at + payload.Length;
                count = 0;
                Divert(verdict, now);
                if (HasEnded)
                {
                    return false;
                }
            }
            else
            {
                _streamManagement |= payload.Kind == BoshPayloadKind.StreamManagement;
                count++;
            }

            at += payload.Length;
        }

        Write(request, start, at, count);
        return true;
    }

    private void Write(BoshRequest request, int start, int end, int count)
    {
        if (count > 0)
        {
            _effects.Add(new BoshEffect.WriteBackend(request.Bytes[start..end], count));
        }
    }

    private TimeSpan DeadlineOf(HeldRequest exchange)
    {
        var wait = _terms.Wait > WaitMargin ? _terms.Wait - WaitMargin : TimeSpan.Zero;
        if (exchange.Rid == _terms.Rid && _options.FeaturesWait < wait)
        {
            wait = _options.FeaturesWait; // BOSH-051
        }

        return exchange.ReceivedAt + wait;
    }
}
