namespace Gateway.DemoServer;

/// <summary>The namespace names the demo server answers to, as text for its small tree.</summary>
internal static class Names
{
    public const string Client = "jabber:client";
    public const string Stanzas = "urn:ietf:params:xml:ns:xmpp-stanzas";
    public const string Tls = "urn:ietf:params:xml:ns:xmpp-tls";
    public const string Sasl = "urn:ietf:params:xml:ns:xmpp-sasl";
    public const string Bind = "urn:ietf:params:xml:ns:xmpp-bind";
    public const string Session = "urn:ietf:params:xml:ns:xmpp-session";
    public const string Roster = "jabber:iq:roster";
    public const string Ping = "urn:xmpp:ping";
    public const string DiscoInfo = "http://jabber.org/protocol/disco#info";
    public const string DiscoItems = "http://jabber.org/protocol/disco#items";
    public const string Version = "jabber:iq:version";
    public const string VCard = "vcard-temp";
    public const string Xml = "http://www.w3.org/XML/1998/namespace";
}
