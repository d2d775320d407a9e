using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Gateway.TestKit;

/// <summary>A certificate authority of a test's own, good and bad server certificates of it, and its root as a file. Validity is 2020 to 2049 unless the name says otherwise.</summary>
public sealed class TestCertificates : IDisposable
{
    private const string SrvNameType = "1.3.6.1.5.5.7.8.7";
    private const string XmppAddrType = "1.3.6.1.5.5.7.8.5";

    private static readonly DateTimeOffset From = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Until = new(2049, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("gateway-test-");
    private readonly List<X509Certificate2> _made = [];

    /// <summary>Makes the authority and writes its root.</summary>
    public TestCertificates()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Gateway test root", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        Root = Keep(request.CreateSelfSigned(From.AddDays(-1), Until.AddDays(1)));
        RootsFile = Path.Combine(_directory.FullName, "roots.pem");
        File.WriteAllText(RootsFile, Root.ExportCertificatePem());
    }

    /// <summary>The authority, with its key.</summary>
    public X509Certificate2 Root { get; }

    /// <summary>A PEM file with the root alone.</summary>
    public string RootsFile { get; }

    /// <summary>Right: dNSName entries as given; <c>*.example.org</c> is a wildcard.</summary>
    public X509Certificate2 Server(params string[] dnsNames) => Issue("CN=server", From, Until, Names(dnsNames));

    /// <summary>Right but for its time, which ended in 2021.</summary>
    public X509Certificate2 Expired(string dnsName) => Issue("CN=server", From, From.AddYears(1), Names(dnsName));

    /// <summary>Right but for its time, which begins in 2048.</summary>
    public X509Certificate2 NotYetValid(string dnsName) => Issue("CN=server", Until.AddYears(-1), Until, Names(dnsName));

    /// <summary>The domain stands in the Common Name only, which never counts.</summary>
    public X509Certificate2 CommonNameOnly(string domain) => Issue("CN=" + domain, From, Until, null);

    /// <summary>An otherName SRVName, such as <c>_xmpp-client.example.org</c> (RFC 4985), and no dNSName.</summary>
    public X509Certificate2 SrvName(string serviceAndDomain) => Issue("CN=server", From, Until, OtherName(SrvNameType, UniversalTagNumber.IA5String, serviceAndDomain));

    /// <summary>An otherName XmppAddr (RFC 6120 §13.7.1.4), and no dNSName.</summary>
    public X509Certificate2 XmppAddr(string domain) => Issue("CN=server", From, Until, OtherName(XmppAddrType, UniversalTagNumber.UTF8String, domain));

    /// <summary>Signed by itself; the name is right.</summary>
    public X509Certificate2 SelfSigned(string dnsName)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return Keep(Reload(Request("CN=server", key, Names(dnsName)).CreateSelfSigned(From, Until)));
    }

    /// <summary>Writes a certificate and its key as PEM files.</summary>
    public (string CertificateFile, string KeyFile) Write(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        using var key = certificate.GetECDsaPrivateKey() ?? throw new ArgumentException("It has no key.", nameof(certificate));
        var path = Path.Combine(_directory.FullName, certificate.Thumbprint);
        File.WriteAllText(path + ".pem", certificate.ExportCertificatePem());
        File.WriteAllText(path + ".key", key.ExportPkcs8PrivateKeyPem());
        return (path + ".pem", path + ".key");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _made.ForEach(c => c.Dispose());
        _directory.Delete(recursive: true);
    }

    private X509Certificate2 Issue(string subject, DateTimeOffset from, DateTimeOffset until, X509Extension? names)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = Request(subject, key, names).Create(Root, from, until, RandomNumberGenerator.GetBytes(16));
        using var withKey = certificate.CopyWithPrivateKey(key);
        return Keep(Reload(withKey));
    }

    private static CertificateRequest Request(string subject, ECDsa key, X509Extension? names)
    {
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], false));
        if (names is not null)
        {
            request.CertificateExtensions.Add(names);
        }

        return request;
    }

    private static X509Extension Names(params string[] dnsNames)
    {
        var builder = new SubjectAlternativeNameBuilder();
        foreach (var name in dnsNames)
        {
            builder.AddDnsName(name);
        }

        return builder.Build();
    }

    private static X509Extension OtherName(string type, UniversalTagNumber encoding, string value)
    {
        var tag = new Asn1Tag(TagClass.ContextSpecific, 0, isConstructed: true);
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        using (writer.PushSequence(tag))
        {
            writer.WriteObjectIdentifier(type);
            using (writer.PushSequence(tag))
            {
                writer.WriteCharacterString(encoding, value);
            }
        }

        return new X509Extension("2.5.29.17", writer.Encode(), critical: false);
    }

    /// <summary>SslStream wants a key that is not bound to the object it was made with.</summary>
    private static X509Certificate2 Reload(X509Certificate2 certificate) =>
        X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), null);

    private X509Certificate2 Keep(X509Certificate2 certificate)
    {
        _made.Add(certificate);
        return certificate;
    }
}
