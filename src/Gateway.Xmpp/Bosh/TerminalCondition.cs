namespace Gateway.Xmpp.Bosh;

/// <summary>The terminal binding conditions of XEP-0124 §17.2.</summary>
public enum TerminalCondition : byte
{
    /// <summary>bad-request: malformed XML, attribute or header.</summary>
    BadRequest,

    /// <summary>host-gone: the domain is no longer served.</summary>
    HostGone,

    /// <summary>host-unknown: the domain is not served.</summary>
    HostUnknown,

    /// <summary>improper-addressing: the creation request names no usable domain.</summary>
    ImproperAddressing,

    /// <summary>internal-server-error: a fault inside the gateway.</summary>
    InternalServerError,

    /// <summary>item-not-found: unknown sid, rid outside the window, repeat not cached, wrong key.</summary>
    ItemNotFound,

    /// <summary>other-request: another open request of the session caused the end.</summary>
    OtherRequest,

    /// <summary>policy-violation: a limit was passed.</summary>
    PolicyViolation,

    /// <summary>remote-connection-failed: the backend is not reachable, not securely reachable, or lost.</summary>
    RemoteConnectionFailed,

    /// <summary>remote-stream-error: the backend's stream error is in the body.</summary>
    RemoteStreamError,

    /// <summary>see-other-uri: another URI is to be used.</summary>
    SeeOtherUri,

    /// <summary>system-shutdown: the gateway stops.</summary>
    SystemShutdown,

    /// <summary>undefined-condition: not used by this product (BOSH-102).</summary>
    UndefinedCondition,
}

/// <summary>The conditions' names on the wire.</summary>
public static class TerminalConditions
{
    private static readonly byte[][] Names = [.. Enum.GetNames<TerminalCondition>().Select(ToWireName)];

    /// <summary>The attribute value, such as <c>item-not-found</c>.</summary>
    public static ReadOnlySpan<byte> ToBytes(this TerminalCondition condition) => Names[(int)condition];

    private static byte[] ToWireName(string name) =>
        System.Text.Encoding.ASCII.GetBytes(string.Concat(name.Select((c, i) =>
            (i > 0 && char.IsAsciiLetterUpper(c) ? "-" : "") + char.ToLowerInvariant(c))));
}
