namespace Gateway.Xmpp.Bosh;

/// <summary>The listed attributes of a request's <c>body</c> that may be malformed (BOSH-030).</summary>
[Flags]
public enum BoshAttributes
{
    /// <summary>None of them.</summary>
    None = 0,

    /// <summary>rid.</summary>
    Rid = 1,

    /// <summary>wait.</summary>
    Wait = 2,

    /// <summary>hold.</summary>
    Hold = 4,

    /// <summary>ack.</summary>
    Ack = 8,

    /// <summary>pause.</summary>
    Pause = 16,

    /// <summary>Any other listed number, which a request has no use for.</summary>
    Other = 32,
}

/// <summary>The attributes of one <c>body</c> element of a request (XEP-0124 1.11.2, XEP-0206 1.4). What is absent is null.</summary>
public sealed record BoshBody
{
    /// <summary>Largest rid: 2^53 - 1 (BOSH-059).</summary>
    public const long MaxRid = 9007199254740991;

    /// <summary>The request's number, 1..<see cref="MaxRid"/>.</summary>
    public long? Rid { get; internal set; }

    /// <summary>The session's name; absent in a creation request (BOSH-031).</summary>
    public string? Sid { get; internal set; }

    /// <summary>The target domain.</summary>
    public string? To { get; internal set; }

    /// <summary>The client's JID.</summary>
    public string? From { get; internal set; }

    /// <summary>xml:lang.</summary>
    public string? Lang { get; internal set; }

    /// <summary>Highest version of the protocol that the client supports; without one it is a legacy client (section 18).</summary>
    public BoshVersion? Ver { get; internal set; }

    /// <summary>Longest time a request may be held, in seconds, 0..65535.</summary>
    public int? Wait { get; internal set; }

    /// <summary>Most requests held at a time, 0..255.</summary>
    public int? Hold { get; internal set; }

    /// <summary>The Content-Type that the client wants responses to have.</summary>
    public string? Content { get; internal set; }

    /// <summary>Highest rid such that the client has all responses up to it.</summary>
    public long? Ack { get; internal set; }

    /// <summary>Key of the current sequence, as received.</summary>
    public string? Key { get; internal set; }

    /// <summary>Start of a new key sequence, as received.</summary>
    public string? NewKey { get; internal set; }

    /// <summary>Length of the pause that is asked for, in seconds, 0..65535.</summary>
    public int? Pause { get; internal set; }

    /// <summary>The request has <c>type='terminate'</c>, or what gloox writes for it.</summary>
    public bool IsTerminate { get; internal set; }

    /// <summary>xmpp:version as written.</summary>
    public string? XmppVersion { get; internal set; }

    /// <summary>xmpp:restart is <c>true</c> or <c>1</c>.</summary>
    public bool IsRestart { get; internal set; }

    /// <summary>Listed attributes that are there and malformed; their properties are null.</summary>
    public BoshAttributes Malformed { get; internal set; }
}

/// <summary>A version of the protocol; its two numbers are compared apart, so 1.10 is above 1.9 (BOSH-032).</summary>
public readonly record struct BoshVersion(int Major, int Minor)
{
    /// <summary>What this product speaks: XEP-0124 version 1.11.2.</summary>
    public static BoshVersion Supported { get; } = new(1, 11);

    /// <summary>The lower of the two.</summary>
    public static BoshVersion Min(BoshVersion left, BoshVersion right) =>
        (left.Major, left.Minor).CompareTo((right.Major, right.Minor)) <= 0 ? left : right;

    /// <inheritdoc/>
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Major}.{Minor}");
}
