using Gateway.DemoServer.Connections;
using Gateway.DemoServer.Xml;

namespace Gateway.DemoServer.Routing;

/// <summary>A connected resource (RFC 6121 §1.3). Guarded by the router's lock, except for its address.</summary>
internal sealed class Resource(Account account, Jid jid, StreamOutput output)
{
    public Account Account { get; } = account;

    /// <summary>Full.</summary>
    public Jid Jid { get; } = jid;

    /// <summary>Its last presence; null until it sent one and after it went unavailable.</summary>
    public Element? Presence { get; set; }

    /// <summary>Of its presence (RFC 6121 §4.7.2.3).</summary>
    public int Priority { get; set; }

    /// <summary>It asked for the roster, so it gets pushes (RFC 6121 §2.1.6).</summary>
    public bool InterestedInRoster { get; set; }

    /// <summary>Who got presence directly and must learn of its end (RFC 6121 §4.6.3).</summary>
    public HashSet<Jid> DirectedPresence { get; } = [];

    /// <summary>Queues a stanza; never waits.</summary>
    public void Send(Element stanza) => output.Write(stanza.ToBytes());
}
