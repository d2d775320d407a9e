using Gateway.DemoServer.Xml;

namespace Gateway.DemoServer.Routing;

/// <summary>A stanza error (RFC 6120 §8.3), with the type its condition usually has.</summary>
internal sealed record StanzaError(string Type, string Condition)
{
    public static StanzaError BadRequest { get; } = new("modify", "bad-request");

    public static StanzaError FeatureNotImplemented { get; } = new("cancel", "feature-not-implemented");

    public static StanzaError ItemNotFound { get; } = new("cancel", "item-not-found");

    public static StanzaError JidMalformed { get; } = new("modify", "jid-malformed");

    public static StanzaError NotAllowed { get; } = new("cancel", "not-allowed");

    public static StanzaError RemoteServerNotFound { get; } = new("cancel", "remote-server-not-found");

    public static StanzaError ResourceConstraint { get; } = new("wait", "resource-constraint");

    public static StanzaError ServiceUnavailable { get; } = new("cancel", "service-unavailable");

    /// <summary>The error that goes back for a stanza: addresses swapped, its id kept.</summary>
    public Element Answer(Element stanza) => new Element(stanza.Name, Names.Client)
        .Set("type", "error")
        .Set("id", stanza["id"])
        .Set("from", stanza["to"])
        .Set("to", stanza["from"])
        .Add(new Element("error", Names.Client).Set("type", Type).Add(new Element(Condition, Names.Stanzas)));

    /// <summary>An error must not be answered with an error (RFC 6120 §8.3.1), nor a result of an iq.</summary>
    public static bool MayAnswer(Element stanza) => stanza["type"] != "error" && !(stanza.Name == "iq" && stanza["type"] == "result");
}
