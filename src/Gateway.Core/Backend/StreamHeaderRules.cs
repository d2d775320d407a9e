using Gateway.Xmpp.Streams;

namespace Gateway.Core.Backend;

/// <summary>What a backend's response header must be; to be asked after every one, that of a restart included.</summary>
public static class StreamHeaderRules
{
    /// <summary>The stream error that a header deserves, or null if the stream may go on.</summary>
    public static StreamErrorCondition? Refusal(this StreamHeader header)
    {
        if (!header.IsStream)
        {
            return StreamErrorCondition.InvalidNamespace; // XS-012
        }

        // XS-014: no version means no features and no SASL; an answer to 1.0 cannot be higher (RFC 6120 §4.7.5).
        return header.Version == "1.0" ? null : StreamErrorCondition.UnsupportedVersion;
    }
}
