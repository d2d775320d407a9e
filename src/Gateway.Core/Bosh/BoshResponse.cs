namespace Gateway.Core.Bosh;

/// <summary>What goes back over HTTP.</summary>
/// <param name="Status">200, or the status of a terminal condition for a legacy client (BOSH-121).</param>
/// <param name="Body">The whole body.</param>
/// <param name="ContentType">Content-Type of the session (BOSH-004, BOSH-005).</param>
public readonly record struct BoshResponse(int Status, ReadOnlyMemory<byte> Body, string ContentType)
{
    /// <summary>What a response has unless the client asked for another (BOSH-004).</summary>
    public const string DefaultContentType = "text/xml; charset=utf-8";

    /// <summary>A body with the usual head.</summary>
    public static BoshResponse Ok(ReadOnlyMemory<byte> body) => new(200, body, DefaultContentType);

    /// <summary>
    /// It may go compressed: the domain wants that, the client is logged in, and neither the sid nor anything of a login is in it
    /// (BOSH-011: the length would tell of secrets that stand beside what others choose).
    /// </summary>
    public bool MayCompress { get; init; }

    /// <summary>The exchange is broken and gets nothing.</summary>
    public bool IsAbandoned => Status == 0;
}
