namespace Gateway.Core.Bosh;

/// <summary>A session that was created over TLS is used over TLS (XEP-0124 §19.1).</summary>
/// <param name="CertificateHash">SHA-256 of the client's certificate, in hexadecimal; null if it showed none.</param>
public sealed record ClientTls(string? CertificateHash);
