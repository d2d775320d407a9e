namespace Gateway.Configuration;

/// <summary>Demo mode (<c>Gateway:Demo</c>).</summary>
public sealed class DemoOptions
{
    /// <summary>An embedded XMPP server and a web client, on loopback only. Default off; <c>appsettings.Development.json</c> turns it on.</summary>
    public bool Enabled { get; init; }
}
