using Gateway.Core.Backend;
using Gateway.Core.Bosh;
using Gateway.Core.Policies;
using Gateway.Core.Sessions;
using Gateway.Core.WebSockets;
using Gateway.Transports;

namespace Gateway.Configuration;

/// <summary>The table of keys: one line declares a key with its type, default and bounds (interface.md section 3).</summary>
internal sealed class GatewayOptionsBinder(IConfigurationRoot configuration, GatewayOptions? running, ConfigurationFindings findings)
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Day = new(23, 59, 59);

    // RFC 6120 §13.12: no limit on stanzas below 10000 bytes.
    private const int LeastStanzaBytes = 10_000;
    private const int MostStanzaBytes = 64 * 1024 * 1024;

    /// <summary>Reads all of it; what is wrong is in the findings.</summary>
    public GatewayOptions Read()
    {
        var root = new ConfigurationReader(ConfigurationNode.Read(configuration, "Gateway"), "Gateway", findings);
        var demo = new DemoOptions { Enabled = root.Section("Demo") is var s && s.Flag("Enabled", false) & Done(s) };
        var backends = BackendsSection.Read(root);
        var dns = BackendsSection.ReadDns(root.Section("Dns"));
        var security = ReadSecurity(root.Section("Security"), new SecurityOptions(), ofDomain: false);
        var limits = ReadLimits(root.Section("Limits"), new SessionLimits(), ofDomain: false);
        var bosh = ReadBosh(root.Section("Bosh"), new BoshOptions(), ofDomain: false);
        var domains = ReadDomains(root, backends, demo.Enabled, running?.Security ?? security, running?.Limits ?? limits, running?.Bosh ?? bosh);
        var webSocket = ReadWebSocket(root.Section("WebSocket"), bosh.Enabled ? bosh.Paths : []);
        var drain = ReadDrain(root.Section("Drain"));
        var management = ReadManagement(root.Section("Management"), demo.Enabled);
        root.Finish();

        return new GatewayOptions
        {
            Domains = domains,
            Backends = backends,
            Dns = dns,
            Bosh = bosh,
            WebSocket = webSocket,
            Limits = limits,
            Security = security,
            Drain = drain,
            Management = management,
            Demo = demo,
            Endpoints = KestrelSection.Read(configuration, findings, demo.Enabled),
            Files = findings.Files,
        };
    }

    private static bool Done(ConfigurationReader section)
    {
        section.Finish();
        return true;
    }

    private static List<ServedDomain> ReadDomains(
        ConfigurationReader root, Dictionary<string, BackendOptions> backends, bool demo, SecurityOptions security, SessionLimits limits, BoshOptions bosh)
    {
        var domains = new List<ServedDomain>();
        var entries = root.Entries("Domains");
        foreach (var entry in entries)
        {
            if (ValueRules.WhatIsRightForDomain(entry.Name) is { } right)
            {
                entry.Complain(right);
            }
            else if (domains.Find(d => ValueRules.Prepare(d.Name) == ValueRules.Prepare(entry.Name)) is { } twin)
            {
                entry.Complain($"each domain once: {twin.Name} is the same");
            }

            if (demo && ValueRules.Prepare(entry.Name) == "localhost")
            {
                entry.Complain("in demo mode localhost is the demo's own domain: use another name, or turn the demo off with Gateway:Demo:Enabled=false");
            }

            var backend = entry.Text("Backend", name => backends.ContainsKey(name)
                ? null
                : "the name of an entry of Gateway:Backends, or nothing for the domain's own SRV records"
                    + (NearestKey.Find(name, backends.Keys) is { } near ? $"; did you mean {near}?" : ""));
            domains.Add(new ServedDomain(entry.Name.ToLowerInvariant(), backend ?? ServedDomain.OwnSrv)
            {
                Security = new DomainSecurity(
                    entry.Has("Security") ? ReadSecurity(entry.Section("Security"), security, ofDomain: true) : security,
                    backend is not null && backends[backend].IsExposed),
                Limits = entry.Has("Limits") ? ReadLimits(entry.Section("Limits"), limits, ofDomain: true) : null,
                Bosh = entry.Has("Bosh") ? ReadBosh(entry.Section("Bosh"), bosh, ofDomain: true) : null,
            });
            entry.Finish();
        }

        if (entries.Count == 0 && !demo)
        {
            root.Complain("Domains", "at least one domain; configure one, as \"example.org\": { \"Backend\": \"name\" }, or try the demo with --Gateway:Demo:Enabled=true");
        }

        return domains;
    }

    /// <summary>What may stand inside a domain has its defaults from the section that holds for all.</summary>
    private static SecurityOptions ReadSecurity(ConfigurationReader section, SecurityOptions defaults, bool ofDomain)
    {
        var options = new SecurityOptions
        {
            // A page's origin is judged before its domain is known (EDGE-047).
            AllowedOrigins = ofDomain ? defaults.AllowedOrigins : section.List("AllowedOrigins", defaults.AllowedOrigins, ValueRules.WhatIsRightForOrigin),
            ChannelBinding = section.Choice("ChannelBinding", defaults.ChannelBinding),
            AllowMechanisms = section.List("AllowMechanisms", defaults.AllowMechanisms, ValueRules.WhatIsRightForMechanism),
            DenyMechanisms = section.List("DenyMechanisms", defaults.DenyMechanisms, ValueRules.WhatIsRightForMechanism),
            Registration = section.Choice("Registration", defaults.Registration),
            PasswordChange = section.Choice("PasswordChange", defaults.PasswordChange),
            AccountRemoval = section.Choice("AccountRemoval", defaults.AccountRemoval),
            HstsDays = ofDomain ? defaults.HstsDays : section.Integer("HstsDays", defaults.HstsDays, 0, 3650),
        };
        section.Finish();
        return options;
    }

    private static SessionLimits ReadLimits(ConfigurationReader section, SessionLimits defaults, bool ofDomain)
    {
        var limits = new SessionLimits
        {
            MaxStanzaBytes = section.Integer("MaxStanzaBytes", defaults.MaxStanzaBytes, LeastStanzaBytes, MostStanzaBytes),
            MaxStanzaBytesBeforeAuth = section.Integer("MaxStanzaBytesBeforeAuth", defaults.MaxStanzaBytesBeforeAuth, LeastStanzaBytes, MostStanzaBytes),
            MaxDepth = section.Integer("MaxDepth", defaults.MaxDepth, 10, 1000),
            MaxAttributes = section.Integer("MaxAttributes", defaults.MaxAttributes, 10, 1000),
            AuthTimeout = section.Time("AuthTimeout", defaults.AuthTimeout, TimeSpan.Zero, Hour),
            AuthFailuresPerSession = section.Integer("AuthFailuresPerSession", defaults.AuthFailuresPerSession, 0, 1000),

            // Judged before a session, and so before its domain, is there.
            AuthFailuresPerHourPerAddress = ofDomain
                ? defaults.AuthFailuresPerHourPerAddress
                : section.Integer("AuthFailuresPerHourPerAddress", defaults.AuthFailuresPerHourPerAddress, 0, 1_000_000),
            MaxSessions = ofDomain ? defaults.MaxSessions : section.Integer("MaxSessions", defaults.MaxSessions, 0, int.MaxValue),
            UnknownSidsPerMinutePerAddress = ofDomain
                ? defaults.UnknownSidsPerMinutePerAddress
                : section.Integer("UnknownSidsPerMinutePerAddress", defaults.UnknownSidsPerMinutePerAddress, 0, 1_000_000),
            RequestsPerSecond = section.Integer("RequestsPerSecond", defaults.RequestsPerSecond, 0, 100_000),
        };
        section.Finish();
        return limits;
    }

    private static BoshOptions ReadBosh(ConfigurationReader section, BoshOptions defaults, bool ofDomain)
    {
        var options = new BoshOptions
        {
            // Paths are there before a domain is named.
            Enabled = ofDomain ? defaults.Enabled : section.Flag("Enabled", defaults.Enabled),
            Paths = ofDomain ? defaults.Paths : section.List("Paths", defaults.Paths, ValueRules.WhatIsRightForPath),
            MaxWait = section.Time("MaxWait", defaults.MaxWait, Second, TimeSpan.FromMinutes(5)),
            MaxHold = section.Integer("MaxHold", defaults.MaxHold, 0, 10),
            Inactivity = section.Time("Inactivity", defaults.Inactivity, TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(10)),
            Polling = section.Time("Polling", defaults.Polling, TimeSpan.Zero, TimeSpan.FromMinutes(1)),
            MaxPause = section.Time("MaxPause", defaults.MaxPause, TimeSpan.Zero, Hour),
            Compression = section.Flag("Compression", defaults.Compression),
        };
        section.Finish();
        return options;
    }

    private static WebSocketSessionOptions ReadWebSocket(ConfigurationReader section, string[] taken)
    {
        var defaults = new WebSocketSessionOptions();
        var options = new WebSocketSessionOptions
        {
            Enabled = section.Flag("Enabled", defaults.Enabled),
            Paths = section.List("Paths", defaults.Paths, ValueRules.WhatIsRightForPath),
            PingInterval = section.Time("PingInterval", defaults.PingInterval, Second, Hour),
            PongTimeout = section.Time("PongTimeout", defaults.PongTimeout, Second, Hour),
            OpenTimeout = section.Time("OpenTimeout", defaults.OpenTimeout, Second, Hour),
            RequireSubprotocol = section.Flag("RequireSubprotocol", defaults.RequireSubprotocol),
            Compression = section.Flag("Compression", defaults.Compression),
        };
        if (options.Enabled && options.Paths.FirstOrDefault(p => new TransportPaths(taken).Contains(p)) is { } both)
        {
            section.Complain("Paths", $"paths that Gateway:Bosh:Paths has not taken; both have {both}");
        }

        section.Finish();
        return options;
    }

    private static DrainOptions ReadDrain(ConfigurationReader section)
    {
        var defaults = new DrainOptions();
        var options = new DrainOptions
        {
            Delay = section.Time("Delay", defaults.Delay, TimeSpan.Zero, Hour),
            Period = section.Time("Period", defaults.Period, TimeSpan.Zero, Hour),
        };
        section.Finish();
        return options;
    }

    private static ManagementOptions ReadManagement(ConfigurationReader section, bool demo)
    {
        var options = new ManagementOptions { Url = Listeners.Read(section, "Url", ManagementOptions.DefaultUrl, demo, allowHttps: false) };
        section.Finish();
        return options;
    }
}
