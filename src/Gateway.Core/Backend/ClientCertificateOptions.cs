namespace Gateway.Core.Backend;

/// <summary>A certificate with its key, as PEM files.</summary>
public sealed class ClientCertificateOptions
{
    /// <summary>The certificate, its chain behind it; null (default): none is presented.</summary>
    public string? Path { get; set; }

    /// <summary>Its unencrypted private key; null: it stands in the certificate's file.</summary>
    public string? KeyPath { get; set; }
}
