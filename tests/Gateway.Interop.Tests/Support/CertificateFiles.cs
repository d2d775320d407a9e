using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Gateway.Interop.Tests.Support;

/// <summary>A certificate authority of this run, and server certificates of it as PEM files.</summary>
internal sealed class CertificateFiles : IDisposable
{
    private static readonly Oid ServerAuthentication = new("1.3.6.1.5.5.7.3.1");

    private readonly string _directory;
    private readonly X509Certificate2 _authority;
    private readonly DateTimeOffset _from = DateTimeOffset.UtcNow.AddDays(-1);

    public CertificateFiles(string directory)
    {
        _directory = directory;
        Directory.CreateDirectory(directory);

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Interop test authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        _authority = request.CreateSelfSigned(_from, _from.AddDays(30));
        AuthorityPath = Path.Combine(directory, "ca.pem");
        File.WriteAllText(AuthorityPath, _authority.ExportCertificatePem());
    }

    public string AuthorityPath { get; }

    /// <summary>The certificate for the domain and its key, as two files and as one.</summary>
    public (string Certificate, string Key, string Both) Issue(string domain)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={domain}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(domain);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([ServerAuthentication], false));
        request.CertificateExtensions.Add(
            X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_authority, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        using var certificate = request.Create(_authority, _from, _from.AddDays(20), RandomNumberGenerator.GetBytes(12));

        var files = (Path.Combine(_directory, $"{domain}.crt"), Path.Combine(_directory, $"{domain}.key"), Path.Combine(_directory, $"{domain}.pem"));
        var (certificatePem, keyPem) = (certificate.ExportCertificatePem() + "\n", key.ExportPkcs8PrivateKeyPem() + "\n");
        File.WriteAllText(files.Item1, certificatePem);
        File.WriteAllText(files.Item2, keyPem);
        File.WriteAllText(files.Item3, certificatePem + keyPem);
        return files;
    }

    public void Dispose() => _authority.Dispose();
}
