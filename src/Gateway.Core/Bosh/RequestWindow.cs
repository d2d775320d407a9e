namespace Gateway.Core.Bosh;

/// <summary>Where a rid stands (BOSH-060..067).</summary>
public enum RidPlace : byte
{
    /// <summary>The next in order.</summary>
    Next,

    /// <summary>Ahead of order, within the window.</summary>
    Ahead,

    /// <summary>Received before and not answered.</summary>
    Unanswered,

    /// <summary>At or below the last one, and answered.</summary>
    Answered,

    /// <summary>Above the window.</summary>
    Beyond,
}

/// <summary>Received and unanswered requests in rid order: held, deferred, and those whose connection broke.</summary>
internal sealed class RequestWindow(int requests)
{
    private readonly List<HeldRequest> _open = [];

    /// <summary>Highest rid such that it and all below were received and processed.</summary>
    public long LastRid { get; private set; }

    /// <summary>Requests whose exchange waits for an answer.</summary>
    public int OpenCount => Count(static r => !r.IsBroken);

    /// <summary>Requests that are processed and wait for an answer.</summary>
    public int HeldCount => Count(static r => r.IsProcessed && !r.IsBroken);

    /// <summary>All that were received and not answered, by rid.</summary>
    public IReadOnlyList<HeldRequest> Unanswered => _open;

    /// <summary>The held request with the lowest rid.</summary>
    public HeldRequest? LowestHeld => _open.Find(static r => r.IsProcessed && !r.IsBroken);

    /// <summary>The next request in order, if it is here.</summary>
    public HeldRequest? Next => Find(LastRid + 1);

    /// <summary>When the first of the requests came that wait behind a missing rid; null if none does (BOSH-063).</summary>
    public TimeSpan? GapSince
    {
        get
        {
            TimeSpan? since = null;
            var hasNext = false;
            foreach (var request in _open)
            {
                if (!request.IsProcessed)
                {
                    hasNext |= request.Rid == LastRid + 1;
                    since = since is { } s && s < request.FirstReceivedAt ? s : request.FirstReceivedAt;
                }
            }

            return hasNext ? null : since;
        }
    }

    /// <summary>The first request sets where counting starts.</summary>
    public void Begin(long rid) => LastRid = rid - 1;

    /// <summary>Finds where a rid stands.</summary>
    /// <param name="rid">The rid.</param>
    /// <param name="isExtra">It may be one above the window: pause and terminate (XEP-0124 §11).</param>
    public RidPlace Place(long rid, bool isExtra)
    {
        if (Find(rid) is not null)
        {
            return RidPlace.Unanswered;
        }

        return rid <= LastRid ? RidPlace.Answered
            : rid == LastRid + 1 ? RidPlace.Next
            : rid - LastRid > requests + (isExtra ? 1 : 0) ? RidPlace.Beyond
            : RidPlace.Ahead;
    }

    public HeldRequest? Find(long rid)
    {
        foreach (var request in _open)
        {
            if (request.Rid == rid)
            {
                return request;
            }
        }

        return null;
    }

    public void Add(HeldRequest request)
    {
        var at = _open.Count;
        while (at > 0 && _open[at - 1].Rid > request.Rid)
        {
            at--;
        }

        _open.Insert(at, request);
    }

    /// <summary>A repeat takes the place of the exchange before it (BOSH-066).</summary>
    public void Replace(HeldRequest old, HeldRequest repeat) => _open[_open.IndexOf(old)] = repeat;

    /// <summary>The next request in order is processed; the window moves on.</summary>
    public void Take(HeldRequest next)
    {
        next.IsProcessed = true;
        LastRid++;
    }

    public void Remove(HeldRequest request) => _open.Remove(request);

    public bool Contains(HeldRequest request) => _open.Contains(request);

    private int Count(Predicate<HeldRequest> wanted)
    {
        var count = 0;
        foreach (var request in _open)
        {
            count += wanted(request) ? 1 : 0;
        }

        return count;
    }
}
