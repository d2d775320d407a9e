namespace Gateway.Core.Backend.Pools;

/// <summary>The sessions of a backend, those being opened included: one count for as long as the backend has its name.</summary>
internal sealed class SessionCount
{
    private int _value;

    /// <summary>How many.</summary>
    public int Value => Volatile.Read(ref _value);

    /// <summary>One more, unless there are so many already.</summary>
    /// <param name="most">Most of them; 0: no limit.</param>
    public bool TryAdd(int most)
    {
        if (Interlocked.Increment(ref _value) <= most || most == 0)
        {
            return true;
        }

        Remove();
        return false;
    }

    /// <summary>One less.</summary>
    public void Remove() => Interlocked.Decrement(ref _value);
}
