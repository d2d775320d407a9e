using System.Net;
using Gateway.Core.Backend;
using Gateway.Core.Backend.Dns;
using Gateway.Core.Backend.Pools;
using Gateway.Core.Backend.ProxyProtocol;
using Gateway.Core.Policies;

namespace Gateway.Configuration;

/// <summary>The keys of <c>Gateway:Backends</c> and of <c>Gateway:Dns</c>: where servers are.</summary>
internal static class BackendsSection
{
    private const int MostSessions = 10_000_000;

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Day = new(23, 59, 59);

    /// <summary>Reads the backends by name.</summary>
    public static Dictionary<string, BackendOptions> Read(ConfigurationReader root)
    {
        var backends = new Dictionary<string, BackendOptions>(StringComparer.OrdinalIgnoreCase);
        foreach (var entry in root.Entries("Backends"))
        {
            if (entry.Name.Equals(ServedDomain.OwnSrvName, StringComparison.OrdinalIgnoreCase))
            {
                entry.Complain("another name: this one stands for the servers of domains without a backend");
            }

            var hasSrv = false;
            var srv = entry.Text("Srv", name => (hasSrv = true, right: ValueRules.WhatIsRightForSrv(name)).right);
            var defaults = new BackendOptions { Security = hasSrv ? BackendSecurity.Srv : BackendSecurity.StartTls };
            var security = entry.Choice("Security", defaults.Security);
            backends[entry.Name] = new BackendOptions
            {
                Servers = ReadServers(entry, security, hasSrv),
                Srv = srv,
                Security = security,
                FollowSeeOtherHost = entry.Flag("FollowSeeOtherHost", defaults.FollowSeeOtherHost),
                Tls = ReadTls(entry.Section("Tls")),
                ProxyProtocol = entry.Choice("ProxyProtocol", defaults.ProxyProtocol),
                ProxyProtocolFields = entry.Flags<ProxyProtocolFields>("ProxyProtocolFields"),
                LoadBalancing = ReadLoadBalancing(entry, hasSrv),
                HealthCheck = ReadHealthCheck(entry.Section("HealthCheck"), defaults.HealthCheck),
                CircuitBreaker = ReadCircuitBreaker(entry.Section("CircuitBreaker"), defaults.CircuitBreaker),
                SlowStart = entry.Time("SlowStart", defaults.SlowStart, TimeSpan.Zero, Hour),
                MaxSessions = entry.Integer("MaxSessions", defaults.MaxSessions, 0, MostSessions),
                ConnectTimeout = entry.Time("ConnectTimeout", defaults.ConnectTimeout, Second, Day),
                StepTimeout = entry.Time("StepTimeout", defaults.StepTimeout, Second, Day),
                SetupTimeout = entry.Time("SetupTimeout", defaults.SetupTimeout, Second, Day),
            };
            if (backends[entry.Name] is { ProxyProtocol: not ProxyProtocolVersion.V2, ProxyProtocolFields: not ProxyProtocolFields.None })
            {
                entry.Complain("ProxyProtocolFields", "ProxyProtocol V2: the older header has no room for them");
            }

            entry.Finish();
        }

        return backends;
    }

    /// <summary>Reads who is asked for names.</summary>
    public static DnsOptions ReadDns(ConfigurationReader section)
    {
        var defaults = new DnsOptions();
        var options = new DnsOptions
        {
            Servers = section.List("Servers", defaults.Servers, WhatIsRightForDnsServer),
            AllowPrivateAddresses = section.Flag("AllowPrivateAddresses", defaults.AllowPrivateAddresses),
        };
        section.Finish();
        return options;
    }

    private static LoadBalancing ReadLoadBalancing(ConfigurationReader backend, bool hasSrv)
    {
        var policy = backend.Choice("LoadBalancing", hasSrv ? LoadBalancing.WeightedRandom : LoadBalancing.PowerOfTwoChoices);
        if (hasSrv && policy != LoadBalancing.WeightedRandom)
        {
            backend.Complain("LoadBalancing", "WeightedRandom, which is what SRV records ask for (RFC 2782); or Servers");
        }

        return policy;
    }

    private static HealthCheckOptions ReadHealthCheck(ConfigurationReader section, HealthCheckOptions defaults)
    {
        var options = new HealthCheckOptions
        {
            Enabled = section.Flag("Enabled", defaults.Enabled),
            Interval = section.Time("Interval", defaults.Interval, Second, Hour),
            Timeout = section.Time("Timeout", defaults.Timeout, Second, Minute),
        };
        section.Finish();
        return options;
    }

    private static CircuitBreakerOptions ReadCircuitBreaker(ConfigurationReader section, CircuitBreakerOptions defaults)
    {
        var options = new CircuitBreakerOptions
        {
            FailureRatio = section.Number("FailureRatio", defaults.FailureRatio, 0.01, 1),
            MinimumThroughput = section.Integer("MinimumThroughput", defaults.MinimumThroughput, 2, 10_000),
            SamplingDuration = section.Time("SamplingDuration", defaults.SamplingDuration, Second, Hour),
            BreakDuration = section.Time("BreakDuration", defaults.BreakDuration, Second, Hour),
        };
        section.Finish();
        return options;
    }

    private static (string? Certificate, string? Key) ReadClientCertificate(ConfigurationReader section)
    {
        var key = section.File("KeyPath", _ => null);
        var certificate = section.File("Path", file => CertificateFiles.WhatIsWrongWithPem(file, key));
        if (key is not null && certificate is null && !section.Has("Path"))
        {
            section.Complain("Path", "the certificate that belongs to the key");
        }

        section.Finish();
        return (certificate, key);
    }

    private static BackendTlsOptions ReadTls(ConfigurationReader section)
    {
        var own = ReadClientCertificate(section.Section("ClientCertificate"));
        var options = new BackendTlsOptions
        {
            ClientCertificate = own.Certificate,
            ClientKey = own.Key,
            ServerName = section.Text("ServerName", name => Uri.CheckHostName(name) == UriHostNameType.Unknown ? "a host name" : null),
            TrustedRoots = section.File("TrustedRoots", CertificateFiles.WhatIsWrongWithRoots),
            Pins = section.List("Pins", [], WhatIsRightForPin),
        };
        if (options is { Pins.Length: > 0, TrustedRoots: not null })
        {
            section.Complain("Pins", "either TrustedRoots or Pins: a pin stands for the chain to a trusted root");
        }

        section.Finish();
        return options;
    }

    private static BackendServerOptions[] ReadServers(ConfigurationReader backend, BackendSecurity security, bool hasSrv)
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

        foreach (var twin in servers.GroupBy(s => BackendAddress.TryParse(s.Address, out var a) ? (a.Host.ToLowerInvariant(), a.Port) : default).Where(g => g.Key.Item1 is not null && g.Count() > 1))
        {
            backend.Complain("Servers", $"each server once: {twin.First().Address}");
        }

        if (items.Count == 0 && !hasSrv)
        {
            backend.Complain("Servers", "at least one server, as [ { \"Address\": \"10.0.0.5:5222\" } ], or a domain with SRV records as \"Srv\": \"example.org\"");
        }
        else if (items.Count > 0 && hasSrv)
        {
            backend.Complain("Srv", "either Servers or Srv");
        }
        else if (items.Count > 0 && security == BackendSecurity.Srv)
        {
            backend.Complain("Security", "StartTls, DirectTls or None: there are no SRV records to say it");
        }
        else if (hasSrv && security == BackendSecurity.None)
        {
            // XS-019: plain text is for a network that the operator trusts, and DNS says which network it is.
            backend.Complain("Security", "Srv, StartTls or DirectTls: without TLS nobody knows whom DNS has led to; or Servers");
        }

        return [.. servers];
    }

    private static string? WhatIsRightForDnsServer(string text) =>
        BackendAddress.TryParse(text, out var address) && IPAddress.TryParse(address.Host, out _) ? null : "an address, with or without a port: 10.0.0.53, 127.0.0.1:5353, [::1]:53";

    private static string? WhatIsRightForPin(string text) =>
        CertificatePin.TryParse(text, out _) ? null : "sha256: and the 64 hexadecimal digits of the SHA-256 of the certificate or of its public key";
}
