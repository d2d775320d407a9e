namespace Gateway.Core.Bosh;

/// <summary>What the session's rules need to know of an element from the backend; everything else is opaque.</summary>
public enum DownPayloadKind : byte
{
    /// <summary>Relayed without a look inside.</summary>
    Other,

    /// <summary>message, presence or iq.</summary>
    Stanza,

    /// <summary>Stream features.</summary>
    Features,

    /// <summary>An element of urn:ietf:params:xml:ns:xmpp-sasl other than success and failure.</summary>
    Sasl,

    /// <summary>Failure of either profile: the client may try again (XS-044).</summary>
    SaslFailure,

    /// <summary>SASL success: a restart follows (BOSH-110).</summary>
    SaslSuccess,

    /// <summary>SASL2 success: no restart follows.</summary>
    Sasl2Success,

    /// <summary>SASL2 success with which the backend granted resumption (XS-058).</summary>
    Sasl2SuccessResumable,

    /// <summary>The backend granted resumption: enabled with it, or resumed (XS-058).</summary>
    Resumable,

    /// <summary>Stream management was refused (XS-056).</summary>
    StreamManagementFailed,
}

/// <summary>One element from the backend, rebased for a BOSH body.</summary>
/// <param name="Bytes">As it stands in the body.</param>
/// <param name="Kind">What the rules need to know of it.</param>
/// <param name="NeedsStream">It uses the prefix <c>stream</c>, which the body has to declare (BOSH-027).</param>
public readonly record struct DownPayload(ReadOnlyMemory<byte> Bytes, DownPayloadKind Kind, bool NeedsStream)
{
    /// <summary>It belongs to a login, of either profile: there may be secrets in it.</summary>
    internal bool IsOfLogin =>
        Kind is DownPayloadKind.Sasl or DownPayloadKind.SaslFailure or DownPayloadKind.SaslSuccess or DownPayloadKind.Sasl2Success or DownPayloadKind.Sasl2SuccessResumable;
}
