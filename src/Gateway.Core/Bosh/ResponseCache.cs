namespace Gateway.Core.Bosh;

/// <summary>The latest responses, kept under their rids for repeats (BOSH-065, BOSH-068).</summary>
/// <param name="requests">How many are kept when the client does not acknowledge.</param>
/// <param name="usesAcks">The client acknowledges: what it has not is kept, within the bounds.</param>
/// <param name="maxBytes">Bytes kept at most; the latest response is kept in any case.</param>
internal sealed class ResponseCache(int requests, bool usesAcks, int maxBytes)
{
    private const int MaxUnacknowledged = 64;
    private readonly Queue<CachedResponse> _responses = new(2);
    private int _bytes;

    /// <summary>Highest rid that was answered; 0 if none.</summary>
    public long LastAnswered { get; private set; }

    /// <summary>Responses whose connection broke while they were written and that were not fetched again (BOSH-114).</summary>
    public IEnumerable<CachedResponse> Lost => _responses.Where(static r => r.IsLost);

    public void Add(HeldRequest request, in BoshResponse response, TimeSpan now)
    {
        _responses.Enqueue(new CachedResponse(request.Rid, response, now, request.Key, request.NewKey) { Repeats = request.Repeats });
        _bytes += response.Body.Length;
        LastAnswered = Math.Max(LastAnswered, request.Rid);
        while (_responses.Count > (usesAcks ? Math.Max(requests, MaxUnacknowledged) : requests) || (_bytes > maxBytes && _responses.Count > 1))
        {
            Drop();
        }
    }

    public CachedResponse? Find(long rid)
    {
        foreach (var response in _responses)
        {
            if (response.Rid == rid)
            {
                return response;
            }
        }

        return null;
    }

    /// <summary>The client has all responses up to a rid.</summary>
    public void Acknowledge(long rid)
    {
        while (usesAcks && _responses.TryPeek(out var oldest) && oldest.Rid <= rid)
        {
            Drop();
        }
    }

    private void Drop() => _bytes -= _responses.Dequeue().Response.Body.Length;
}

/// <summary>One response that may be asked for again.</summary>
internal sealed class CachedResponse(long rid, BoshResponse response, TimeSpan answeredAt, string? key, string? newKey)
{
    public long Rid { get; } = rid;

    public BoshResponse Response { get; } = response;

    public TimeSpan AnsweredAt { get; } = answeredAt;

    public string? Key { get; } = key;

    public string? NewKey { get; } = newKey;

    public int Repeats { get; set; }

    public bool IsLost { get; set; }
}
