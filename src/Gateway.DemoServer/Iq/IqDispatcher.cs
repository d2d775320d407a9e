using Gateway.DemoServer.Routing;
using Gateway.DemoServer.Xml;

namespace Gateway.DemoServer.Iq;

/// <summary>Requests and answers (RFC 6120 §8.2.3): to a resource they are handed on, all else the server answers itself.</summary>
internal sealed class IqDispatcher(Router router, DemoServerOptions options)
{
    private readonly RosterHandler _roster = new(router);
    private readonly DiscoHandler _disco = new(options);

    public void Handle(Resource from, Element iq)
    {
        var type = iq["type"];
        var isRequest = type is "get" or "set";
        if (iq["id"] is null || !(isRequest || type is "result" or "error") || (isRequest && iq.Children.Count() != 1))
        {
            Router.Refuse(from, iq, StanzaError.BadRequest);
            return;
        }

        // Without an address a request is for the sender's own account (RFC 6120 §10.3.3).
        if (!Jid.TryParse(iq["to"] ?? from.Account.Jid.Bare, out var to))
        {
            Router.Refuse(from, iq, StanzaError.JidMalformed);
        }
        else if (to.Domain != router.Domain)
        {
            Router.Refuse(from, iq, StanzaError.RemoteServerNotFound);
        }
        else if (to is { Local: not null, Resource: not null })
        {
            router.RouteIq(from, to, iq);
        }
        else if (isRequest)
        {
            Answer(from, iq, to);
        }
    }

    private void Answer(Resource from, Element iq, Jid to)
    {
        var target = to.Local is null ? IqTarget.Server
            : to.Bare == from.Account.Jid.Bare ? IqTarget.OwnAccount
            : IqTarget.OtherAccount;
        var request = new IqRequest(from, iq["type"] == "get", iq.Children.First(), to, target);
        if (target == IqTarget.OtherAccount && !router.HasAccount(to))
        {
            // RFC 6121 §8.5.1
            Router.Refuse(from, iq, StanzaError.ServiceUnavailable);
            return;
        }

        var answer = Ask(request);
        if (answer.Error is { } error)
        {
            Router.Refuse(from, iq, error);
            return;
        }

        var result = new Element("iq", Names.Client).Set("type", "result").Set("id", iq["id"]).Set("from", iq["to"]).Set("to", from.Jid.ToString());
        from.Send(answer.Payload is null ? result : result.Add(answer.Payload));
    }

    private IqAnswer Ask(IqRequest request) => (request.Payload.Namespace, request.Target) switch
    {
        (Names.Roster, IqTarget.OwnAccount) => _roster.Answer(request),
        (Names.DiscoInfo or Names.DiscoItems, _) => _disco.Answer(request),
        (Names.Ping, IqTarget.Server or IqTarget.OwnAccount) => request.Is("ping", get: true) ? IqAnswer.Empty : StanzaError.FeatureNotImplemented,
        (Names.Version, IqTarget.Server) => request.Is("query", get: true) ? Version() : StanzaError.FeatureNotImplemented,

        // Obsolete, and still asked for by clients that see it offered (RFC 3921 §3).
        (Names.Session, IqTarget.Server or IqTarget.OwnAccount) => request.Is("session", get: false) ? IqAnswer.Empty : StanzaError.FeatureNotImplemented,

        // RFC 6120 §7.6.2: one resource a stream is all there is.
        (Names.Bind, IqTarget.Server or IqTarget.OwnAccount) => StanzaError.NotAllowed,

        // A card could exist, it just does not (XEP-0054 §3.1); clients show the name of the roster then.
        (Names.VCard, IqTarget.OwnAccount) when request.Is("vCard", get: true) => StanzaError.ItemNotFound,
        _ => StanzaError.ServiceUnavailable,
    };

    private static IqAnswer Version() => new Element("query", Names.Version)
        .Add(new Element("name", Names.Version).Add("XMPP gateway demo server"))
        .Add(new Element("version", Names.Version).Add(typeof(IqDispatcher).Assembly.GetName().Version?.ToString(3) ?? "0"));
}
