using Gateway.DemoServer.Routing;

namespace Gateway.DemoServer.Iq;

/// <summary>jabber:iq:roster (RFC 6121 §2). No versioning: it is not offered, so a ver attribute means nothing.</summary>
internal sealed class RosterHandler(Router router)
{
    private const int MaxTextLength = 1024;
    private const int MaxGroups = 20;

    public IqAnswer Answer(IqRequest request)
    {
        if (request.Payload.Name != "query")
        {
            return StanzaError.FeatureNotImplemented;
        }

        if (request.IsGet)
        {
            return router.GetRoster(request.From);
        }

        // RFC 6121 §2.3.3: one item, with an address, without the same group twice.
        var items = request.Payload.Children.ToList();
        if (items is not [{ Name: "item", Namespace: Names.Roster } item] || item["jid"] is not { } address || !Jid.TryParse(address, out var jid))
        {
            return StanzaError.BadRequest;
        }

        if (item["subscription"] == "remove")
        {
            return ToAnswer(router.RemoveRosterItem(request.From, jid.Bare));
        }

        var groups = item.Children.Where(c => c.Is("group", Names.Roster)).Select(c => c.Text).ToList();
        var name = item["name"];
        if (groups.Count > MaxGroups || groups.Distinct().Count() != groups.Count || groups.Any(g => g.Length is 0 or > MaxTextLength)
            || name?.Length > MaxTextLength || jid.Bare == request.From.Account.Jid.Bare)
        {
            return new StanzaError("modify", "not-acceptable");
        }

        return ToAnswer(router.SetRosterItem(request.From, jid.Bare, name, groups));
    }

    private static IqAnswer ToAnswer(StanzaError? error) => error is null ? IqAnswer.Empty : error;
}
