using Gateway.DemoServer.Routing;
using Gateway.DemoServer.Xml;

namespace Gateway.DemoServer.Iq;

/// <summary>A request that the server itself answers.</summary>
/// <param name="From">Who asks.</param>
/// <param name="IsGet">get, else set.</param>
/// <param name="Payload">The only child.</param>
/// <param name="To">The address asked.</param>
/// <param name="Target">What that address is.</param>
internal sealed record IqRequest(Resource From, bool IsGet, Element Payload, Jid To, IqTarget Target)
{
    public bool Is(string name, bool get) => Payload.Name == name && IsGet == get;
}
