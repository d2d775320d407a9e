using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Gateway.Core.Sessions;

namespace Gateway.Core.Backend;

/// <summary>TLS to the servers of one backend, always verified: its files are read once, when the backend is set up.</summary>
internal sealed class BackendTls
{
    private static readonly SslApplicationProtocol XmppClient = new("xmpp-client"u8.ToArray());

    private readonly TimeProvider _time;
    private readonly string? _serverName;
    private readonly X509Certificate2Collection? _roots;
    private readonly CertificatePin[] _pins;
    private readonly SslStreamCertificateContext? _own;

    /// <summary>Reads the files.</summary>
    /// <exception cref="Exception">A file cannot be read or holds no certificate.</exception>
    public BackendTls(BackendTlsOptions options, TimeProvider time)
    {
        _time = time;
        _serverName = options.ServerName;
        _pins = [.. options.Pins.Select(p => CertificatePin.TryParse(p, out var pin) ? pin : throw new ArgumentException($"'{p}' is no pin.", nameof(options)))];
        if ((options.TrustedRootsPem ?? (options.TrustedRoots is { } file ? File.ReadAllText(file) : null)) is { } pem)
        {
            _roots = [];
            _roots.ImportFromPem(pem);
        }

        if (options.ClientCertificate is { } own)
        {
            var chain = new X509Certificate2Collection();
            chain.ImportFromPemFile(own);
            _own = SslStreamCertificateContext.Create(X509Certificate2.CreateFromPemFile(own, options.ClientKey), chain, offline: true);
        }
    }

    /// <summary>Does the handshake; the transport belongs to the result, and is disposed when there is none.</summary>
    /// <param name="transport">TCP.</param>
    /// <param name="domain">The session's domain (XS-034).</param>
    /// <param name="direct">Direct TLS: ALPN is offered (XS-031); with STARTTLS it is not (XS-028).</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="BackendConnectException">With the named cause.</exception>
    public async ValueTask<Stream> AuthenticateAsync(Stream transport, string domain, bool direct, CancellationToken cancellationToken)
    {
        var reference = _serverName ?? domain;
        (SessionEndReason Reason, string Detail)? refusal = null;
        var tls = new SslStream(transport, leaveInnerStreamOpen: false);
        try
        {
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = CertificateNames.ToAscii(reference),
                    EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13, // XS-027: whatever the system's own default is
                    AllowRenegotiation = false,
                    ClientCertificateContext = _own,
                    ApplicationProtocols = direct ? [XmppClient] : null,
                    CertificateChainPolicy = ChainPolicy(),
                    RemoteCertificateValidationCallback = (_, certificate, chain, _) =>
                        (refusal = Refuse(certificate as X509Certificate2, chain, reference)) is null,
                },
                cancellationToken);
            return tls;
        }
        catch (Exception e) when (e is AuthenticationException or IOException or SocketException or ObjectDisposedException)
        {
            await tls.DisposeAsync(); // XS-026: no </stream:stream>
            throw new BackendConnectException(refusal?.Reason ?? SessionEndReason.TlsHandshake, refusal?.Detail ?? "the TLS handshake failed: " + e.Message, e);
        }
        catch
        {
            await tls.DisposeAsync();
            throw;
        }
    }

    private X509ChainPolicy ChainPolicy()
    {
        var policy = new X509ChainPolicy
        {
            VerificationTime = _time.GetUtcNow().LocalDateTime,
            // XS-036: what the platform knows of revocation counts, but a handshake never goes to the network for it, nor for
            // certificates that the server left out: both would block a thread, at an address that the peer chose.
            RevocationMode = X509RevocationMode.Offline,
            RevocationFlag = X509RevocationFlag.ExcludeRoot,
            DisableCertificateDownloads = true,
        };
        if (_roots is not null || _pins.Length > 0)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust; // XS-037
            policy.CustomTrustStore.AddRange(_roots ?? []);
        }

        return policy;
    }

    private (SessionEndReason, string)? Refuse(X509Certificate2? certificate, X509Chain? chain, string reference)
    {
        if (certificate is null || chain is null)
        {
            return (SessionEndReason.TlsHandshake, "the server sent no certificate");
        }

        const X509ChainStatusFlags Tolerated = X509ChainStatusFlags.RevocationStatusUnknown | X509ChainStatusFlags.OfflineRevocation;
        var status = X509ChainStatusFlags.NoError;
        foreach (var entry in chain.ChainStatus)
        {
            status |= entry.Status;
        }

        status &= ~Tolerated;
        if (_pins.Length > 0)
        {
            if (!Array.Exists(_pins, p => p.Matches(certificate)))
            {
                return (SessionEndReason.UntrustedRoot, "the certificate is not a pinned one");
            }

            status &= ~(X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain); // XS-038: the pin stands for the chain
        }

        const X509ChainStatusFlags Untrusted = X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.NotSignatureValid;
        if ((status & Untrusted) != X509ChainStatusFlags.NoError)
        {
            return (SessionEndReason.UntrustedRoot, "the certificate leads to no trusted root");
        }

        if ((status & X509ChainStatusFlags.NotTimeValid) != X509ChainStatusFlags.NoError)
        {
            return (SessionEndReason.CertificateExpired, "the certificate is out of its validity time");
        }

        if (status != X509ChainStatusFlags.NoError)
        {
            return (SessionEndReason.TlsHandshake, $"the certificate is not acceptable: {status}");
        }

        // The platform's own verdict on the name is not asked: it knows no SRVName and falls back to the Common Name.
        return CertificateNames.Match(certificate, reference) ? null : (SessionEndReason.NameMismatch, "the certificate does not name the domain");
    }
}
