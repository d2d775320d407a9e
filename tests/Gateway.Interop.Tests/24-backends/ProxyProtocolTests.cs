using System.Globalization;
using Gateway.Interop.Tests.Support;

namespace Gateway.Interop.Tests.Backends;

/// <summary>What real readers of PROXY headers make of ours.</summary>
[Collection(InteropGroup.Name)]
public sealed class ProxyProtocolTests(InteropFixture fixture)
{
    private const string Client = "127.0.0.77";

    [Theory]
    [InlineData("V1")]
    [InlineData("V2")]
    [Trait("Requirement", "PP-026")]
    [Trait("Requirement", "PP-028")]
    public Task HAProxyBeforeProsody_LogsTheClientsAddress(string version) => fixture.LoggedAsync(async () =>
    {
        Needs.Tools("haproxy");
        var prosody = fixture.Server("prosody");
        var port = Loopback.FreePorts(1)[0];
        var directory = fixture.Scratch($"haproxy-{version}");
        var configuration = Path.Combine(directory, "haproxy.cfg");
        await File.WriteAllTextAsync(configuration, string.Create(CultureInfo.InvariantCulture, $"""
            global
              log stdout format raw local0
            defaults
              mode tcp
              log global
              timeout connect 5s
              timeout client 60s
              timeout server 60s
            frontend clients
              bind 127.0.0.1:{port} accept-proxy
              log-format "from=%ci authority=%[fc_pp_authority] id=%[fc_pp_unique_id]"
              default_backend prosody
            backend prosody
              server one 127.0.0.1:{prosody.ClientPort}

            """));
        await using var haproxy = ServerProcess.Start("haproxy", Needs.Find("haproxy")!, ["-db", "-f", configuration], directory);
        await haproxy.WaitUntilAsync(cancellation => Loopback.AcceptsAsync(port, cancellation), "port", TimeSpan.FromSeconds(20));
        await using var gateway = await StartAsync(prosody, port, version, version == "V2" ? ["UniqueId", "Authority", "Crc32C"] : []);

        await (await PlainLogin.LogInAsync(gateway, "alice", prosody.Domain, Client)).DisposeAsync();

        await haproxy.WaitUntilAsync(_ => Task.FromResult(haproxy.Log().Contains($"from={Client} ", StringComparison.Ordinal)), "a line of the client", TimeSpan.FromSeconds(20));
        if (version == "V2")
        {
            var session = gateway.Process.Log().Split("Session ")[1].Split(' ')[0];
            haproxy.Log().ShouldContain($"from={Client} authority=127.0.0.1 id={session}");
        }
    });

    [Theory]
    [InlineData("V1")]
    [InlineData("V2")]
    [Trait("Requirement", "PP-026")]
    [Trait("Requirement", "PP-028")]
    public Task Ejabberd_SeesTheClientsAddress(string version) => fixture.LoggedAsync(async () =>
    {
        var ejabberd = (EjabberdServer)fixture.Server("ejabberd");
        await using var gateway = await StartAsync(ejabberd, ejabberd.ProxyPort, version, []);
        var mark = ejabberd.Process!.LogLength();

        await (await PlainLogin.LogInAsync(gateway, "alice", ejabberd.Domain, Client)).DisposeAsync();

        var log = ejabberd.Process.Log(mark);
        log.ShouldContain($"authentication for alice@{ejabberd.Domain} by mnesia backend from {Client}");
    });

    private Task<GatewayProcess> StartAsync(XmppServer server, int port, string version, string[] fields) => fixture.StartGatewayAsync(
        new Dictionary<string, string> { [server.Domain] = "proxied" },
        new Dictionary<string, object>
        {
            ["proxied"] = new
            {
                Servers = new[] { new { Address = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}") } },
                Tls = new { TrustedRoots = fixture.AuthorityPath },
                ProxyProtocol = version,
                ProxyProtocolFields = fields,
            },
        });
}
