namespace Gateway.Core.Policies;

/// <summary>What clients may do on a domain, and which pages may connect (<c>Gateway:Security</c>).</summary>
public sealed record SecurityOptions
{
    /// <summary>Origins that may, serialised as browsers do (<c>https://chat.example.com</c>), or <c>*</c> for any, the default: nothing ambient is trusted (EDGE-047, EDGE-052).</summary>
    public string[] AllowedOrigins { get; init; } = ["*"];

    /// <summary>
    /// For how many days browsers are told to use https alone for the host name of an https endpoint (RFC 6797); 0: they are not,
    /// for a name that serves plain HTTP elsewhere. Default 365 (EDGE-053). Never for localhost.
    /// </summary>
    public int HstsDays { get; init; } = 365;

    /// <summary>What becomes of offers of channel binding. Default: they pass as they are (EDGE-002).</summary>
    public ChannelBindingOffers ChannelBinding { get; init; } = ChannelBindingOffers.Relay;

    /// <summary>The only mechanisms of SASL, SASL2 and FAST that may be used; empty, the default: all that the backend offers (EDGE-016).</summary>
    public string[] AllowMechanisms { get; init; } = [];

    /// <summary>Mechanisms that may not be used; empty by default (EDGE-016).</summary>
    public string[] DenyMechanisms { get; init; } = [];

    /// <summary>Making accounts from a client (XEP-0077, XEP-0389). Default: blocked (EDGE-021).</summary>
    public Permission Registration { get; init; } = Permission.Block;

    /// <summary>Changing the password of one's own account. Default: allowed (EDGE-026).</summary>
    public Permission PasswordChange { get; init; } = Permission.Allow;

    /// <summary>Removing one's own account. Default: allowed (EDGE-026).</summary>
    public Permission AccountRemoval { get; init; } = Permission.Allow;
}
