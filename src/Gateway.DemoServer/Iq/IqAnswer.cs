using Gateway.DemoServer.Routing;
using Gateway.DemoServer.Xml;

namespace Gateway.DemoServer.Iq;

/// <summary>A result, with or without a payload, or an error.</summary>
internal readonly record struct IqAnswer(Element? Payload, StanzaError? Error)
{
    /// <summary>A result that only says yes.</summary>
    public static IqAnswer Empty => default;

    public static implicit operator IqAnswer(Element payload) => new(payload, null);

    public static implicit operator IqAnswer(StanzaError error) => new(null, error);
}
