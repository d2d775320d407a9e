using Gateway.Core.Sessions;
using Gateway.Xmpp.Bosh;

namespace Gateway.Core.Bosh;

/// <summary>What a repeated rid gets (section 9).</summary>
public sealed partial class BoshSessionMachine
{
    // BOSH-070. The first repeat of a rid is not counted for the minute: on a bad line every answer may be lost once, and whoever
    // repeats each request once can be served for as long as it takes.
    private const int MaxRepeatsOfOne = 10;
    private const int MaxRepeatsPerMinute = 30;

    private Tally _repeats;

    /// <summary>BOSH-065, BOSH-067.</summary>
    private void Replay(HeldRequest exchange, TimeSpan now)
    {
        if (_cache.Find(exchange.Rid) is not { } cached || !SameKeys(exchange, cached.Key, cached.NewKey))
        {
            Violate(exchange, now);
            return;
        }

        exchange.Repeats = ++cached.Repeats;
        if (IsRepeatedTooOften(exchange.Repeats, now))
        {
            End(SessionEndReason.PolicyViolation, exchange, BackendClose.Clean, now);
            return;
        }

        cached.IsLost = false;
        _effects.Add(new BoshEffect.Respond(exchange, cached.Response));
        _effects.Add(new BoshEffect.Observe(BoshObservation.Replayed, 1));
        _idleSince = now;
    }

    /// <summary>
    /// BOSH-114. Every exchange of a rid has its own count of repeats: only the one that got the cached response last can lose it,
    /// and not an older one, which got a recoverable error or was asked for again since.
    /// </summary>
    private void OnNotWritten(HeldRequest exchange)
    {
        if (_cache.Find(exchange.Rid) is { } response && response.Repeats == exchange.Repeats)
        {
            response.IsLost = true;
        }
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
        if (IsRepeatedTooOften(exchange.Repeats, now))
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

    private bool IsRepeatedTooOften(int repeats, TimeSpan now) =>
        repeats > MaxRepeatsOfOne || (repeats > 1 && _repeats.Add(now) > MaxRepeatsPerMinute);
}
