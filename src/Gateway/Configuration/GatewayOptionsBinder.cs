using Gateway.Core.Backend;
using Gateway.Core.Bosh;
using Gateway.Core.Policies;
using Gateway.Core.Sessions;
using Gateway.Core.WebSockets;
using Gateway.Transports;

namespace Gateway.Configuration;

/// <summary>The table of keys: one line declares a key with its type, default and bounds (interface.md section 3).</summary>
internal sealed class GatewayOptionsBinder(IConfigurationRoot configuration, ConfigurationFindings findings)
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
        var backends = ReadBackends(root);
        var domains = ReadDomains(root, backends.Keys, demo.Enabled);
        var security = ReadSecurity(root.Section("Security"));
        var limits = ReadLimits(root.Section("Limits"));
        var bosh = ReadBosh(root.Section("Bosh"));
        var webSocket = ReadWebSocket(root.Section("WebSocket"), bosh.Enabled ? bosh.Paths : []);
        var drain = ReadDrain(root.Section("Drain"));
        var management = ReadManagement(root.Section("Management"), demo.Enabled);
        root.Finish();

        return new GatewayOptions
        {
            Domains = domains,
            Backends = backends,
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

    private static List<ServedDomain> ReadDomains(ConfigurationReader root, IEnumerable<string> backends, bool demo)
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

            string? complaint = null;
            var backend = entry.Text("Backend", name => complaint = backends.Contains(name, StringComparer.OrdinalIgnoreCase)
                ? null
                : "the name of an entry of Gateway:Backends" + (NearestKey.Find(name, backends) is { } near ? $"; did you mean {near}?" : ", which has none"));
            if (backend is null && complaint is null)
            {
                entry.Complain("Backend", "SRV lookup is not there yet: name a backend");
            }

            entry.Finish();
            domains.Add(new ServedDomain(entry.Name.ToLowerInvariant(), backend ?? ""));
        }

        if (entries.Count == 0 && !demo)
        {
            root.Complain("Domains", "at least one domain; configure one, as \"example.org\": { \"Backend\": \"name\" }, or try the demo with --Gateway:Demo:Enabled=true");
        }

        return domains;
    }

    private static Dictionary<string, BackendOptions> ReadBackends(ConfigurationReader root)
    {
        var backends = new Dictionary<string, BackendOptions>(StringComparer.OrdinalIgnoreCase);
        foreach (var entry in root.Entries("Backends"))
        {
            var defaults = new BackendOptions();
            var security = entry.Choice("Security", defaults.Security);
            var tls = entry.Section("Tls");
            backends[entry.Name] = new BackendOptions
            {
                Servers = ReadServers(entry, security),
                Security = security,
                Tls = new BackendTlsOptions
                {
                    ServerName = tls.Text("ServerName", name => Uri.CheckHostName(name) == UriHostNameType.Unknown ? "a host name" : null),
                    TrustedRoots = tls.File("TrustedRoots", CertificateFiles.WhatIsWrongWithRoots),
                },
                ConnectTimeout = entry.Time("ConnectTimeout", defaults.ConnectTimeout, Second, Day),
                StepTimeout = entry.Time("StepTimeout", defaults.StepTimeout, Second, Day),
                SetupTimeout = entry.Time("SetupTimeout", defaults.SetupTimeout, Second, Day),
            };
            tls.Finish();
            entry.Finish();
        }

        return backends;
    }

    private static BackendServerOptions[] ReadServers(ConfigurationReader backend, BackendSecurity security)
    {
        var direct = security == BackendSecurity.DirectTls;
        var items = backend.Items("Servers");
        var servers = new List<BackendServerOptions>();
        foreach (var item in items)
        {
            var wrong = false;
            string? Check(string text) => BackendAddress.TryParse(text, out var parsed) && (!direct || parsed.Port != 0)
                ? null
                : direct ? "host:port or [v6]:port; direct TLS has no port of its own" : "host, host:port or [v6]:port";
            var address = item.Text("Address", text => Check(text) is { } right ? (wrong = true, right).right : null);
            if (address is null && !wrong)
            {
                item.Complain("Address", "host:port");
            }

            servers.Add(new BackendServerOptions
            {
                Address = address ?? "",
                Priority = (ushort)item.Integer("Priority", 0, 0, ushort.MaxValue),
                Weight = (ushort)item.Integer("Weight", 1, 0, ushort.MaxValue),
            });
            item.Finish();
        }

        if (items.Count == 0)
        {
            backend.Complain("Servers", "at least one server, as [ { \"Address\": \"10.0.0.5:5222\" } ]");
        }

        return [.. servers];
    }

    private static SecurityOptions ReadSecurity(ConfigurationReader section)
    {
        var options = new SecurityOptions { AllowedOrigins = section.List("AllowedOrigins", new SecurityOptions().AllowedOrigins, ValueRules.WhatIsRightForOrigin) };
        section.Finish();
        return options;
    }

    private static SessionLimits ReadLimits(ConfigurationReader section)
    {
        var defaults = new SessionLimits();
        var limits = new SessionLimits
        {
            MaxStanzaBytes = section.Integer("MaxStanzaBytes", defaults.MaxStanzaBytes, LeastStanzaBytes, MostStanzaBytes),
            MaxStanzaBytesBeforeAuth = section.Integer("MaxStanzaBytesBeforeAuth", defaults.MaxStanzaBytesBeforeAuth, LeastStanzaBytes, MostStanzaBytes),
            MaxDepth = section.Integer("MaxDepth", defaults.MaxDepth, 10, 1000),
            MaxAttributes = section.Integer("MaxAttributes", defaults.MaxAttributes, 10, 1000),
            AuthTimeout = section.Time("AuthTimeout", defaults.AuthTimeout, TimeSpan.Zero, Hour),
            MaxSessions = section.Integer("MaxSessions", defaults.MaxSessions, 0, int.MaxValue),
        };
        section.Finish();
        return limits;
    }

    private static BoshOptions ReadBosh(ConfigurationReader section)
    {
        var defaults = new BoshOptions();
        var options = new BoshOptions
        {
            Enabled = section.Flag("Enabled", defaults.Enabled),
            Paths = section.List("Paths", defaults.Paths, ValueRules.WhatIsRightForPath),
            MaxWait = section.Time("MaxWait", defaults.MaxWait, Second, TimeSpan.FromMinutes(5)),
            MaxHold = section.Integer("MaxHold", defaults.MaxHold, 0, 10),
            Inactivity = section.Time("Inactivity", defaults.Inactivity, TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(10)),
            Polling = section.Time("Polling", defaults.Polling, TimeSpan.Zero, TimeSpan.FromMinutes(1)),
            MaxPause = section.Time("MaxPause", defaults.MaxPause, TimeSpan.Zero, Hour),
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
