using System.Collections.Concurrent;

namespace Gateway.Core.Sessions;

/// <summary>Who is here. Live sessions enter at their start and leave when everything they held is released.</summary>
public sealed class SessionRegistry
{
    private readonly ConcurrentDictionary<SessionId, IClientSession> _sessions = new();

    /// <summary>Number of live sessions.</summary>
    public int Count => _sessions.Count;

    /// <summary>A moment's view of the live sessions.</summary>
    public IEnumerable<IClientSession> Sessions => _sessions.Select(pair => pair.Value);

    /// <summary>Enters a session.</summary>
    public void Add(IClientSession session) => _sessions[session.Id] = session;

    /// <summary>Takes a session out.</summary>
    public void Remove(IClientSession session) => _sessions.TryRemove(session.Id, out _);
}
