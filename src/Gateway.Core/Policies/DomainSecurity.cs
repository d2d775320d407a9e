using Gateway.Xmpp.Streams;

namespace Gateway.Core.Policies;

/// <summary>The rules of one domain, made ready once for all of its sessions.</summary>
public sealed class DomainSecurity
{
    // What hands a password or a lasting token to whoever reads the backend leg (EDGE-014).
    private static readonly string[] ClearText = ["PLAIN", "LOGIN", "X-OAUTH2", "OAUTHBEARER"];

    // Of tokens that are bound to a TLS connection or a certificate (XEP-0484 §3.1).
    private static readonly string[] BoundTokens = ["-ENDP", "-EXPR", "-UNIQ"];

    private readonly HashSet<string>? _allowed;
    private readonly HashSet<string> _denied;
    private readonly bool _isStripping;

    /// <summary>Takes what an operator configured.</summary>
    /// <param name="options">For this domain.</param>
    /// <param name="isBackendExposed">Bytes to the backend can be read on their way: neither TLS nor loopback.</param>
    public DomainSecurity(SecurityOptions options, bool isBackendExposed)
    {
        ArgumentNullException.ThrowIfNull(options);

        // RFC 4422 §3.1: names have upper case only. A backend that takes another spelling must not be a way around.
        _allowed = options.AllowMechanisms.Length > 0 ? new HashSet<string>(options.AllowMechanisms, StringComparer.OrdinalIgnoreCase) : null;
        _denied = new HashSet<string>(options.DenyMechanisms, StringComparer.OrdinalIgnoreCase) { "EXTERNAL" }; // EDGE-013
        _denied.UnionWith(isBackendExposed ? ClearText : []);
        _isStripping = options.ChannelBinding == ChannelBindingOffers.Strip;
        Options = options;
        Features = new StreamFeaturesRules
        {
            AllowsMechanism = Allows,
            RemovesChannelBinding = _isStripping,
            RemovesRegistration = options.Registration == Permission.Block,
        };
        Removals =
        [
            .. isBackendExposed ? [$"{string.Join(", ", ClearText)} (the backend is reached without TLS)"] : Array.Empty<string>(),
            .. options.DenyMechanisms.Length > 0 ? [string.Join(", ", options.DenyMechanisms)] : Array.Empty<string>(),
            .. _allowed is not null ? ["all but " + string.Join(", ", options.AllowMechanisms)] : Array.Empty<string>(),
            .. _isStripping ? ["all that bind to a channel"] : Array.Empty<string>(),
        ];
    }

    /// <summary>The rules where nothing is configured.</summary>
    public static DomainSecurity Default { get; } = new(new SecurityOptions(), isBackendExposed: false);

    /// <summary>As configured.</summary>
    public SecurityOptions Options { get; }

    /// <summary>What stays out of stream features.</summary>
    public StreamFeaturesRules Features { get; }

    /// <summary>What is configured to be taken out of a backend's offers, in words for its operator (EDGE-009).</summary>
    public IReadOnlyList<string> Removals { get; }

    /// <summary>A client may use a mechanism, and is offered it if the backend offers it.</summary>
    /// <param name="mechanism">Its name.</param>
    public bool Allows(string mechanism)
    {
        ArgumentNullException.ThrowIfNull(mechanism);
        return !_denied.Contains(mechanism)
            && _allowed?.Contains(mechanism) != false
            && !(_isStripping && (mechanism.EndsWith("-PLUS", StringComparison.OrdinalIgnoreCase)
                || Array.Exists(BoundTokens, end => mechanism.EndsWith(end, StringComparison.OrdinalIgnoreCase))));
    }
}
