namespace Gateway.Core.Backend.Dns;

/// <summary>
/// Answers by key, each kept for its own time; one who asks while the answer is being fetched waits for the same one (DISC-034).
/// An answer that is asked for in the last fifth of its time is fetched anew meanwhile, so that nobody has to wait for what is in use.
/// Bounded: when it is full what is over goes first, then whatever ends soonest.
/// </summary>
/// <param name="capacity">Most keys.</param>
/// <param name="isAnswer">Whether a value is worth all that: only then it is fetched anew, and only then it takes an older one's place before its time.</param>
/// <param name="time">The clock.</param>
internal sealed class TtlCache<TKey, TValue>(int capacity, Func<TValue, bool> isAnswer, TimeProvider time)
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
        Entry answer, entry;
        lock (_lock)
        {
            var now = time.GetElapsedTime(_started);
            if (_entries.TryGetValue(key, out var kept) && kept.Until > now)
            {
                if (kept.RefreshAt > now || !isAnswer(kept.Source.Task.Result))
                {
                    return kept.Source.Task;
                }

                kept.RefreshAt = TimeSpan.MaxValue; // once
                (answer, entry) = (kept, kept.Next = new Entry());
            }
            else if (kept?.Next is { Source.Task.IsCompleted: false } next)
            {
                // Its time is over while what comes after it is under way: that is what there is to wait for.
                return (_entries[key] = next).Source.Task;
            }
            else
            {
                if (_entries.Count >= capacity && kept is null)
                {
                    MakeRoom();
                }

                answer = entry = _entries[key] = new Entry();
            }
        }

        _ = answer == entry ? FetchAsync(entry, key, fetch) : RefreshAsync(answer, entry, key, fetch);
        return answer.Source.Task;
    }

    private async Task RefreshAsync(Entry old, Entry entry, TKey key, Func<TKey, Task<(TValue Value, TimeSpan Ttl)>> fetch)
    {
        await FetchAsync(entry, key, fetch);
        lock (_lock)
        {
            if (_entries.GetValueOrDefault(key) == old && entry.Source.Task is { IsCompletedSuccessfully: true } task && isAnswer(task.Result))
            {
                _entries[key] = entry;
            }
        }
    }

    private async Task FetchAsync(Entry entry, TKey key, Func<TKey, Task<(TValue Value, TimeSpan Ttl)>> fetch)
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
            _ = entry.Source.Task.Exception; // seen, should nobody wait for it
        }
    }

    private void KeepFor(Entry entry, TimeSpan ttl)
    {
        lock (_lock)
        {
            var now = time.GetElapsedTime(_started);
            (entry.RefreshAt, entry.Until) = (now + (ttl * 0.8), now + ttl);
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

        public Entry? Next { get; set; }

        public TimeSpan RefreshAt { get; set; } = TimeSpan.MaxValue;
    }
}
