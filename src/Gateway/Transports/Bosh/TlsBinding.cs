using System.Security.Cryptography;
using Gateway.Core.Bosh;

namespace Gateway.Transports.Bosh;

/// <summary>Which connections may carry a session that was created over TLS (XEP-0124 §19.1). Any other session may use all.</summary>
internal static class TlsBinding
{
    private static readonly ClientTls WithoutCertificate = new(CertificateHash: null);

    /// <summary>What a session is bound to that is created by this request; null: to nothing.</summary>
    public static ClientTls? Of(HttpContext context) =>
        !context.Request.IsHttps ? null : HashOf(context) is { } hash ? new ClientTls(hash) : WithoutCertificate;

    /// <summary>The answer to a request over another kind of connection; the session knows nothing of it. Null: it is right.</summary>
    public static BoshAdmission? Refuses(this ClientTls tls, HttpContext context)
    {
        if (!context.Request.IsHttps)
        {
            return BoshAdmission.WithStatus(StatusCodes.Status403Forbidden); // BOSH-126
        }

        if (tls.CertificateHash is null || tls.CertificateHash == HashOf(context))
        {
            return null;
        }

        context.Abort(); // BOSH-127
        return BoshAdmission.WithStatus(StatusCodes.Status403Forbidden);
    }

    private static string? HashOf(HttpContext context) => context.Connection.ClientCertificate?.GetCertHashString(HashAlgorithmName.SHA256);
}
