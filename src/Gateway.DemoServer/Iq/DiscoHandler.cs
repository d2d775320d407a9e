using Gateway.DemoServer.Routing;
using Gateway.DemoServer.Xml;

namespace Gateway.DemoServer.Iq;

/// <summary>Service discovery (XEP-0030): what is listed here is all that works.</summary>
internal sealed class DiscoHandler(DemoServerOptions options)
{
    private static readonly string[] ServerFeatures = [Names.DiscoInfo, Names.DiscoItems, Names.Roster, Names.Ping, Names.Version];
    private static readonly string[] AccountFeatures = [Names.DiscoInfo, Names.DiscoItems];

    public IqAnswer Answer(IqRequest request)
    {
        if (!request.Is("query", get: true))
        {
            return StanzaError.FeatureNotImplemented;
        }

        if (request.Payload["node"] is not null)
        {
            return StanzaError.ItemNotFound;
        }

        if (request.Payload.Namespace == Names.DiscoItems)
        {
            return new Element("query", Names.DiscoItems);
        }

        var server = request.Target == IqTarget.Server;
        var kind = request.From.Account.Anonymous && request.Target == IqTarget.OwnAccount ? "anonymous" : "registered";
        var info = new Element("query", Names.DiscoInfo).Add(server
            ? new Element("identity", Names.DiscoInfo).Set("category", "server").Set("type", "im").Set("name", $"Demo server for {options.Domain}")
            : new Element("identity", Names.DiscoInfo).Set("category", "account").Set("type", kind));
        foreach (var feature in server ? ServerFeatures : AccountFeatures)
        {
            info.Add(new Element("feature", Names.DiscoInfo).Set("var", feature));
        }

        return info;
    }
}
