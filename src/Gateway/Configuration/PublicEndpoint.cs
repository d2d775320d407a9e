namespace Gateway.Configuration;

/// <summary>One public listener (<c>Kestrel:Endpoints</c>): what the gateway itself wants to know of it.</summary>
/// <param name="Name">The operator's name for it.</param>
/// <param name="Url">As configured.</param>
/// <param name="AllowPlaintext">An http endpoint serves XMPP although it is not on loopback: a proxy in front ends TLS (EDGE-054). Default false.</param>
public sealed record PublicEndpoint(string Name, ListenerAddress Url, bool AllowPlaintext)
{
    /// <summary>It takes XMPP data at all (EDGE-054).</summary>
    public bool ServesXmpp => Url.IsHttps || Url.IsLoopback || AllowPlaintext;
}
