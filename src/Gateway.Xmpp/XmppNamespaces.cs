namespace Gateway.Xmpp;

/// <summary>Every namespace name the product knows, once, as UTF-8.</summary>
public static class XmppNamespaces
{
    /// <summary>RFC 6120 §4.8.1.</summary>
    public static ReadOnlySpan<byte> Streams => "http://etherx.jabber.org/streams"u8;

    /// <summary>RFC 6120 §4.8.2, the content namespace of client streams.</summary>
    public static ReadOnlySpan<byte> Client => "jabber:client"u8;

    /// <summary>RFC 6120 §4.8.3, never accepted from a client.</summary>
    public static ReadOnlySpan<byte> Server => "jabber:server"u8;

    /// <summary>Conditions of stream errors, RFC 6120 §4.9.2.</summary>
    public static ReadOnlySpan<byte> StreamErrors => "urn:ietf:params:xml:ns:xmpp-streams"u8;

    /// <summary>Conditions of stanza errors, RFC 6120 §8.3.2.</summary>
    public static ReadOnlySpan<byte> StanzaErrors => "urn:ietf:params:xml:ns:xmpp-stanzas"u8;

    /// <summary>STARTTLS, RFC 6120 §5.</summary>
    public static ReadOnlySpan<byte> Tls => "urn:ietf:params:xml:ns:xmpp-tls"u8;

    /// <summary>SASL, RFC 6120 §6.</summary>
    public static ReadOnlySpan<byte> Sasl => "urn:ietf:params:xml:ns:xmpp-sasl"u8;

    /// <summary>Extensible SASL profile, XEP-0388.</summary>
    public static ReadOnlySpan<byte> Sasl2 => "urn:xmpp:sasl:2"u8;

    /// <summary>Resource binding, RFC 6120 §7.</summary>
    public static ReadOnlySpan<byte> Bind => "urn:ietf:params:xml:ns:xmpp-bind"u8;

    /// <summary>The obsolete session feature, RFC 3921 §3.</summary>
    public static ReadOnlySpan<byte> Session => "urn:ietf:params:xml:ns:xmpp-session"u8;

    /// <summary>Stream management, XEP-0198.</summary>
    public static ReadOnlySpan<byte> StreamManagement => "urn:xmpp:sm:3"u8;

    /// <summary>Fast authentication with tokens, XEP-0484.</summary>
    public static ReadOnlySpan<byte> Fast => "urn:xmpp:fast:0"u8;

    /// <summary>The channel-binding types that a server offers, XEP-0440.</summary>
    public static ReadOnlySpan<byte> SaslChannelBinding => "urn:xmpp:sasl-cb:0"u8;

    /// <summary>In-band registration, XEP-0077.</summary>
    public static ReadOnlySpan<byte> Register => "jabber:iq:register"u8;

    /// <summary>In-band registration as a feature, XEP-0077.</summary>
    public static ReadOnlySpan<byte> RegisterFeature => "http://jabber.org/features/iq-register"u8;

    /// <summary>Registration with a token as a feature, XEP-0445.</summary>
    public static ReadOnlySpan<byte> RegisterTokenFeature => "urn:xmpp:ibr-token:0"u8;

    /// <summary>Extensible in-band registration, XEP-0389.</summary>
    public static ReadOnlySpan<byte> ExtensibleRegister => "urn:xmpp:register:0"u8;

    /// <summary>Pre-authenticated registration, XEP-0379 and XEP-0445.</summary>
    public static ReadOnlySpan<byte> PreAuthenticatedRegister => "urn:xmpp:pars:0"u8;

    /// <summary>Data forms, XEP-0004.</summary>
    public static ReadOnlySpan<byte> DataForms => "jabber:x:data"u8;

    /// <summary>The largest stanza and other bounds, XEP-0478.</summary>
    public static ReadOnlySpan<byte> StreamLimits => "urn:xmpp:stream-limits:0"u8;

    /// <summary>Stream compression as a feature, XEP-0138.</summary>
    public static ReadOnlySpan<byte> CompressFeature => "http://jabber.org/features/compress"u8;

    /// <summary>Stream compression as a protocol, XEP-0138.</summary>
    public static ReadOnlySpan<byte> Compress => "http://jabber.org/protocol/compress"u8;

    /// <summary>Application conditions such as stanza-too-big, XEP-0205.</summary>
    public static ReadOnlySpan<byte> Errors => "urn:xmpp:errors"u8;

    /// <summary>RFC 7395 framing elements.</summary>
    public static ReadOnlySpan<byte> Framing => "urn:ietf:params:xml:ns:xmpp-framing"u8;

    /// <summary>The BOSH wrapper, XEP-0124.</summary>
    public static ReadOnlySpan<byte> HttpBind => "http://jabber.org/protocol/httpbind"u8;

    /// <summary>XMPP over BOSH attributes, XEP-0206.</summary>
    public static ReadOnlySpan<byte> XBosh => "urn:xmpp:xbosh"u8;

    /// <summary>The xml prefix, Namespaces in XML §3.</summary>
    public static ReadOnlySpan<byte> Xml => "http://www.w3.org/XML/1998/namespace"u8;

    /// <summary>The xmlns prefix, Namespaces in XML §3.</summary>
    public static ReadOnlySpan<byte> Xmlns => "http://www.w3.org/2000/xmlns/"u8;
}
