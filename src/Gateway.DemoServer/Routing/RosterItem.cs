using Gateway.DemoServer.Xml;

namespace Gateway.DemoServer.Routing;

/// <summary>An entry of a roster (RFC 6121 §2.1.2).</summary>
/// <param name="Jid">Bare.</param>
/// <param name="Name">What the owner calls it.</param>
/// <param name="Groups">Its groups.</param>
/// <param name="Mutual">Subscription both; otherwise none. There is nothing between in the demo.</param>
internal sealed record RosterItem(string Jid, string? Name, IReadOnlyList<string> Groups, bool Mutual)
{
    public Element ToElement()
    {
        var item = new Element("item", Names.Roster).Set("jid", Jid).Set("name", Name).Set("subscription", Mutual ? "both" : "none");
        foreach (var group in Groups)
        {
            item.Add(new Element("group", Names.Roster).Add(group));
        }

        return item;
    }
}
