namespace Gateway.Configuration;

/// <summary>Who may use the gateway from a browser (<c>Gateway:Security</c>).</summary>
public sealed class SecurityOptions
{
    /// <summary>Origins that may, serialised as browsers do (<c>https://chat.example.com</c>), or <c>*</c> for any, the default: nothing ambient is trusted (EDGE-047, EDGE-052).</summary>
    public string[] AllowedOrigins { get; init; } = ["*"];
}
