namespace Gateway.Core.Backend.Dns;

/// <summary>
/// Answers by key, each kept for its own time; one who asks while the answer is being fetched waits for the same one (DISC-034).
/// Bounded: when it is full what is over goes first, then whatever ends soonest.
/// </summary>
/// <param name="capacity">Most keys.</param>
/// <param name="time">The clock.</param>
internal sealed class TtlCache<TKey, TValue>(int capacity, TimeProvider time)
    where TKey : notnull
{
    private readonly Lock _lock = new();
    private readonly Dictionary<TKey, Entry> _entries = [];
    private readonly long _started = time.GetTimestamp();

    /// <summary>Keys that are here.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _entries.Count;
            }
        }
    }

    /// <summary>The answer that is kept, or the one that is under way, or a new one.</summary>
    /// <param name="key">What is asked for.</param>
    /// <param name="fetch">Gets the answer and how long it holds; a failure is not kept.</param>
    public Task<TValue> GetAsync(TKey key, Func<TKey, Task<(TValue Value, TimeSpan Ttl)>> fetch)
    {
        var entry = new Entry();
        lock (_lock)
        {
            if (_entries.TryGetValue(key, out var kept) && kept.Until > time.GetElapsedTime(_started))
            {
                return kept.Source.Task;
            }

            if (_entries.Count >= capacity && kept is null)
            {
                MakeRoom();
            }

            _entries[key] = entry;
        }

        _ = FetchAsync(key, entry, fetch);
        return entry.Source.Task;
    }

    private async Task FetchAsync(TKey key, Entry entry, Func<TKey, Task<(TValue Value, TimeSpan Ttl)>> fetch)
    {
        try
        {
            var (value, ttl) = await fetch(key);
            KeepFor(entry, ttl);
            entry.Source.SetResult(value);
        }
        catch (Exception e)
        {
            KeepFor(entry, TimeSpan.Zero);
            entry.Source.SetException(e);
        }
    }

    private void KeepFor(Entry entry, TimeSpan ttl)
    {
        lock (_lock)
        {
            entry.Until = time.GetElapsedTime(_started) + ttl;
        }
    }

    private void MakeRoom()
    {
        var now = time.GetElapsedTime(_started);
        foreach (var (key, entry) in _entries)
        {
            if (entry.Until <= now)
            {
                _entries.Remove(key);
            }
        }

        if (_entries.Count >= capacity)
        {
            _entries.Remove(_entries.MinBy(e => e.Value.Until).Key);
        }
    }

    private sealed class Entry
    {
        public TaskCompletionSource<TValue> Source { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TimeSpan Until { get; set; } = TimeSpan.MaxValue;
    }
}
