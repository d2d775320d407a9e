namespace Gateway.DemoServer.Sasl;

/// <summary>One exchange of one mechanism: fed with the client's messages, base64 already decoded.</summary>
internal interface ISaslMechanism
{
    /// <summary>Judges one message. An empty first one means that the client sent no initial response (RFC 6120 §6.4.2).</summary>
    SaslStep Step(ReadOnlySpan<byte> message);
}
