namespace Gateway.Core.Backend;

/// <summary>What a backend's certificate is held against. Nothing here turns the check off (XS-038).</summary>
public sealed class BackendTlsOptions
{
    /// <summary>The name the certificate must carry, and the SNI; null (default): the session's own domain (XS-034).</summary>
    public string? ServerName { get; set; }

    /// <summary>A PEM file of trust anchors that replaces the system's store (XS-037); null (default): the system's store.</summary>
    public string? TrustedRoots { get; set; }

    /// <summary>The same as text, in place of a file; null (default): there is a file, or none.</summary>
    public string? TrustedRootsPem { get; set; }

    /// <summary>A PEM file with the gateway's own certificate, for servers that ask for one (XS-039), and what leads to its root; null (default): none.</summary>
    public string? ClientCertificate { get; set; }

    /// <summary>The PEM file of its key, not encrypted; null: it is in the same file.</summary>
    public string? ClientKey { get; set; }

    /// <summary>
    /// The only certificates that are accepted, and the only way to accept one that signed itself (XS-037, XS-038): each
    /// <c>sha256:</c> and 64 hexadecimal digits, of the certificate or of its public key (SubjectPublicKeyInfo). They stand for the chain to a trusted
    /// root; name and validity are checked all the same. Empty (default): the chain is.
    /// </summary>
    public string[] Pins { get; set; } = [];
}
