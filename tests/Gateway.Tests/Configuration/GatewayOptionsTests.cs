using Gateway.Configuration;
using Gateway.Core.Backend;

namespace Gateway.Tests.Configuration;

public sealed class GatewayOptionsTests
{
    private static readonly (string, string?)[] Minimum =
    [
        ("Gateway:Domains:example.org:Backend", "b"),
        ("Gateway:Backends:b:Servers:0:Address", "10.0.0.5:5222"),
    ];

    [Fact]
    public void Bind_MinimalConfiguration_GivesTheDomainAndItsBackend()
    {
        var options = GatewayOptions.Bind(Configure());

        options.Domains.ShouldHaveSingleItem().ShouldBe(new("example.org", "b"));
        options.Backends["B"].Servers.ShouldHaveSingleItem().Address.ShouldBe("10.0.0.5:5222");
        options.Backends["b"].Security.ShouldBe(BackendSecurity.StartTls);
    }

    [Fact]
    public void Bind_KeysInAnyCase_AreTheSameKeys() =>
        GatewayOptions.Bind(Configure(("gateway:BOSH:maxwait", "00:00:30"))).Bosh.MaxWait.ShouldBe(TimeSpan.FromSeconds(30));

    [Theory]
    [InlineData("Gateway:Bosh:MaxWait", "30")]
    [InlineData("Gateway:Bosh:MaxWait", "00:30")]
    [InlineData("Gateway:Bosh:MaxWait", "1.00:00:00")]
    [InlineData("Gateway:Bosh:MaxWait", "-00:00:30")]
    [InlineData("Gateway:Bosh:MaxWait", "00:00:30.5")]
    [InlineData("Gateway:Bosh:MaxWait", "00:05:01")]
    [InlineData("Gateway:Bosh:MaxWait", "00:00:00")]
    [InlineData("Gateway:Bosh:MaxWait", "")]
    [InlineData("Gateway:Bosh:MaxHold", "-1")]
    [InlineData("Gateway:Bosh:MaxHold", "11")]
    [InlineData("Gateway:Bosh:MaxHold", "1.0")]
    [InlineData("Gateway:Bosh:MaxHold", "0x1")]
    [InlineData("Gateway:Bosh:Enabled", "yes")]
    [InlineData("Gateway:Bosh:Paths:0", "http-bind")]
    [InlineData("Gateway:Bosh:Paths:0", "/a b")]
    [InlineData("Gateway:Bosh:Paths:0", "/a?b")]
    [InlineData("Gateway:Bosh:Paths", "/http-bind")]
    [InlineData("Gateway:Bosh", "on")]
    [InlineData("Gateway:WebSocket:Paths:0", "/http-bind", "Gateway:WebSocket:Paths")]
    [InlineData("Gateway:WebSocket:Paths:0", "/HTTP-bind/", "Gateway:WebSocket:Paths")]
    [InlineData("Gateway:Limits:MaxDepth", "99999999999")]
    [InlineData("Gateway:Limits:MaxSessions", "-5")]
    [InlineData("Gateway:Security:AllowedOrigins:0", "chat.example.com")]
    [InlineData("Gateway:Security:AllowedOrigins:0", "https://chat.example.com/")]
    [InlineData("Gateway:Security:AllowedOrigins:0", "https://Chat.example.com")]
    [InlineData("Gateway:Security:AllowedOrigins:0", "https://chat.example.com:443")]
    [InlineData("Gateway:Management:Url", "127.0.0.1:9090")]
    [InlineData("Gateway:Management:Url", "https://127.0.0.1:9090")]
    [InlineData("Gateway:Management:Url", "http://127.0.0.1:70000")]
    [InlineData("Gateway:Management:Url", "http://localhost:0")]
    [InlineData("Gateway:Backends:b:Security", "Startls")]
    [InlineData("Gateway:Backends:b:Security", "1")]
    [InlineData("Gateway:Backends:b:Servers:0:Address", "10.0.0.5:99999")]
    [InlineData("Gateway:Backends:b:Servers:0:Address", "")]
    [InlineData("Gateway:Backends:b:Servers:0:Priority", "70000")]
    [InlineData("Gateway:Backends:b:Tls:TrustedRoots", "not-there.pem")]
    [InlineData("Gateway:Backends:b:Tls:ServerName", "a b")]
    [InlineData("Gateway:Backends:b:ConnectTimeout", "5s")]
    [InlineData("Gateway:Domains:example.org:Backend", "c")]
    [InlineData("Kestrel:Endpoints:E:Url", "http://10.0.0.5:x")]
    [InlineData("Kestrel:Endpoints:E:Url", "ftp://10.0.0.5:1")]
    public void Bind_OneWrongValue_IsOneErrorThatNamesTheKey(string key, string value, string? named = null)
    {
        var error = Errors((key, value)).ShouldHaveSingleItem();

        error.ShouldStartWith(named ?? key);
        error.ShouldContain(": ");
    }

    [Theory]
    [InlineData("a.*.org")]
    [InlineData("*")]
    [InlineData("*.")]
    [InlineData("*example.org")]
    [InlineData("exa mple.org")]
    [InlineData("-a.org")]
    [InlineData("a..org")]
    [InlineData("a_b.org")]
    [InlineData("10.0.0.5")]
    [InlineData("xn--a.org")]
    public void Bind_DomainThatIsNone_IsRefused(string domain) =>
        Errors(($"Gateway:Domains:{domain}:Backend", "b")).ShouldHaveSingleItem().ShouldStartWith($"Gateway:Domains:{domain}");

    [Theory]
    [InlineData("bücher.example", "xn--bcher-kva.example")]
    [InlineData("*.a.example", "*.A.example.")]
    public void Bind_DomainInTwoSpellings_IsRefused(string one, string other) =>
        Errors(($"Gateway:Domains:{one}:Backend", "b"), ($"Gateway:Domains:{other}:Backend", "b")).ShouldHaveSingleItem().ShouldContain("each domain once");

    [Fact]
    public void Bind_AuthTimeoutOfZero_SwitchesItOff() =>
        GatewayOptions.Bind(Configuration([.. Minimum, ("Gateway:Limits:AuthTimeout", "00:00:00")])).Limits.AuthTimeout.ShouldBe(TimeSpan.Zero);

    [Theory]
    [InlineData("Gateway:Limits:MaxStanzaBytes")]
    [InlineData("Gateway:Limits:MaxStanzaBytesBeforeAuth")]
    [Trait("Requirement", "EDGE-035")]
    public void Bind_StanzaLimitBelowTenThousand_IsRefused(string key)
    {
        Errors((key, "9999")).ShouldHaveSingleItem().ShouldContain("from 10000");
        Errors((key, "0")).ShouldHaveSingleItem();
        Errors((key, "10000")).ShouldBeEmpty();
    }

    [Fact]
    public void Bind_MisspeltBackend_NamesTheNearest() =>
        Errors(("Gateway:Backends:prosody:Servers:0:Address", "h:5222"), ("Gateway:Domains:x.org:Backend", "prosdy"))
            .ShouldHaveSingleItem().ShouldContain("did you mean prosody?");

    [Fact]
    public void Bind_NoDomain_NamesTheTwoWaysOut()
    {
        var error = ErrorsOf(Configuration([])).ShouldHaveSingleItem();

        error.ShouldContain("configure one");
        error.ShouldContain("--Gateway:Demo:Enabled=true");
    }

    [Fact]
    public void Bind_NoDomainInDemo_IsRight() => ErrorsOf(Configuration([("Gateway:Demo:Enabled", "true")])).ShouldBeEmpty();

    [Fact]
    public void Bind_BackendWithoutServers_IsRefused() =>
        Errors(("Gateway:Backends:c:Security", "None")).ShouldHaveSingleItem().ShouldStartWith("Gateway:Backends:c:Servers");

    [Fact]
    public void Bind_DirectTlsWithoutPort_IsRefused() =>
        Errors(("Gateway:Backends:b:Security", "DirectTls"), ("Gateway:Backends:b:Servers:0:Address", "xmpp.example.org"))
            .ShouldHaveSingleItem().ShouldContain("host:port");

    [Theory]
    [InlineData("Gateway:Bosh:MaxWiat", "Gateway:Bosh:MaxWiat = \"1\": unknown key; did you mean MaxWait?")]
    [InlineData("Gateway:Bsoh:MaxWait", "Gateway:Bsoh: unknown key; did you mean Bosh?")]
    [InlineData("Gateway:MaxDepth", "Gateway:MaxDepth = \"1\": unknown key; did you mean Gateway:Limits:MaxDepth?")]
    [InlineData("Gateway:Backends:b:Servers:0:Adress", "Gateway:Backends:b:Servers:0:Adress = \"1\": unknown key; did you mean Address?")]
    [InlineData("Kestrel:Endpoints:Http:AllowPlainTxt", "Kestrel:Endpoints:Http:AllowPlainTxt = \"1\": unknown key; did you mean AllowPlaintext?")]
    public void Bind_UnknownKey_IsRefusedWithTheNearestKnownOne(string key, string expected) =>
        Errors(("Kestrel:Endpoints:Http:Url", "http://127.0.0.1:0"), (key, "1")).ShouldHaveSingleItem().ShouldBe(expected);

    [Theory]
    [InlineData("Gateway:HostMeta:Enabled")]
    [InlineData("Gateway:Cluster:NodeId")]
    [InlineData("Gateway:TrustedProxies:0")]
    [InlineData("Gateway:WebSocket:Compression")]
    public void Bind_KeyThatNothingServesYet_IsUnknown(string key) => Errors((key, "true")).ShouldHaveSingleItem().ShouldContain("unknown key");

    [Fact]
    public void Bind_UnknownKeyThatMayHoldASecret_DoesNotShowIt() =>
        Errors(("Kestrel:Endpoints:Http:Url", "http://127.0.0.1:0"), ("Kestrel:Endpoints:Http:Certificate:Pasword", "hunter2"))
            .ShouldHaveSingleItem().ShouldNotContain("hunter2");

    [Fact]
    public void Bind_ManyMistakes_AreAllNamedAtOnce()
    {
        var errors = Errors(
            ("Gateway:Bosh:MaxWait", "90s"),
            ("Gateway:Bosh:MaxHold", "-1"),
            ("Gateway:Backends:b:Security", "Tls"),
            ("Gateway:Domains:x.org:Backend", "nobody"),
            ("Gateway:Limts:MaxDepth", "5"));

        errors.Count.ShouldBe(5);
        errors.ShouldAllBe(e => !e.Contains('\n'));
    }

    [Fact]
    public void Bind_ListInALaterSource_ReplacesTheWholeList()
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(Pairs([.. Minimum, ("Gateway:Security:AllowedOrigins:0", "https://a.example"), ("Gateway:Security:AllowedOrigins:1", "https://b.example")]))
            .AddInMemoryCollection(Pairs([("Gateway:Security:AllowedOrigins:0", "https://c.example")]))
            .Build();

        GatewayOptions.Bind(configuration).Security.AllowedOrigins.ShouldBe(["https://c.example"]);
    }

    [Fact]
    public void Bind_HttpEndpoint_ServesXmppOnLoopbackOrWhenAllowed()
    {
        var options = GatewayOptions.Bind(Configure(
            ("Kestrel:Endpoints:A:Url", "http://*:80"),
            ("Kestrel:Endpoints:B:Url", "http://10.0.0.5:8080"),
            ("Kestrel:Endpoints:B:AllowPlaintext", "true"),
            ("Kestrel:Endpoints:C:Url", "http://[::1]:8080"),
            ("Kestrel:Endpoints:D:Url", "http://localhost:8080")));

        options.Endpoints.ToDictionary(e => e.Name, e => e.ServesXmpp)
            .ShouldBe(new Dictionary<string, bool> { ["A"] = false, ["B"] = true, ["C"] = true, ["D"] = true }, ignoreOrder: true);
    }

    [Fact]
    public void Bind_HttpsEndpointWithoutCertificate_IsRefused() =>
        Errors(("Kestrel:Endpoints:A:Url", "https://*:443")).ShouldHaveSingleItem().ShouldStartWith("Kestrel:Endpoints:A:Certificate");

    [Theory]
    [InlineData("Kestrel:Endpoints:Http:Url", "http://*:5280")]
    [InlineData("Kestrel:Endpoints:Http:Url", "http://10.0.0.5:5280")]
    [InlineData("Gateway:Management:Url", "http://0.0.0.0:9090")]
    public void Bind_DemoBeyondLoopback_IsRefused(string key, string value) =>
        ErrorsOf(Configuration([("Gateway:Demo:Enabled", "true"), (key, value)])).ShouldHaveSingleItem().ShouldContain("loopback");

    private static IConfigurationRoot Configure(params (string Key, string? Value)[] more) => Configuration([.. Minimum, .. more]);

    private static IConfigurationRoot Configuration((string Key, string? Value)[] pairs) =>
        new ConfigurationBuilder().AddInMemoryCollection(Pairs(pairs)).Build();

    private static Dictionary<string, string?> Pairs((string Key, string? Value)[] pairs)
    {
        var all = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var (key, value) in pairs)
        {
            all[key] = value;
        }

        return all;
    }

    private static IReadOnlyList<string> Errors(params (string Key, string? Value)[] more) => ErrorsOf(Configure(more));

    private static IReadOnlyList<string> ErrorsOf(IConfiguration configuration)
    {
        GatewayOptions.TryBind(configuration, out var findings);
        return findings.Errors;
    }
}
