namespace Gateway.Xmpp.Streams;

/// <summary>The stream error conditions of RFC 6120 §4.9.3.</summary>
public enum StreamErrorCondition : byte
{
    /// <summary>bad-format.</summary>
    BadFormat,

    /// <summary>bad-namespace-prefix.</summary>
    BadNamespacePrefix,

    /// <summary>conflict.</summary>
    Conflict,

    /// <summary>connection-timeout.</summary>
    ConnectionTimeout,

    /// <summary>host-gone.</summary>
    HostGone,

    /// <summary>host-unknown.</summary>
    HostUnknown,

    /// <summary>improper-addressing.</summary>
    ImproperAddressing,

    /// <summary>internal-server-error.</summary>
    InternalServerError,

    /// <summary>invalid-from.</summary>
    InvalidFrom,

    /// <summary>invalid-namespace.</summary>
    InvalidNamespace,

    /// <summary>invalid-xml.</summary>
    InvalidXml,

    /// <summary>not-authorized.</summary>
    NotAuthorized,

    /// <summary>not-well-formed.</summary>
    NotWellFormed,

    /// <summary>policy-violation.</summary>
    PolicyViolation,

    /// <summary>remote-connection-failed.</summary>
    RemoteConnectionFailed,

    /// <summary>reset.</summary>
    Reset,

    /// <summary>resource-constraint.</summary>
    ResourceConstraint,

    /// <summary>restricted-xml.</summary>
    RestrictedXml,

    /// <summary>see-other-host.</summary>
    SeeOtherHost,

    /// <summary>system-shutdown.</summary>
    SystemShutdown,

    /// <summary>undefined-condition.</summary>
    UndefinedCondition,

    /// <summary>unsupported-encoding.</summary>
    UnsupportedEncoding,

    /// <summary>unsupported-feature.</summary>
    UnsupportedFeature,

    /// <summary>unsupported-stanza-type.</summary>
    UnsupportedStanzaType,

    /// <summary>unsupported-version.</summary>
    UnsupportedVersion,
}

/// <summary>The conditions' names on the wire.</summary>
public static class StreamErrorConditions
{
    private static readonly byte[][] Names = [.. Enum.GetNames<StreamErrorCondition>().Select(ToWireName)];

    /// <summary>The element name, such as <c>not-well-formed</c>.</summary>
    public static ReadOnlySpan<byte> ToBytes(this StreamErrorCondition condition) => Names[(int)condition];

    /// <summary>The condition of an element name; null if it is none of the RFC's.</summary>
    public static StreamErrorCondition? Parse(ReadOnlySpan<byte> name)
    {
        for (var i = 0; i < Names.Length; i++)
        {
            if (name.SequenceEqual(Names[i]))
            {
                return (StreamErrorCondition)i;
            }
        }

        return null;
    }

    private static byte[] ToWireName(string name)
    {
        var bytes = new List<byte>(name.Length + 4);
        foreach (var c in name)
        {
            if (char.IsAsciiLetterUpper(c) && bytes.Count > 0)
            {
                bytes.Add((byte)'-');
            }

            bytes.Add((byte)char.ToLowerInvariant(c));
        }

        return [.. bytes];
    }
}
