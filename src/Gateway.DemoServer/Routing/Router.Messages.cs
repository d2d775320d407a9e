using Gateway.DemoServer.Xml;

namespace Gateway.DemoServer.Routing;

// Messages (RFC 6121 §5 and §8.5). Nothing is stored: who is away cannot be reached.
internal sealed partial class Router
{
    public void RouteMessage(Resource from, Element message)
    {
        // RFC 6120 §10.3.1: without an address it is for the sender's own account.
        if (!Jid.TryParse(message["to"] ?? from.Account.Jid.Bare, out var to))
        {
            Refuse(from, message, StanzaError.JidMalformed);
            return;
        }

        if (to.Domain != Domain)
        {
            Refuse(from, message, StanzaError.RemoteServerNotFound);
            return;
        }

        lock (_gate)
        {
            if (FindResource(to) is { } resource)
            {
                resource.Send(message);
                return;
            }

            var type = message["type"];
            if (Find(to.Bare) is { } account && MayGoToAll(type, to.Resource is not null))
            {
                var delivered = false;
                foreach (var available in account.Available.Where(r => r.Priority >= 0))
                {
                    available.Send(message);
                    delivered = true;
                }

                if (delivered)
                {
                    return;
                }
            }

            // RFC 6121 §8.5.2.2.1: a headline or an error that reaches nobody is dropped in silence.
            if (type != "headline")
            {
                Refuse(from, message, StanzaError.ServiceUnavailable);
            }
        }
    }

    /// <summary>
    /// To a bare address everything but groupchat and error goes to all (RFC 6121 §8.5.2.1.1); to a resource that is gone
    /// only chat does (§8.5.3.2.1).
    /// </summary>
    private static bool MayGoToAll(string? type, bool resourceIsGone) =>
        resourceIsGone ? type == "chat" : type is not ("groupchat" or "error");
}
