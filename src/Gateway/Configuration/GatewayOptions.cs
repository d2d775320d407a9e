using Gateway.Core.Backend;
using Gateway.Core.Backend.Dns;
using Gateway.Core.Bosh;
using Gateway.Core.Policies;
using Gateway.Core.Sessions;
using Gateway.Core.WebSockets;

namespace Gateway.Configuration;

/// <summary>All that an operator configured, checked as a whole. Each room's options are the room's own class.</summary>
public sealed record GatewayOptions
{
    /// <summary>The only domains a client may name.</summary>
    public required IReadOnlyList<ServedDomain> Domains { get; init; }

    /// <summary>The backends by name; every one that a domain names is here.</summary>
    public required IReadOnlyDictionary<string, BackendOptions> Backends { get; init; }

    /// <summary>How names become addresses.</summary>
    public required DnsOptions Dns { get; init; }

    /// <summary>BOSH.</summary>
    public required BoshOptions Bosh { get; init; }

    /// <summary>XMPP over WebSocket.</summary>
    public required WebSocketSessionOptions WebSocket { get; init; }

    /// <summary>What one session may cost.</summary>
    public required SessionLimits Limits { get; init; }

    /// <summary>What clients may do, on domains that say nothing else, and which pages may connect.</summary>
    public required SecurityOptions Security { get; init; }

    /// <summary>How it stops.</summary>
    public required DrainOptions Drain { get; init; }

    /// <summary>The operator's listener.</summary>
    public required ManagementOptions Management { get; init; }

    /// <summary>Demo mode.</summary>
    public required DemoOptions Demo { get; init; }

    /// <summary>The public listeners.</summary>
    public required IReadOnlyList<PublicEndpoint> Endpoints { get; init; }

    /// <summary>File names in Kestrel's section by key, made absolute.</summary>
    public required IReadOnlyDictionary<string, string> Files { get; init; }

    /// <summary>Every XMPP path that is served.</summary>
    public IEnumerable<string> XmppPaths => [.. Bosh.Enabled ? Bosh.Paths : [], .. WebSocket.Enabled ? WebSocket.Paths : []];

    /// <summary>Reads and checks the whole configuration: the one conversion point.</summary>
    /// <exception cref="InvalidConfigurationException">With every error at once.</exception>
    public static GatewayOptions Bind(IConfiguration configuration) =>
        TryBind(configuration, out var findings) is { } options && findings.Errors.Count == 0
            ? options
            : throw new InvalidConfigurationException(findings.Errors);

    /// <summary>As <see cref="Bind"/>, with all that came to light.</summary>
    internal static GatewayOptions TryBind(IConfiguration configuration, out ConfigurationFindings findings) => TryBind(configuration, null, out findings);

    /// <summary>The same while a gateway is running.</summary>
    /// <param name="configuration">As it is now.</param>
    /// <param name="running">What it was started with: domains go on to take from there what they do not say themselves.</param>
    /// <param name="findings">All that came to light.</param>
    internal static GatewayOptions TryBind(IConfiguration configuration, GatewayOptions? running, out ConfigurationFindings findings)
    {
        findings = new ConfigurationFindings();
        return new GatewayOptionsBinder((IConfigurationRoot)configuration, running, findings).Read();
    }
}
