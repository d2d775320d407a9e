using System.Net.Security;
using System.Security.Authentication;

namespace Gateway.Core.Sessions;

/// <summary>The TLS of a client's connection.</summary>
/// <param name="Protocol">Its version.</param>
/// <param name="Suite">Its cipher suite.</param>
public readonly record struct EdgeTls(SslProtocols Protocol, TlsCipherSuite Suite)
{
    /// <summary>The version as OpenSSL writes it, such as <c>TLSv1.3</c>.</summary>
    public string Version => Protocol == SslProtocols.Tls13 ? "TLSv1.3" : Protocol == SslProtocols.Tls12 ? "TLSv1.2" : Protocol.ToString();

    /// <summary>The suite's name in the registry of IANA.</summary>
    public string Cipher => Suite.ToString();
}
