using Gateway.Core.Bosh;
using Gateway.Core.Sessions;

namespace Gateway.Core.Tests.Bosh.Model;

/// <summary>What the model holds of one exchange that has no answer.</summary>
internal sealed class ModelRequest(long rid, object tag, ModelStep step, TimeSpan now)
{
    public long Rid { get; } = rid;

    public object Tag { get; set; } = tag;

    public ModelStep Step { get; } = step;

    public TimeSpan First { get; } = now;

    public TimeSpan Received { get; set; } = now;

    public TimeSpan SincePrevious { get; init; }

    public int Outstanding { get; init; }

    public int? Payload { get; init; }

    public long? Ack { get; init; }

    public int Repeats { get; set; }

    public bool IsProcessed { get; set; }

    public bool IsBroken { get; set; }

    public bool IsHeld => IsProcessed && !IsBroken;

    public bool IsExtra => Step.Kind is StepKind.Pause or StepKind.Terminate;
}

/// <summary>
/// The rules of bosh.md sections 7 to 14 once more, as plainly as they can be said and without a look at the product: what has to be
/// answered to whom, what has to go up, and how it ends. The one thing it leaves open is whether a request above the hold gets
/// the grace of <see cref="AnswerGrace"/>: it asks what was observed, and holds it to the grace's end.
/// </summary>
internal sealed partial class BoshModel(int hold, int requests, bool acks)
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(49.5);
    private static readonly TimeSpan Inactivity = TimeSpan.FromSeconds(90);
    private readonly SortedDictionary<long, ModelRequest> _open = [];
    private readonly List<(long Rid, string? Body, TimeSpan At, int Repeats)> _cache =
        [.. Enumerable.Range(100, 5).Select(rid => ((long)rid, (string?)null, default(TimeSpan), 0)).TakeLast(acks ? 1 : requests)];
    private readonly List<int> _buffer = [];
    private (TimeSpan Since, int Count) _repeats;
    private (TimeSpan Since, int Count) _overactive;
    private TimeSpan _lastArrival;
    private TimeSpan _idleSince;
    private TimeSpan? _pause;
    private TimeSpan? _grace;
    private long _acknowledged = 103;
    private long _lastReport;
    private (long Rid, int Time) _report;
    private int _backend;

    /// <summary>What the backend has got.</summary>
    public List<int> Up { get; } = [];

    /// <summary>Answers that are owed now, in order: to whom, and with what; null: any body will do.</summary>
    public Queue<(object Tag, string? Body)> Answers { get; } = new();

    /// <summary>Says whether an exchange was seen to be answered with a body, behind those that are owed: the choice that the rules leave.</summary>
    public Func<object, string, bool> IsNextObserved { get; set; } = (_, _) => false;

    public long LastRid { get; private set; } = 104;

    public long LastAnswered { get; private set; } = 104;

    public SessionEndReason? End { get; private set; }

    public TimeSpan Now { get; private set; }

    public int HeldCount => _open.Values.Count(r => r.IsHeld);

    public IEnumerable<object> OpenTags => _open.Values.Where(r => !r.IsBroken).Select(r => r.Tag);

    /// <summary>When something has to happen by itself.</summary>
    public TimeSpan? NextDeadline
    {
        get
        {
            List<TimeSpan?> all = End is null
                ? [GapDeadline, IdleDeadline, _grace, .. _open.Values.Where(r => r.IsHeld).Select(r => (TimeSpan?)(r.Received + Wait))]
                : [_forgottenAt];
            return all.Where(d => d > Now).Min();
        }
    }

    private TimeSpan? GapDeadline
    {
        get
        {
            var deferred = _open.Values.Where(r => !r.IsProcessed).ToList();
            return deferred.Count == 0 ? null : deferred.Min(r => r.First) + Inactivity;
        }
    }

    private TimeSpan? IdleDeadline => _open.Values.All(r => r.IsBroken) ? _idleSince + (_pause ?? Inactivity) : null;

    public void Pass(TimeSpan to)
    {
        Now = to;
        if (End is not null)
        {
            return;
        }

        if (GapDeadline <= Now)
        {
            Finish(SessionEndReason.ItemNotFound, null, "item-not-found");
        }
        else if (IdleDeadline <= Now)
        {
            End = SessionEndReason.Inactivity;
            Bounce();
            _forgottenAt = Now;
        }

        AnswerWhatIsDue();
    }

    public void Receive(object tag, ModelStep step, int? payload, long? ack)
    {
        var rid = LastRid + step.Offset;
        var isExtra = step.Kind is StepKind.Pause or StepKind.Terminate;
        if (End is not null)
        {
            ReceiveLate(rid, tag);
            return;
        }

        _pause = null;
        if (_open.TryGetValue(rid, out var older))
        {
            Repeat(older, tag);
        }
        else if (rid <= LastRid)
        {
            Replay(rid, tag);
        }
        else if (rid > LastRid + requests + (isExtra ? 1 : 0))
        {
            Finish(SessionEndReason.ItemNotFound, (rid, tag), "item-not-found");
        }
        else
        {
            while (HeldCount > hold)
            {
                AnswerUpTo(LowestHeld!.Rid);
            }

            _grace = null;
            _open[rid] = new ModelRequest(rid, tag, step, Now)
            {
                SincePrevious = Now - _lastArrival,
                Outstanding = OpenTags.Count() + 1,
                Payload = payload,
                Ack = ack,
            };
            _lastArrival = Now;
            while (End is null && _open.TryGetValue(LastRid + 1, out var next))
            {
                Process(next);
                AnswerWhatIsDue();
            }
        }

        AnswerWhatIsDue();
    }

    public void Break(object tag)
    {
        var request = _open.Values.Single(r => r.Tag == tag);
        request.IsBroken = true;
        Answers.Enqueue((tag, ""));
        _idleSince = Now;
        AnswerWhatIsDue();
    }

    public void Backend(int count)
    {
        for (var i = 0; i < count; i++)
        {
            _backend++;
            if (End is null)
            {
                _buffer.Add(_backend);
            }
        }

        AnswerWhatIsDue();
    }

    private void Process(ModelRequest request)
    {
        LastRid++;
        request.IsProcessed = true;
        (long, object)? cause = (request.Rid, request.Tag);
        if (request.IsBroken)
        {
            cause = null;
        }

        if ((request.Outstanding > requests && !request.IsExtra)
            || (request.Step.Kind == StepKind.Empty && request.Outstanding == requests && request.SincePrevious < TimeSpan.FromSeconds(2) && Count(ref _overactive) > 10))
        {
            Finish(SessionEndReason.PolicyViolation, cause, "policy-violation", byRequest: true);
            return;
        }

        Acknowledge(request);
        if (request.Step is { Kind: StepKind.Pause, Value: > 120 })
        {
            Finish(SessionEndReason.PolicyViolation, cause, "policy-violation", byRequest: true);
            return;
        }

        if (request.Step.Kind == StepKind.Restart)
        {
            Finish(SessionEndReason.BadRequest, cause, "bad-request", byRequest: true);
            return;
        }

        if (request.Payload is { } payload)
        {
            Up.Add(payload);
        }

        if (request.Step.Kind == StepKind.Terminate)
        {
            FinishByClient();
        }
        else if (request.Step.Kind == StepKind.Pause)
        {
            AnswerUpTo(request.Rid);
            _pause = TimeSpan.FromSeconds(Math.Max(1, request.Step.Value));
        }
    }

    private int Count(ref (TimeSpan Since, int Count) tally)
    {
        tally = tally.Count == 0 || Now - tally.Since >= TimeSpan.FromMinutes(1) ? (Now, 1) : (tally.Since, tally.Count + 1);
        return tally.Count;
    }
}
