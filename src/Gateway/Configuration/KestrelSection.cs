using System.Security.Authentication;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Gateway.Configuration;

/// <summary>
/// Checks Kestrel's own section before Kestrel does, which would stop at the first mistake with ports already bound, and reads
/// what the gateway adds to it (interface.md section 2).
/// </summary>
internal static class KestrelSection
{
    /// <summary>The public listeners.</summary>
    public static IReadOnlyList<PublicEndpoint> Read(IConfigurationRoot configuration, ConfigurationFindings findings, bool demo)
    {
        var kestrel = new ConfigurationReader(ConfigurationNode.Read(configuration, "Kestrel"), "Kestrel", findings);
        var certificates = kestrel.Entries("Certificates");
        foreach (var certificate in certificates)
        {
            ReadCertificate(certificate);
        }

        var hasDefault = demo || certificates.Any(c => string.Equals(c.Name, "Default", StringComparison.OrdinalIgnoreCase));
        var defaults = kestrel.Section("EndpointDefaults");
        ReadProtocols(defaults);
        defaults.Finish();

        // Other keys of this section are Kestrel's business: no Finish.
        return [.. kestrel.Entries("Endpoints").Select(e => ReadEndpoint(e, hasDefault, demo))];
    }

    private static PublicEndpoint ReadEndpoint(ConfigurationReader endpoint, bool hasDefaultCertificate, bool demo)
    {
        var url = Listeners.Read(endpoint, "Url", "http://127.0.0.1:0", loopbackOnly: demo, allowHttps: true);
        if (!endpoint.Has("Url"))
        {
            endpoint.Complain("Url", "an address as http://127.0.0.1:5280 or https://*:443");
        }

        var allowPlaintext = endpoint.Flag("AllowPlaintext", false);
        ReadProtocols(endpoint);
        var certificate = endpoint.Section("Certificate");
        var names = endpoint.Entries("Sni");
        if (url.IsHttps && !certificate.Exists && names.Count == 0 && !hasDefaultCertificate)
        {
            endpoint.Complain("Certificate", "an https endpoint needs one, as { \"Path\": \"cert.pem\", \"KeyPath\": \"key.pem\" }");
        }

        ReadCertificate(certificate);
        foreach (var name in names)
        {
            ReadCertificate(name.Section("Certificate"));
            ReadProtocols(name);
            name.Finish();
        }

        endpoint.Finish();
        return new PublicEndpoint(endpoint.Name, url, allowPlaintext);
    }

    private static void ReadProtocols(ConfigurationReader section)
    {
        if (section.Has("Protocols"))
        {
            section.Choice("Protocols", HttpProtocols.Http1AndHttp2);
        }

        if (section.Has("ClientCertificateMode"))
        {
            section.Choice("ClientCertificateMode", ClientCertificateMode.NoCertificate);
        }

        if (section.Has("SslProtocols"))
        {
            section.List("SslProtocols", [], text => text.ToUpperInvariant() is "TLS12" or "TLS13"
                ? null
                : $"{nameof(SslProtocols.Tls12)} or {nameof(SslProtocols.Tls13)} (EDGE-064)");
        }
    }

    private static void ReadCertificate(ConfigurationReader section)
    {
        if (!section.Exists)
        {
            return;
        }

        var password = section.Text("Password", secret: true);
        var key = section.File("KeyPath", _ => null);
        section.File("Path", file => key is null && section.Has("KeyPath") ? null : CertificateFiles.WhatIsWrong(file, key, password));
        foreach (var name in (string[])["Subject", "Store", "Location"])
        {
            if (section.Has(name))
            {
                section.Text(name);
            }
        }

        if (section.Has("AllowInvalid"))
        {
            section.Flag("AllowInvalid", false);
        }

        section.Finish();
    }
}
