using Gateway.Xmpp.Streams;

namespace Gateway.DemoServer.Connections;

/// <summary>The stream must end with an error (RFC 6120 §4.9).</summary>
internal sealed class StreamFault(StreamErrorCondition condition, string? text = null, bool stanzaTooBig = false) : Exception(text)
{
    public StreamErrorCondition Condition { get; } = condition;

    /// <summary>For people; null for none.</summary>
    public string? Explanation { get; } = text;

    /// <summary>Adds the application condition of XEP-0205.</summary>
    public bool StanzaTooBig { get; } = stanzaTooBig;
}
