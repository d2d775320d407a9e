using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Gateway.DemoServer;

/// <summary>A root and a server certificate signed by it, made at start and kept in memory only.</summary>
internal sealed class DemoCertificate : IDisposable
{
    private readonly X509Certificate2 _server;

    public DemoCertificate(string domain)
    {
        // A client judges validity by the machine's clock, so a TimeProvider has no say here.
        var notBefore = DateTimeOffset.UtcNow.AddDays(-1);
        var notAfter = notBefore.AddYears(1);

        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var rootRequest = new CertificateRequest("CN=XMPP gateway demo authority", rootKey, HashAlgorithmName.SHA256);
        rootRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        rootRequest.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        rootRequest.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(rootRequest.PublicKey, false));
        using var root = rootRequest.CreateSelfSigned(notBefore, notAfter);

        using var serverKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={domain}", serverKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(root, true, false));
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(domain);
        request.CertificateExtensions.Add(names.Build());
        var serial = new byte[16];
        RandomNumberGenerator.Fill(serial);
        serial[0] &= 0x7f;
        using var signed = request.Create(root, notBefore, notAfter, serial);
        using var withKey = signed.CopyWithPrivateKey(serverKey);

        // COMPAT: SChannel (Windows) takes no ephemeral key, so the pair goes through PKCS #12 once.
        _server = X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null);
        Authority = X509CertificateLoader.LoadCertificate(root.RawData);
        Context = SslStreamCertificateContext.Create(_server, [Authority], offline: true);
    }

    /// <summary>The root, without its key.</summary>
    public X509Certificate2 Authority { get; }

    public SslStreamCertificateContext Context { get; }

    public void Dispose()
    {
        _server.Dispose();
        Authority.Dispose();
    }
}
