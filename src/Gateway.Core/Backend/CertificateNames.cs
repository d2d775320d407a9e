using System.Formats.Asn1;
using System.Globalization;
using System.Security.Cryptography.X509Certificates;

namespace Gateway.Core.Backend;

/// <summary>Whether a certificate was issued for an XMPP domain (XS-035, RFC 6120 §13.7.1.2). The Common Name never counts.</summary>
internal static class CertificateNames
{
    private const string SubjectAlternativeName = "2.5.29.17";
    private const string SrvName = "1.3.6.1.5.5.7.8.7"; // RFC 4985
    private const string XmppAddr = "1.3.6.1.5.5.7.8.5"; // RFC 6120 §13.7.1.4
    private const string ClientService = "_xmpp-client.";

    private static readonly Asn1Tag OtherNameTag = new(TagClass.ContextSpecific, 0);
    private static readonly Asn1Tag DnsNameTag = new(TagClass.ContextSpecific, 2);

    /// <summary>One of the subjectAltName entries names the domain.</summary>
    /// <param name="certificate">The server's own certificate.</param>
    /// <param name="domain">The reference identity, in A-label or U-label form.</param>
    public static bool Match(X509Certificate2 certificate, string domain)
    {
        var ascii = ToAscii(domain);
        foreach (var extension in certificate.Extensions)
        {
            if (extension.Oid?.Value == SubjectAlternativeName && MatchAny(extension.RawData, ascii, domain))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The A-label form of a domain; the text itself where there is none.</summary>
    public static string ToAscii(string domain)
    {
        var name = domain.EndsWith('.') ? domain[..^1] : domain;
        try
        {
            return new IdnMapping().GetAscii(name);
        }
        catch (ArgumentException)
        {
            return name;
        }
    }

    private static bool MatchAny(byte[] encoded, string ascii, string domain)
    {
        try
        {
            var names = new AsnReader(encoded, AsnEncodingRules.DER).ReadSequence();
            while (names.HasData)
            {
                var tag = names.PeekTag();
                if (tag.HasSameClassAndValue(DnsNameTag))
                {
                    if (MatchDnsName(names.ReadCharacterString(UniversalTagNumber.IA5String, DnsNameTag), ascii))
                    {
                        return true;
                    }
                }
                else if (tag.HasSameClassAndValue(OtherNameTag))
                {
                    if (MatchOtherName(names.ReadSequence(OtherNameTag), ascii, domain))
                    {
                        return true;
                    }
                }
                else
                {
                    names.ReadEncodedValue();
                }
            }
        }
        catch (AsnContentException)
        {
            // A name that cannot be read names nobody.
        }

        return false;
    }

    private static bool MatchDnsName(string name, string ascii)
    {
        if (!name.StartsWith("*.", StringComparison.Ordinal))
        {
            return string.Equals(name, ascii, StringComparison.OrdinalIgnoreCase);
        }

        // RFC 6125 §6.4.3: the wildcard stands for exactly one label, the left-most.
        var dot = ascii.IndexOf('.', StringComparison.Ordinal);
        return dot > 0 && name.AsSpan(1).Equals(ascii.AsSpan(dot), StringComparison.OrdinalIgnoreCase);
    }

    private static bool MatchOtherName(AsnReader otherName, string ascii, string domain)
    {
        var type = otherName.ReadObjectIdentifier();
        var value = otherName.ReadSequence(OtherNameTag); // [0] EXPLICIT
        switch (type)
        {
            case SrvName:
                var service = value.ReadCharacterString(UniversalTagNumber.IA5String);
                return service.StartsWith(ClientService, StringComparison.OrdinalIgnoreCase)
                    && service.AsSpan(ClientService.Length).Equals(ascii, StringComparison.OrdinalIgnoreCase);
            case XmppAddr:
                var address = value.ReadCharacterString(UniversalTagNumber.UTF8String);
                return string.Equals(address, domain, StringComparison.OrdinalIgnoreCase)
                    || string.Equals(address, ascii, StringComparison.OrdinalIgnoreCase);
            default:
                return false;
        }
    }
}
