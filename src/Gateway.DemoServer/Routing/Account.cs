namespace Gateway.DemoServer.Routing;

/// <summary>An account while the server runs. Guarded by the router's lock.</summary>
internal sealed class Account(Jid jid, bool anonymous)
{
    /// <summary>Bare.</summary>
    public Jid Jid { get; } = jid;

    /// <summary>It ends with its last resource.</summary>
    public bool Anonymous { get; } = anonymous;

    /// <summary>By bare JID.</summary>
    public Dictionary<string, RosterItem> Roster { get; } = [];

    /// <summary>What is bound, by resource.</summary>
    public Dictionary<string, Resource> Resources { get; } = [];

    public IEnumerable<Resource> Available => Resources.Values.Where(r => r.Presence is not null);

    public bool IsMutual(string bareJid) => Roster.TryGetValue(bareJid, out var item) && item.Mutual;
}
