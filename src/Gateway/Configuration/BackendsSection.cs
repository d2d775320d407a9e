using System.Net;
using Gateway.Core.Backend;
using Gateway.Core.Backend.Dns;

namespace Gateway.Configuration;

/// <summary>The keys of <c>Gateway:Backends</c> and of <c>Gateway:Dns</c>: where servers are.</summary>
internal static class BackendsSection
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Day = new(23, 59, 59);

    /// <summary>Reads the backends by name.</summary>
    public static Dictionary<string, BackendOptions> Read(ConfigurationReader root)
    {
        var backends = new Dictionary<string, BackendOptions>(StringComparer.OrdinalIgnoreCase);
        foreach (var entry in root.Entries("Backends"))
        {
            var srv = entry.Text("Srv", ValueRules.WhatIsRightForSrv);
            var defaults = new BackendOptions { Security = entry.Has("Srv") ? BackendSecurity.Srv : BackendSecurity.StartTls };
            var security = entry.Choice("Security", defaults.Security);
            backends[entry.Name] = new BackendOptions
            {
                Servers = ReadServers(entry, security),
                Srv = srv,
                Security = security,
                FollowSeeOtherHost = entry.Flag("FollowSeeOtherHost", defaults.FollowSeeOtherHost),
                Tls = ReadTls(entry.Section("Tls")),
                ConnectTimeout = entry.Time("ConnectTimeout", defaults.ConnectTimeout, Second, Day),
                StepTimeout = entry.Time("StepTimeout", defaults.StepTimeout, Second, Day),
                SetupTimeout = entry.Time("SetupTimeout", defaults.SetupTimeout, Second, Day),
            };
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

    private static BackendTlsOptions ReadTls(ConfigurationReader section)
    {
        var options = new BackendTlsOptions
        {
            ServerName = section.Text("ServerName", name => Uri.CheckHostName(name) == UriHostNameType.Unknown ? "a host name" : null),
            TrustedRoots = section.File("TrustedRoots", CertificateFiles.WhatIsWrongWithRoots),
            Pins = section.List("Pins", [], WhatIsRightForPin),
        };
        if (section.Has("Pins") && section.Has("TrustedRoots"))
        {
            section.Complain("Pins", "either TrustedRoots or Pins: a pin stands for the chain to a trusted root");
        }

        section.Finish();
        return options;
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

        var hasSrv = backend.Has("Srv");
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
