namespace Gateway.Core.Backend;

/// <summary>How a backend connection is protected (XS-019). There is no "TLS if offered".</summary>
public enum BackendSecurity : byte
{
    /// <summary>STARTTLS, required.</summary>
    StartTls,

    /// <summary>TLS from the first byte (XEP-0368).</summary>
    DirectTls,

    /// <summary>Plain text: for loopback or a network that the operator trusts, never a fallback.</summary>
    None,

    /// <summary>As the SRV service of each server says (XS-019): <c>_xmpps-client</c> direct TLS, <c>_xmpp-client</c> STARTTLS.</summary>
    Srv,
}
