using Gateway.DemoServer.Xml;

namespace Gateway.DemoServer.Routing;

// Rosters and subscriptions (RFC 6121 §2, §3). Every request between two demo accounts is granted at once, both ways.
internal sealed partial class Router
{
    private const int MaxRosterItems = 200;

    /// <summary>The roster, for a result; from here on the resource gets pushes.</summary>
    public Element GetRoster(Resource from)
    {
        lock (_gate)
        {
            from.InterestedInRoster = true;
            var query = new Element("query", Names.Roster);
            foreach (var item in from.Account.Roster.Values)
            {
                query.Add(item.ToElement());
            }

            return query;
        }
    }

    /// <summary>Adds or renames a contact; null is well.</summary>
    public StanzaError? SetRosterItem(Resource from, string bareJid, string? name, IReadOnlyList<string> groups)
    {
        lock (_gate)
        {
            var roster = from.Account.Roster;
            if (!roster.ContainsKey(bareJid) && roster.Count >= MaxRosterItems)
            {
                return StanzaError.ResourceConstraint;
            }

            Put(from.Account, new RosterItem(bareJid, name, groups, from.Account.IsMutual(bareJid)));
            return null;
        }
    }

    /// <summary>Removes a contact and with it both subscriptions (RFC 6121 §2.5); null is well.</summary>
    public StanzaError? RemoveRosterItem(Resource from, string bareJid)
    {
        lock (_gate)
        {
            if (!from.Account.Roster.ContainsKey(bareJid))
            {
                return StanzaError.ItemNotFound;
            }

            Unlink(from.Account, bareJid);
            from.Account.Roster.Remove(bareJid);
            Push(from.Account, new Element("item", Names.Roster).Set("jid", bareJid).Set("subscription", "remove"));
            return null;
        }
    }

    private void Subscribe(Resource from, Jid to, bool answer)
    {
        var own = from.Account;
        var other = Find(to.Bare);
        if (other == own)
        {
            return;
        }

        if (other is null || other.Anonymous || own.Anonymous)
        {
            if (answer)
            {
                from.Send(Subscription("unsubscribed", to.Bare, own.Jid.Bare));
            }

            return;
        }

        var isNew = !own.IsMutual(other.Jid.Bare);
        if (isNew)
        {
            Put(own, (own.Roster.GetValueOrDefault(other.Jid.Bare) ?? new(other.Jid.Bare, null, [], false)) with { Mutual = true });
            Put(other, (other.Roster.GetValueOrDefault(own.Jid.Bare) ?? new(own.Jid.Bare, null, [], false)) with { Mutual = true });
        }

        if (answer)
        {
            foreach (var resource in own.Resources.Values.Where(r => r.InterestedInRoster))
            {
                resource.Send(Subscription("subscribed", other.Jid.Bare, own.Jid.Bare));
            }
        }

        if (isNew)
        {
            Exchange(own, other);
            Exchange(other, own);
        }
    }

    /// <summary>Ends a subscription both ways; the contact stays in both rosters.</summary>
    private void Unlink(Account own, string bareJid)
    {
        if (!own.IsMutual(bareJid))
        {
            return;
        }

        var other = Find(bareJid)!;
        Leave(own, other);
        Leave(other, own);
        Put(own, own.Roster[bareJid] with { Mutual = false });
        Put(other, other.Roster[own.Jid.Bare] with { Mutual = false });
    }

    private static void Exchange(Account from, Account to)
    {
        foreach (var resource in from.Available)
        {
            foreach (var receiver in to.Available)
            {
                receiver.Send(resource.Presence!.Copy().Set("to", to.Jid.Bare));
            }
        }
    }

    private static void Leave(Account from, Account to)
    {
        foreach (var resource in from.Available)
        {
            foreach (var receiver in to.Available)
            {
                receiver.Send(Subscription("unavailable", resource.Jid.ToString(), to.Jid.Bare));
            }
        }
    }

    private static Element Subscription(string type, string from, string to) =>
        new Element("presence", Names.Client).Set("type", type).Set("from", from).Set("to", to);

    private void Put(Account account, RosterItem item)
    {
        account.Roster[item.Jid] = item;
        Push(account, item.ToElement());
    }

    private void Push(Account account, Element item)
    {
        foreach (var resource in account.Resources.Values.Where(r => r.InterestedInRoster))
        {
            resource.Send(new Element("iq", Names.Client)
                .Set("type", "set").Set("id", "push-" + RandomText.Hex(_options.RandomSource, 6)).Set("to", resource.Jid.ToString())
                .Add(new Element("query", Names.Roster).Add(item)));
        }
    }
}
