using System.Buffers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Gateway.Core.Backend;

/// <summary>A certificate known by its hash (XS-038).</summary>
public sealed class CertificatePin
{
    private const string Prefix = "sha256:";

    private readonly byte[] _hash;

    private CertificatePin(byte[] hash) => _hash = hash;

    /// <summary>Reads a pin.</summary>
    /// <param name="text"><c>sha256:</c> and 64 hexadecimal digits of either case; colons between them, as openssl prints, are passed over.</param>
    /// <param name="pin">The pin.</param>
    public static bool TryParse(string text, out CertificatePin pin)
    {
        ArgumentNullException.ThrowIfNull(text);
        pin = null!;
        if (!text.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        var hash = new byte[SHA256.HashSizeInBytes];
        var digits = text[Prefix.Length..].Replace(":", "", StringComparison.Ordinal);
        if (Convert.FromHexString(digits, hash, out _, out var written) != OperationStatus.Done || written != hash.Length)
        {
            return false;
        }

        pin = new CertificatePin(hash);
        return true;
    }

    /// <summary>The certificate, or its public key, is the pinned one.</summary>
    public bool Matches(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        return SHA256.HashData(certificate.RawDataMemory.Span).AsSpan().SequenceEqual(_hash)
            || SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo()).AsSpan().SequenceEqual(_hash);
    }
}
