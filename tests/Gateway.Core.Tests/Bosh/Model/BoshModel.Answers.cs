using Gateway.Core.Bosh;
using Gateway.Core.Sessions;

namespace Gateway.Core.Tests.Bosh.Model;

/// <summary>Who is answered, with what, and how it ends.</summary>
internal sealed partial class BoshModel
{
    private static readonly string[] EndConditions = ["", "remote-connection-failed", "remote-stream-error"];
    private static readonly SessionEndReason[] EndReasons = [SessionEndReason.BackendClosed, SessionEndReason.BackendLost, SessionEndReason.RemoteStreamError];
    private string _condition = "";
    private bool _owesTheEnd;
    private TimeSpan _forgottenAt;

    /// <summary>Of which the senders are told at the session's end that they went nowhere.</summary>
    public List<int> Bounced { get; } = [];

    private ModelRequest? LowestHeld => _open.Values.FirstOrDefault(r => r.IsHeld);

    public static string Payloads(IEnumerable<int> numbers) => string.Concat(numbers.Select(Payload));

    public static string Payload(int number) => $"<message id='{number}'/>";

    public static string Terminal(string condition, string content = "") =>
        $"<body type='terminate'{(condition.Length > 0 ? $" condition='{condition}'" : "")} xmlns='http://jabber.org/protocol/httpbind'" + (content.Length > 0 ? $">{content}</body>" : "/>");

    public void EndByBackend(int kind)
    {
        if (End is null)
        {
            Finish(EndReasons[kind], null, EndConditions[kind]);
        }
    }

    public static SessionEndReason ReasonOf(int kind) => EndReasons[kind];

    private void Acknowledge(ModelRequest request)
    {
        var upTo = Math.Min(request.Ack ?? request.Rid - 1, LastAnswered);
        if (!acks || request.Ack > LastAnswered || (request.Ack ?? request.Rid - 1) < _acknowledged)
        {
            return;
        }

        _acknowledged = upTo;
        _cache.RemoveAll(c => c.Rid <= upTo);
        var missing = _cache.FindIndex(c => c.Rid == upTo + 1);
        if (missing >= 0 && upTo + 1 != _lastReport && Now - _cache[missing].At > TimeSpan.FromSeconds(2))
        {
            _lastReport = upTo + 1;
            _report = (upTo + 1, (int)Math.Min(65535, (Now - _cache[missing].At).TotalMilliseconds));
        }
    }

    private void AnswerWhatIsDue()
    {
        while (End is null && LowestHeld is { } lowest)
        {
            var isDue = _buffer.Count > 0 || _report.Rid > 0 || HeldCount > hold + 1 || _open.Values.Any(r => r.IsHeld && r.Received + Wait <= Now);
            if (!isDue && HeldCount > hold)
            {
                isDue = _grace is { } until ? until <= Now : IsNextObserved(lowest.Tag, Body(lowest.Rid, "", ""));
                _grace ??= isDue ? null : Now + AnswerGrace.Length;
            }

            if (!isDue)
            {
                break;
            }

            AnswerUpTo(lowest.Rid);
        }

        _grace = HeldCount > hold ? _grace : null;
    }

    private void AnswerUpTo(long rid)
    {
        foreach (var request in _open.Values.Where(r => r.Rid <= rid).ToList())
        {
            _open.Remove(request.Rid);
            var isFull = !request.IsBroken && request.Step.Kind != StepKind.Pause;
            var content = isFull ? Payloads(_buffer) : "";
            var report = isFull && _report.Rid > 0 ? $" report='{_report.Rid}' time='{_report.Time}'" : "";
            var body = Body(request.Rid, report, content);
            if (isFull)
            {
                _buffer.Clear();
                _report = default;
            }

            Tell(request.Rid, request.IsBroken ? null : request.Tag, body, request.Repeats);
            _idleSince = request.IsBroken ? _idleSince : Now;
        }
    }

    private string Body(long rid, string report, string content)
    {
        var ack = acks && rid != LastRid ? $" ack='{LastRid}'" : "";
        return $"<body{report} xmlns='http://jabber.org/protocol/httpbind'{ack}" + (content.Length > 0 ? $">{content}</body>" : "/>");
    }

    /// <summary>The answer of a rid: what its repeats get from now on, if it has none yet.</summary>
    private void Tell(long rid, object? tag, string body, int repeats = 0)
    {
        if (_cache.All(c => c.Rid != rid))
        {
            _cache.Add((rid, body, Now, repeats));
            LastAnswered = Math.Max(LastAnswered, rid);
            _cache.RemoveRange(0, Math.Max(0, _cache.Count - (acks ? 64 : requests)));
        }

        if (tag is not null)
        {
            Answers.Enqueue((tag, body));
        }
    }

    private void Repeat(ModelRequest older, object tag)
    {
        older.Repeats++;
        if (older.Repeats > 10 || (older.Repeats > 1 && Count(ref _repeats) > 30))
        {
            Finish(SessionEndReason.PolicyViolation, (older.Rid, tag), "policy-violation");
            return;
        }

        if (!older.IsBroken)
        {
            Answers.Enqueue((older.Tag, MachineRig.Error));
        }

        older.Tag = tag;
        older.IsBroken = false;
        older.Received = Now;
    }

    private void Replay(long rid, object tag)
    {
        var at = _cache.FindIndex(c => c.Rid == rid);
        if (at < 0)
        {
            Finish(SessionEndReason.ItemNotFound, (rid, tag), "item-not-found");
            return;
        }

        _cache[at] = _cache[at] with { Repeats = _cache[at].Repeats + 1 };
        if (_cache[at].Repeats > 10 || (_cache[at].Repeats > 1 && Count(ref _repeats) > 30))
        {
            Finish(SessionEndReason.PolicyViolation, (rid, tag), "policy-violation");
            return;
        }

        Answers.Enqueue((tag, _cache[at].Body));
        _idleSince = Now;
    }

    private void ReceiveLate(long rid, object tag)
    {
        var isForgotten = _forgottenAt <= Now;
        var at = _cache.FindIndex(c => c.Rid == rid);
        if (!isForgotten && at >= 0)
        {
            Answers.Enqueue((tag, _cache[at].Body));
        }
        else if (!isForgotten && _owesTheEnd && (rid == LastRid + 1 || _open.ContainsKey(rid)))
        {
            _owesTheEnd = false;
            Tell(rid, tag, Terminal(_condition, Payloads(_buffer)));
            _buffer.Clear();
        }
        else
        {
            Answers.Enqueue((tag, Terminal("item-not-found")));
        }
    }

    private void Finish(SessionEndReason reason, (long Rid, object Tag)? cause, string condition, bool byRequest = false)
    {
        Begin(reason, condition);
        var told = _open.Values.Where(r => !r.IsBroken).Select(r => (r.Rid, r.Tag)).ToList();
        if (cause is { } c && !told.Exists(t => t.Tag == c.Tag))
        {
            var at = told.FindIndex(t => t.Rid > c.Rid);
            told.Insert(at < 0 ? told.Count : at, c);
        }

        byRequest |= cause is not null;
        if (byRequest && told.Count > 0)
        {
            Bounce();
        }

        for (var i = 0; i < told.Count; i++)
        {
            var isOther = byRequest && told[i].Tag != cause?.Tag;
            Remove(told[i].Rid);
            Tell(told[i].Rid, told[i].Tag, Terminal(isOther ? "other-request" : condition, i == 0 ? Payloads(_buffer) : ""));
        }

        Settle(told.Count);
    }

    private void FinishByClient()
    {
        Begin(SessionEndReason.ClientClosed, "");
        Bounce();
        var told = _open.Values.Where(r => !r.IsBroken).ToList();
        for (var i = 0; i < told.Count; i++)
        {
            Remove(told[i].Rid);
            Tell(told[i].Rid, told[i].Tag, i == 0 ? Terminal("") : MachineRig.Empty);
        }

        Settle(told.Count);
    }

    private void Begin(SessionEndReason reason, string condition)
    {
        End = reason;
        _condition = condition;
        _forgottenAt = Now + TimeSpan.FromSeconds(30);
    }

    private void Bounce()
    {
        Bounced.AddRange(_buffer);
        _buffer.Clear();
    }

    private void Remove(long rid) => _open.Remove(rid);

    private void Settle(int told)
    {
        _owesTheEnd = told == 0;
        if (told > 0)
        {
            _buffer.Clear();
        }
    }
}
