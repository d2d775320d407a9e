using System.Collections.Concurrent;

namespace Gateway.Core.Sessions;

/// <summary>Who is here. Live sessions enter at their start and leave when everything they held is released.</summary>
public sealed class SessionRegistry
{
    private readonly ConcurrentDictionary<SessionId, IClientSession> _sessions = new();
    private int _count;

    /// <summary>Number of live sessions.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>A moment's view of the live sessions.</summary>
    public IEnumerable<IClientSession> Sessions => _sessions.Select(pair => pair.Value);

    /// <summary>Enters a session.</summary>
    /// <returns>False if it was here already.</returns>
    public bool Add(IClientSession session)
    {
        if (!_sessions.TryAdd(session.Id, session))
        {
            return false;
        }

        Interlocked.Increment(ref _count);
        return true;
    }

    /// <summary>Takes a session out.</summary>
    /// <returns>False if it was not here (any more).</returns>
    public bool Remove(IClientSession session)
    {
        if (!_sessions.TryRemove(session.Id, out _))
        {
            return false;
        }

        Interlocked.Decrement(ref _count);
        return true;
    }
}
