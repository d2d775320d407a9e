namespace Gateway.Core.Backend;

/// <summary>What a backend's certificate is held against. Nothing here turns the check off (XS-038).</summary>
public sealed class BackendTlsOptions
{
    /// <summary>The name the certificate must carry, and the SNI; null (default): the session's own domain (XS-034).</summary>
    public string? ServerName { get; set; }

    /// <summary>A PEM file of trust anchors that replaces the system's store (XS-037); null (default): the system's store.</summary>
    public string? TrustedRoots { get; set; }
}
