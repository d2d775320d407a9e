using Gateway.Core.Sessions;
using Gateway.Xmpp.Bosh;
using Gateway.Xmpp.Buffers;

namespace Gateway.Core.Bosh;

/// <summary>How a session ends, and what late requests are told (sections 13, 14, 16, 18).</summary>
public sealed partial class BoshSessionMachine
{
    private byte[]? _streamError;
    private TerminalCondition? _condition;
    private bool _owesTerminal;

    /// <summary>BOSH-092, BOSH-093, BOSH-094.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="cause">The request that caused it; null if none did.</param>
    /// <param name="close">How the backend is left.</param>
    /// <param name="now">When.</param>
    private void End(SessionEndReason reason, HeldRequest? cause, BackendClose close, TimeSpan now)
    {
        if (HasEnded)
        {
            return;
        }

        _condition = reason.ToTerminalCondition();
        Linger(now);
        if (reason is SessionEndReason.Inactivity)
        {
            // Read before what is buffered goes.
            _effects.Add(new BoshEffect.End(reason, close, MakeBounces(_cache.Lost)));
            Drop();
            return;
        }

        var told = TakeOpen(cause);
        _owesTerminal = told.Count == 0;
        var bounces = default(ReadOnlyMemory<byte>);
        if (cause is not null && !_owesTerminal)
        {
            // BOSH-093: no body takes what is buffered, so its senders are told.
            bounces = MakeBounces([]);
            _buffer.Clear();
        }

        for (var i = 0; i < told.Count; i++)
        {
            var isFull = cause is null && i == 0;
            var condition = cause is null || told[i] == cause ? _condition : TerminalCondition.OtherRequest;
            Tell(told[i], MakeTerminal(condition, withPayloads: isFull, cause is null ? _streamError : null), now);
        }

        if (!_owesTerminal)
        {
            _buffer.Clear();
        }

        _effects.Add(new BoshEffect.End(reason, close, bounces));
    }

    /// <summary>
    /// BOSH-090: the lowest one hears of the end, the others get an empty body. What is buffered could go with it, but strophe.js
    /// does not look at it and COMPAT: stanza 12 dies of it, so its senders are told. Of what went to a connection that broke they
    /// are not: who closes right behind an answer may have read it, and may fetch it again for as long as the session lingers.
    /// </summary>
    private void EndByClient(HeldRequest terminate, TimeSpan now)
    {
        if (HasEnded)
        {
            return;
        }

        Linger(now);
        var bounces = MakeBounces([]);
        _buffer.Clear();
        var told = TakeOpen(terminate);
        for (var i = 0; i < told.Count; i++)
        {
            Tell(told[i], i == 0 ? MakeTerminal(null, withPayloads: false, streamError: null) : Say(BoshBodyWriter.Empty), now);
        }

        // Its own connection may have broken while it waited for its turn: its repeat is told.
        _owesTerminal = told.Count == 0;
        _effects.Add(new BoshEffect.End(SessionEndReason.ClientClosed, BackendClose.Clean, bounces));
    }

    private void Linger(TimeSpan now)
    {
        _phase = Phase.Lingering;
        _lingerUntil = now + _options.Linger;
        _timerDue = null;
    }

    /// <summary>Every exchange that still waits, by rid; one without a rid comes last.</summary>
    private List<HeldRequest> TakeOpen(HeldRequest? cause)
    {
        var open = _window.Unanswered.Where(r => !r.IsBroken).ToList();
        if (cause is { IsBroken: false } && !open.Contains(cause))
        {
            // A repeat that ends the session stands beside the exchange it repeats.
            var at = cause.Rid == 0 ? open.Count : open.FindIndex(r => r.Rid > cause.Rid);
            open.Insert(at < 0 ? open.Count : at, cause);
        }

        open.ForEach(_window.Remove);
        return open;
    }

    private void Tell(HeldRequest exchange, in BoshResponse response, TimeSpan now)
    {
        // BOSH-069: repeats get the same until the record is dropped; a rid that was answered before keeps its answer.
        if (exchange.Rid > 0 && _cache.Find(exchange.Rid) is null)
        {
            _cache.Add(exchange, response, now);
        }

        _effects.Add(new BoshEffect.Respond(exchange, response));
    }

    private void AnswerLate(HeldRequest exchange, TimeSpan now)
    {
        if (_phase == Phase.Lingering && exchange.Rid > 0)
        {
            if (_cache.Find(exchange.Rid) is { } cached && SameKeys(exchange, cached.Key, cached.NewKey))
            {
                _effects.Add(new BoshEffect.Respond(exchange, cached.Response));
                _effects.Add(new BoshEffect.Observe(BoshObservation.Replayed, 1));
                return;
            }

            // BOSH-094: the next in order; a rid whose connection broke is still owed its answer and is as good.
            if (_owesTerminal && (_window.Find(exchange.Rid) is { } broken ? SameKeys(exchange, broken.Key, broken.NewKey)
                : exchange.Rid == _window.LastRid + 1 && KeyFits(exchange)))
            {
                _owesTerminal = false;
                Tell(exchange, MakeTerminal(_condition, withPayloads: true, _streamError), now);
                return;
            }
        }

        _effects.Add(new BoshEffect.Respond(exchange, MakeTerminal(TerminalCondition.ItemNotFound, withPayloads: false, streamError: null)));
    }

    private BoshResponse MakeTerminal(TerminalCondition? condition, bool withPayloads, byte[]? streamError)
    {
        var count = withPayloads ? _buffer.Count : 0;
        if (count == 0 && streamError is null)
        {
            return TerminalResponse(condition, _terms.Ver is null, _terms.ContentType);
        }

        using var writer = new PooledByteWriter();
        BoshBodyWriter.WriteTerminalStart(writer, condition, streamError is not null || _buffer.Any(p => p.NeedsStream));
        WritePayloads(writer, count);
        writer.Write(streamError);
        writer.Write(BoshBodyWriter.End);
        return Say(writer.WrittenSpan.ToArray());
    }

    /// <summary>A terminal body alone, or the status that a legacy client gets for it (BOSH-121).</summary>
    public static BoshResponse TerminalResponse(TerminalCondition? condition, bool isLegacy, string contentType)
    {
        var status = condition switch
        {
            TerminalCondition.BadRequest => 400,
            TerminalCondition.PolicyViolation => 403,
            TerminalCondition.ItemNotFound => 404,
            _ => 200,
        };
        return isLegacy && status != 200
            ? new BoshResponse(status, default, contentType)
            : new BoshResponse(200, BoshBodyWriter.Terminal(condition), contentType);
    }

    /// <summary>Errors for the senders of what the client never got (BOSH-114); none when the backend counts itself (BOSH-115).</summary>
    private ReadOnlyMemory<byte> MakeBounces(IEnumerable<CachedResponse> lost)
    {
        if (_streamManagement)
        {
            return default;
        }

        using var writer = new PooledByteWriter();
        var count = 0;
        foreach (var response in lost)
        {
            count += UndeliverableStanzas.BounceBody(writer, response.Response.Body.Span);
        }

        foreach (var payload in _buffer)
        {
            count += payload.Kind == DownPayloadKind.Stanza && UndeliverableStanzas.Bounce(writer, payload.Bytes.Span) ? 1 : 0;
        }

        if (count == 0)
        {
            return default;
        }

        _effects.Add(new BoshEffect.Observe(BoshObservation.Undelivered, count));
        return writer.WrittenSpan.ToArray();
    }
}
