using Gateway.Configuration;
using Gateway.Core.Backend;
using Gateway.Core.Backend.Pools;
using Gateway.Core.Backend.ProxyProtocol;
using Gateway.Core.Policies;
using Gateway.TestKit;

namespace Gateway.Tests.Configuration;

public sealed class BackendsSectionTests
{
    private const string Pin = "sha256:E3:B0:C4:42:98:FC:1C:14:9A:FB:F4:C8:99:6F:B9:24:27:AE:41:E4:64:9B:93:4C:A4:95:99:1B:78:52:B8:55";

    [Fact]
    [Trait("Requirement", "XS-002")]
    public void Bind_DomainWithoutBackend_IsFoundByItsOwnSrvRecords()
    {
        var options = Bind(("Gateway:Domains:example.com", null));

        var domain = options.Domains.ShouldHaveSingleItem();
        (domain.Name, domain.Backend).ShouldBe(("example.com", ServedDomain.OwnSrv));
    }

    [Theory]
    [InlineData(null, BackendSecurity.StartTls)]
    [InlineData("DirectTls", BackendSecurity.DirectTls)]
    [InlineData("None", BackendSecurity.None)]
    [Trait("Requirement", "XS-019")]
    public void Bind_FixedServers_AreSecuredWithStartTlsUnlessSetOtherwise(string? security, BackendSecurity expected)
    {
        var backend = Bind(("Gateway:Domains:x.org:Backend", "b"), ("Gateway:Backends:b:Servers:0:Address", "127.0.0.1:5223"), ("Gateway:Backends:b:Security", security)).Backends["b"];

        backend.Security.ShouldBe(expected);
    }

    [Theory]
    [InlineData(null, BackendSecurity.Srv)]
    [InlineData("StartTls", BackendSecurity.StartTls)]
    [InlineData("DirectTls", BackendSecurity.DirectTls)]
    [Trait("Requirement", "XS-019")]
    public void Bind_Srv_IsSecuredAsItsServiceSaysUnlessSetOtherwise(string? security, BackendSecurity expected)
    {
        var backend = Bind(("Gateway:Domains:x.org:Backend", "b"), ("Gateway:Backends:b:Srv", "example.org"), ("Gateway:Backends:b:Security", security)).Backends["b"];

        (backend.Srv, backend.Security).ShouldBe(("example.org", expected));
    }

    [Fact]
    public void Bind_DnsAndPins_AreRead()
    {
        var options = Bind(
            ("Gateway:Domains:x.org:Backend", "b"),
            ("Gateway:Backends:b:Srv", "example.org"),
            ("Gateway:Backends:b:FollowSeeOtherHost", "true"),
            ("Gateway:Backends:b:Tls:Pins:0", Pin),
            ("Gateway:Dns:Servers:0", "127.0.0.1:5353"),
            ("Gateway:Dns:Servers:1", "[::1]"),
            ("Gateway:Dns:AllowPrivateAddresses", "true"));

        options.Backends["b"].Tls.Pins.ShouldBe([Pin]);
        options.Backends["b"].FollowSeeOtherHost.ShouldBeTrue();
        options.Dns.Servers.ShouldBe(["127.0.0.1:5353", "[::1]"]);
        options.Dns.AllowPrivateAddresses.ShouldBeTrue();
    }

    [Fact]
    public void Bind_Pools_AreRead()
    {
        using var certificates = new TestCertificates();
        var (certificate, key) = certificates.Write(certificates.Server("gateway.example.org"));
        var backend = Bind(
            ("Gateway:Domains:x.org:Backend", "b"),
            ("Gateway:Backends:b:Servers:0:Address", "10.0.0.5"),
            ("Gateway:Backends:b:LoadBalancing", "leastsessions"),
            ("Gateway:Backends:b:ProxyProtocol", "V2"),
            ("Gateway:Backends:b:ProxyProtocolFields:0", "UniqueId"),
            ("Gateway:Backends:b:ProxyProtocolFields:1", "crc32c"),
            ("Gateway:Backends:b:MaxSessions", "5000"),
            ("Gateway:Backends:b:SlowStart", "00:00:00"),
            ("Gateway:Backends:b:HealthCheck:Enabled", "false"),
            ("Gateway:Backends:b:HealthCheck:Interval", "00:00:02"),
            ("Gateway:Backends:b:HealthCheck:Timeout", "00:00:01"),
            ("Gateway:Backends:b:CircuitBreaker:FailureRatio", "0.25"),
            ("Gateway:Backends:b:CircuitBreaker:MinimumThroughput", "2"),
            ("Gateway:Backends:b:CircuitBreaker:SamplingDuration", "00:01:00"),
            ("Gateway:Backends:b:CircuitBreaker:BreakDuration", "00:00:05"),
            ("Gateway:Backends:b:Tls:ClientCertificate:Path", certificate),
            ("Gateway:Backends:b:Tls:ClientCertificate:KeyPath", key)).Backends["b"];

        (backend.LoadBalancing, backend.ProxyProtocol, backend.ProxyProtocolFields, backend.MaxSessions, backend.SlowStart)
            .ShouldBe((LoadBalancing.LeastSessions, ProxyProtocolVersion.V2, ProxyProtocolFields.UniqueId | ProxyProtocolFields.Crc32C, 5000, TimeSpan.Zero));
        backend.HealthCheck.ShouldBeEquivalentTo(new HealthCheckOptions { Enabled = false, Interval = TimeSpan.FromSeconds(2), Timeout = TimeSpan.FromSeconds(1) });
        backend.CircuitBreaker.ShouldBeEquivalentTo(
            new CircuitBreakerOptions { FailureRatio = 0.25, MinimumThroughput = 2, SamplingDuration = TimeSpan.FromMinutes(1), BreakDuration = TimeSpan.FromSeconds(5) });
        (backend.Tls.ClientCertificate, backend.Tls.ClientKey).ShouldBe((certificate, key));
    }

    [Theory]
    [InlineData("Gateway:Backends:b:LoadBalancing", "Random")]
    [InlineData("Gateway:Backends:b:ProxyProtocol", "V3")]
    [InlineData("Gateway:Backends:b:ProxyProtocolFields:0", "NetNs")]
    [InlineData("Gateway:Backends:b:ProxyProtocolFields:0", "UniqueId")] // without V2
    [InlineData("Gateway:Backends:b:MaxSessions", "-1")]
    [InlineData("Gateway:Backends:b:HealthCheck:Interval", "00:00:00")]
    [InlineData("Gateway:Backends:b:CircuitBreaker:FailureRatio", "0")]
    [InlineData("Gateway:Backends:b:CircuitBreaker:FailureRatio", "1.5")]
    [InlineData("Gateway:Backends:b:CircuitBreaker:FailureRatio", "NaN")]
    [InlineData("Gateway:Backends:b:CircuitBreaker:MinimumThroughput", "1")]
    [InlineData("Gateway:Backends:b:Tls:ClientCertificate:Path", "nowhere.pem")]
    [InlineData("Gateway:Backends:b:Tls:ClientCertificate:KeyPath", "nowhere.pem")]
    public void Bind_WrongPool_NamesTheKey(string key, string value)
    {
        var wrong = Should.Throw<InvalidConfigurationException>(() =>
            Bind(("Gateway:Domains:x.org:Backend", "b"), ("Gateway:Backends:b:Servers:0:Address", "10.0.0.5"), (key, value)));

        wrong.Errors.ShouldHaveSingleItem().ShouldStartWith(key[..(key.LastIndexOf(':') is var at && char.IsAsciiDigit(key[^1]) ? at : key.Length)]);
    }

    [Fact]
    public void Bind_SrvWithAnotherPolicy_IsRefused()
    {
        Should.Throw<InvalidConfigurationException>(() => Bind(
            ("Gateway:Domains:x.org:Backend", "b"), ("Gateway:Backends:b:Srv", "example.org"), ("Gateway:Backends:b:LoadBalancing", "LeastSessions")))
            .Errors.ShouldHaveSingleItem().ShouldStartWith("Gateway:Backends:b:LoadBalancing");
    }

    [Fact]
    public void Bind_Defaults_AreTheSystemsResolversAndNothingLoose()
    {
        var options = Bind(("Gateway:Domains:x.org:Backend", "b"), ("Gateway:Backends:b:Srv", "example.org"));

        options.Dns.Servers.ShouldBeEmpty();
        options.Dns.AllowPrivateAddresses.ShouldBeFalse();
        options.Backends["b"].FollowSeeOtherHost.ShouldBeFalse();
        options.Backends["b"].Tls.Pins.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("Gateway:Backends:b:Srv", "_xmpp-client._tcp.example.org")]
    [InlineData("Gateway:Backends:b:Srv", "10.0.0.5")]
    [InlineData("Gateway:Backends:b:Tls:Pins:0", "sha256:00")]
    [InlineData("Gateway:Backends:b:Tls:Pins:0", "sha1:DA39A3EE5E6B4B0D3255BFEF95601890AFD80709")]
    [InlineData("Gateway:Backends:b:FollowSeeOtherHost", "yes")]
    [InlineData("Gateway:Dns:Servers:0", "dns.example.org")]
    [InlineData("Gateway:Dns:Servers:0", "10.0.0.1:99999")]
    [InlineData("Gateway:Dns:AllowPrivateAddresses", "1")]
    public void Bind_WrongValue_NamesItsKey(string key, string value) => Errors((key, value)).ShouldHaveSingleItem().ShouldStartWith(key);

    [Fact]
    [Trait("Requirement", "XS-019")]
    public void Bind_PlainTextToWhereverDnsLeads_IsRefused() =>
        Errors(("Gateway:Backends:b:Security", "None")).ShouldHaveSingleItem().ShouldStartWith("Gateway:Backends:b:Security");

    [Fact]
    public void Bind_SecurityOfSrvForFixedServers_IsRefused() =>
        Errors(("Gateway:Backends:b:Srv", null), ("Gateway:Backends:b:Servers:0:Address", "h:5222"), ("Gateway:Backends:b:Security", "Srv"))
            .ShouldHaveSingleItem().ShouldStartWith("Gateway:Backends:b:Security");

    [Fact]
    public void Bind_ServersAndSrv_IsRefused() =>
        Errors(("Gateway:Backends:b:Servers:0:Address", "h:5222")).ShouldHaveSingleItem().ShouldStartWith("Gateway:Backends:b:Srv");

    [Fact]
    public void Bind_TheSameServerTwice_IsRefused() =>
        Errors(("Gateway:Backends:b:Srv", null), ("Gateway:Backends:b:Servers:0:Address", "h:5222"), ("Gateway:Backends:b:Servers:1:Address", "H:5222"))
            .ShouldHaveSingleItem().ShouldStartWith("Gateway:Backends:b:Servers");

    [Fact]
    public void Bind_BackendCalledSrv_IsRefused() =>
        Errors(("Gateway:Backends:srv:Srv", "example.net")).ShouldHaveSingleItem().ShouldStartWith("Gateway:Backends:srv");

    [Fact]
    public void Bind_NeitherServersNorSrv_NamesBoth() =>
        Errors(("Gateway:Backends:b:Srv", null)).ShouldHaveSingleItem().ShouldContain("\"Srv\"");

    [Fact]
    public void Bind_PinsAndRoots_IsRefused()
    {
        using var certificates = new TestKit.TestCertificates();

        Errors(("Gateway:Backends:b:Tls:Pins:0", Pin), ("Gateway:Backends:b:Tls:TrustedRoots", certificates.RootsFile))
            .ShouldHaveSingleItem().ShouldStartWith("Gateway:Backends:b:Tls:Pins");
    }

    private static IConfigurationRoot Configuration((string Key, string? Value)[] keys) =>
        new ConfigurationBuilder().AddInMemoryCollection(keys.Select(k => KeyValuePair.Create(k.Key, k.Value))).Build();

    private static GatewayOptions Bind(params (string Key, string? Value)[] keys) => GatewayOptions.Bind(Configuration(keys));

    private static IReadOnlyList<string> Errors(params (string Key, string? Value)[] keys)
    {
        (string Key, string? Value)[] valid = [("Gateway:Domains:x.org:Backend", "b"), ("Gateway:Backends:b:Srv", "example.org")];
        GatewayOptions.TryBind(Configuration([.. valid.Where(v => !keys.Any(k => k.Key == v.Key)), .. keys]), out var findings);
        return findings.Errors;
    }
}
