namespace Gateway.Configuration;

/// <summary>Browsers (<c>Gateway:Security</c>).</summary>
public sealed class SecurityOptions
{
    /// <summary>Origins that may, serialised as browsers do (<c>https://chat.example.com</c>), or <c>*</c> for any, the default: nothing ambient is trusted (EDGE-047, EDGE-052).</summary>
    public string[] AllowedOrigins { get; init; } = ["*"];

    /// <summary>
    /// For how many days browsers are told to use https alone for the host name of an https endpoint (RFC 6797); 0: they are not,
    /// for a name that serves plain HTTP elsewhere. Default 365 (EDGE-053). Never for localhost.
    /// </summary>
    public int HstsDays { get; init; } = 365;
}
