using System.Globalization;
using Gateway.DemoServer.Xml;

namespace Gateway.DemoServer.Routing;

// Presence (RFC 6121 §4). A subscription is mutual or not there at all.
internal sealed partial class Router
{
    private const int MaxDirected = 1000;

    public void RoutePresence(Resource from, Element presence)
    {
        var type = presence["type"];
        if (type is not (null or "unavailable" or "probe" or "error" or "subscribe" or "subscribed" or "unsubscribe" or "unsubscribed"))
        {
            Refuse(from, presence, StanzaError.BadRequest);
            return;
        }

        lock (_gate)
        {
            if (presence["to"] is { } address)
            {
                RouteAddressed(from, presence, type, address);
            }
            else if (type is null)
            {
                GoAvailable(from, presence);
            }
            else if (type == "unavailable")
            {
                GoUnavailable(from, presence);
            }
            else
            {
                // A probe or a subscription that names nobody.
                Refuse(from, presence, StanzaError.BadRequest);
            }
        }
    }

    private void RouteAddressed(Resource from, Element presence, string? type, string address)
    {
        if (!Jid.TryParse(address, out var to))
        {
            Refuse(from, presence, StanzaError.JidMalformed);
            return;
        }

        switch (type)
        {
            case "probe":
                AnswerProbe(from, to);
                break;
            case "subscribe":
            case "subscribed":
                Subscribe(from, to, answer: type == "subscribe");
                break;
            case "unsubscribe":
            case "unsubscribed":
                Unlink(from.Account, to.Bare);
                break;
            default:
                RouteDirected(from, presence, type, to);
                break;
        }
    }

    private void RouteDirected(Resource from, Element presence, string? type, Jid to)
    {
        if (to.Domain != Domain)
        {
            Refuse(from, presence, StanzaError.RemoteServerNotFound);
            return;
        }

        if (type == "unavailable")
        {
            from.DirectedPresence.Remove(to);
        }
        else if (type is null && from.DirectedPresence.Count < MaxDirected)
        {
            from.DirectedPresence.Add(to);
        }

        Deliver(presence, to);
    }

    private void Deliver(Element presence, Jid to)
    {
        if (to.Resource is not null)
        {
            FindResource(to)?.Send(presence);
            return;
        }

        foreach (var resource in Find(to.Bare)?.Available ?? [])
        {
            resource.Send(presence);
        }
    }

    private void GoAvailable(Resource from, Element presence)
    {
        var priority = presence.Child("priority", Names.Client)?.Text.Trim();
        from.Priority = 0;
        if (priority is not null)
        {
            if (!sbyte.TryParse(priority, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value))
            {
                Refuse(from, presence, StanzaError.BadRequest);
                return;
            }

            from.Priority = value;
        }

        var initial = from.Presence is null;
        from.Presence = presence;
        foreach (var resource in Audience(from))
        {
            resource.Send(presence.Copy().Set("to", resource.Account.Jid.Bare));
            if (initial && resource != from)
            {
                // RFC 6121 §4.3: what probes would bring.
                from.Send(resource.Presence!.Copy().Set("to", from.Jid.ToString()));
            }
        }
    }

    private void GoUnavailable(Resource from, Element presence)
    {
        if (from.Presence is not null)
        {
            from.Presence = null;
            foreach (var resource in Audience(from))
            {
                resource.Send(presence.Copy().Set("to", resource.Account.Jid.Bare));
            }
        }

        foreach (var directed in from.DirectedPresence.Where(d => !from.Account.IsMutual(d.Bare)))
        {
            Deliver(presence.Copy().Set("to", directed.ToString()), directed);
        }

        from.DirectedPresence.Clear();
    }

    /// <summary>The available resources of its own account and of those who are subscribed.</summary>
    private IEnumerable<Resource> Audience(Resource from) => from.Account.Available.Concat(
        from.Account.Roster.Values.Where(i => i.Mutual).SelectMany(i => Find(i.Jid)?.Available ?? []));

    private void AnswerProbe(Resource from, Jid to)
    {
        if (Find(to.Bare) is not { } account || (account != from.Account && !account.IsMutual(from.Account.Jid.Bare)))
        {
            // RFC 6121 §4.3.2: who may not know learns nothing, not even that there is nobody.
            from.Send(new Element("presence", Names.Client).Set("type", "unsubscribed").Set("from", to.Bare).Set("to", from.Account.Jid.Bare));
            return;
        }

        var found = false;
        foreach (var resource in account.Available.Where(r => to.Resource is null || r.Jid.Resource == to.Resource))
        {
            from.Send(resource.Presence!.Copy().Set("to", from.Jid.ToString()));
            found = true;
        }

        if (!found)
        {
            from.Send(new Element("presence", Names.Client).Set("type", "unavailable").Set("from", to.ToString()).Set("to", from.Jid.ToString()));
        }
    }
}
