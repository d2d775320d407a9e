using Gateway.Xmpp.Bosh;
using Gateway.Xmpp.Buffers;

namespace Gateway.Core.Bosh;

/// <summary>Which request is answered when, and with what (sections 7 and 8).</summary>
public sealed partial class BoshSessionMachine
{
    private AnswerGrace _grace;

    /// <summary>BOSH-047, BOSH-053, BOSH-054: the held request with the lowest rid, as often as there is cause.</summary>
    private void AnswerWhatIsDue(TimeSpan now)
    {
        while (!HasEnded && _window.LowestHeld is { } lowest && IsAnswerDue(now))
        {
            AnswerUpTo(lowest, now);
        }

        if (_window.HeldCount <= _terms.Hold)
        {
            _grace.End();
        }
    }

    private bool IsAnswerDue(TimeSpan now)
    {
        if (_buffer.Count > 0)
        {
            _grace.Succeed();
            return true;
        }

        var surplus = _window.HeldCount - _terms.Hold;
        return _report > 0 || IsWaitOver(now) || surplus > 1 || (surplus == 1 && (_terms.IsPolling || !_grace.TryHold(now)));
    }

    /// <summary>Something is known that makes waiting for an answer wrong: what is held above the hold is answered at once.</summary>
    private void EndGrace(TimeSpan now)
    {
        if (_grace.Until is null)
        {
            return;
        }

        _grace.End();
        while (_window.HeldCount > _terms.Hold)
        {
            AnswerUpTo(_window.LowestHeld!, now);
        }
    }

    private bool IsWaitOver(TimeSpan now)
    {
        foreach (var request in _window.Unanswered)
        {
            if (request is { IsProcessed: true, IsBroken: false } && request.Deadline <= now)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Answers everything up to a request, in rid order (BOSH-050). A rid below whose connection broke is bound to an empty
    /// body now: its repeat gets that one, and payloads stay in the order of the rids that carry them.
    /// </summary>
    private void AnswerUpTo(HeldRequest last, TimeSpan now)
    {
        while (_window.Unanswered is [var first, ..] && first.Rid <= last.Rid && first.IsProcessed)
        {
            _window.Remove(first);
            var response = Answer(first, withPayloads: !first.IsBroken && !first.IsPause);
            _cache.Add(first, response, now);
            if (!first.IsBroken)
            {
                _effects.Add(new BoshEffect.Respond(first, response));
                _idleSince = now;
            }
        }
    }

    private BoshResponse Answer(HeldRequest request, bool withPayloads)
    {
        var isCreation = request.Rid == _terms.Rid;
        var needsStream = false;
        var carriesFeatures = false;
        var isOfLogin = _buffer.TryPeek(out var next) && next.IsOfLogin; // such a one is alone
        var count = withPayloads ? CountForOneBody(out needsStream, out carriesFeatures) : 0;
        var attributes = new BoshResponseAttributes
        {
            Creation = isCreation ? Creation : null,
            // BOSH-073, BOSH-074
            Ack = _terms.UsesAcks && (isCreation || _window.LastRid != request.Rid) ? _window.LastRid : 0,
            Report = withPayloads ? _report : 0,
            Time = withPayloads ? _reportTime : 0,
            AuthId = carriesFeatures ? _streamId : null,
            XmppVersion = carriesFeatures ? _streamVersion : null,
            DeclaresStream = needsStream,
        };
        _report = withPayloads ? 0 : _report;
        if (carriesFeatures)
        {
            // BOSH-046, BOSH-105: only with the first ones.
            _streamId = null;
            _streamVersion = null;
        }

        if (count == 0 && attributes == default)
        {
            return Say(BoshBodyWriter.Empty);
        }

        using var writer = new PooledByteWriter();
        BoshBodyWriter.WriteStart(writer, attributes, isEmpty: count == 0);
        if (count > 0)
        {
            WritePayloads(writer, count);
            writer.Write(BoshBodyWriter.End);
        }

        return Say(writer.WrittenSpan.ToArray()) with { MayCompress = _options.Compression && IsAuthenticated && !isCreation && !isOfLogin };
    }

    private BoshCreation Creation => new(
        _terms.Sid,
        (int)_terms.Wait.TotalSeconds,
        _terms.Requests,
        _terms.Hold,
        (int)_terms.Inactivity.TotalSeconds,
        (int)_options.Polling.TotalSeconds,
        (int)_options.MaxPause.TotalSeconds,
        _terms.Ver,
        _terms.Domain);

    /// <summary>How many of the buffered payloads one body takes: up to the limit, and features and SASL elements alone (BOSH-028).</summary>
    private int CountForOneBody(out bool needsStream, out bool carriesFeatures)
    {
        var count = 0;
        var bytes = 0;
        needsStream = carriesFeatures = false;
        foreach (var payload in _buffer)
        {
            var isAlone = payload.Kind == DownPayloadKind.Features || payload.IsOfLogin;
            if (count > 0 && (isAlone || bytes + payload.Bytes.Length > _options.MaxResponseBytes))
            {
                break;
            }

            count++;
            bytes += payload.Bytes.Length;
            needsStream |= payload.NeedsStream;
            carriesFeatures |= payload.Kind == DownPayloadKind.Features;
            if (isAlone)
            {
                break;
            }
        }

        return count;
    }

    private void WritePayloads(PooledByteWriter writer, int count)
    {
        for (var i = 0; i < count; i++)
        {
            var payload = _buffer.Dequeue();
            _bufferedBytes -= payload.Bytes.Length;
            writer.Write(payload.Bytes.Span);
        }

        if (_buffer.Count == 0 && count > 64)
        {
            _buffer.TrimExcess();
        }
    }

    private BoshResponse Say(ReadOnlyMemory<byte> body) => new(200, body, _terms.ContentType);
}
