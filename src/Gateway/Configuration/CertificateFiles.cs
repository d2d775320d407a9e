using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Gateway.Configuration;

/// <summary>Looks into certificate files, so that a wrong one is found before anything is started.</summary>
internal static class CertificateFiles
{
    /// <summary>What a file of trust anchors should be and is not; null if all is well.</summary>
    public static string? WhatIsWrongWithRoots(string file)
    {
        const string Right = "a PEM file with at least one certificate";
        try
        {
            var roots = new X509Certificate2Collection();
            roots.ImportFromPemFile(file);
            var any = roots.Count > 0;
            Release(roots);
            return any ? null : Right;
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            return $"{Right}; it cannot be read ({e.GetType().Name})";
        }
    }

    /// <summary>What the gateway's own certificate for its backends should be and is not; null if all is well.</summary>
    /// <param name="file">PEM.</param>
    /// <param name="key">The PEM file of the key, not encrypted; null when it stands in the same file.</param>
    public static string? WhatIsWrongWithPem(string file, string? key)
    {
        try
        {
            using var certificate = X509Certificate2.CreateFromPemFile(file, key);
            return null;
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            return "a certificate as PEM and the key that belongs to it, not encrypted, in the same file or as KeyPath; they cannot be read together";
        }
    }

    /// <summary>What a server's certificate with its key should be and is not; null if all is well.</summary>
    /// <param name="file">PEM, or PKCS#12.</param>
    /// <param name="key">The PEM file of the key; null when it stands in the same file.</param>
    /// <param name="password">Of the key; null for none.</param>
    public static string? WhatIsWrong(string file, string? key, string? password)
    {
        try
        {
            using var certificate = Load(file, key, password);
            return certificate.HasPrivateKey ? null : "a certificate with its private key";
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            return "a certificate as PEM with a KeyPath, or as PKCS#12, and the key that belongs to it; they cannot be read together";
        }
    }

    private static X509Certificate2 Load(string file, string? key, string? password)
    {
        if (key is null && X509Certificate2.GetCertContentType(file) == X509ContentType.Pkcs12)
        {
            return X509CertificateLoader.LoadPkcs12FromFile(file, password);
        }

        return password is null ? X509Certificate2.CreateFromPemFile(file, key) : X509Certificate2.CreateFromEncryptedPemFile(file, password, key);
    }

    private static void Release(X509Certificate2Collection certificates)
    {
        foreach (var certificate in certificates)
        {
            certificate.Dispose();
        }
    }
}
