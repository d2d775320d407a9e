using Gateway.Xmpp.Framing;

namespace Gateway.Xmpp.Bosh;

/// <summary>What the session's rules need to know of a payload from the client; everything else is opaque.</summary>
public enum BoshPayloadKind : byte
{
    /// <summary>Relayed without a look inside.</summary>
    Other,

    /// <summary>message, presence or iq.</summary>
    Stanza,

    /// <summary>starttls: belongs to the stream of the gateway, not to the client's (BOSH-113).</summary>
    StartTls,

    /// <summary>Turns stream management on: enable or resume, alone or inside SASL2 (XS-056).</summary>
    StreamManagement,

    /// <summary>An element of the stream itself, or of a server-to-server stream.</summary>
    Forbidden,
}

/// <summary>One payload among the rebased bytes of a request.</summary>
/// <param name="Length">Bytes; payloads stand side by side.</param>
/// <param name="Kind">What the rules need to know of it.</param>
public readonly record struct BoshPayload(int Length, BoshPayloadKind Kind)
{
    internal static BoshPayloadKind Classify(in StreamElement element, ReadOnlySpan<byte> buffer)
    {
        var name = element.LocalName(buffer);
        switch (element.Namespace)
        {
            // BOSH-024: httpbind is taken as jabber:client.
            case KnownNamespace.Client or KnownNamespace.HttpBind:
                return name.SequenceEqual("message"u8) || name.SequenceEqual("presence"u8) || name.SequenceEqual("iq"u8)
                    ? BoshPayloadKind.Stanza
                    : BoshPayloadKind.Other;
            case KnownNamespace.Tls:
                return BoshPayloadKind.StartTls;
            case KnownNamespace.Streams or KnownNamespace.Server:
                return BoshPayloadKind.Forbidden;
            case KnownNamespace.StreamManagement:
                return name.SequenceEqual("enable"u8) || name.SequenceEqual("resume"u8) ? BoshPayloadKind.StreamManagement : BoshPayloadKind.Other;
            case KnownNamespace.Sasl2:
                return element.Slice(buffer).IndexOf("urn:xmpp:sm:"u8) >= 0 ? BoshPayloadKind.StreamManagement : BoshPayloadKind.Other;
            default:
                return BoshPayloadKind.Other;
        }
    }
}
