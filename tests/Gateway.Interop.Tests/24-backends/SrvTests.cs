using System.Globalization;
using Gateway.Interop.Tests.Support;

namespace Gateway.Interop.Tests.Backends;

/// <summary>Servers by the SRV records of a real DNS server.</summary>
[Collection(InteropGroup.Name)]
public sealed class SrvTests(InteropFixture fixture)
{
    [Theory]
    [InlineData(1)]
    [InlineData(60)] // more than a UDP answer holds: asked again over TCP
    [Trait("Requirement", "DISC-024")]
    [Trait("Requirement", "DISC-032")]
    public Task Dnsmasq_RecordsOfTheDomain_LeadToTheServer(int records) => fixture.LoggedAsync(async () =>
    {
        Needs.Tools("dnsmasq");
        var prosody = fixture.Server("prosody");
        var port = Loopback.FreePorts(1)[0];
        string[] srv =
        [
            .. Enumerable.Range(0, records).Select(i => string.Create(
                CultureInfo.InvariantCulture, $"--srv-host=_xmpp-client._tcp.{prosody.Domain},server-{i}.of-a-rather-long-name.test,{(i == 0 ? prosody.ClientPort : 1)},{i},5")),
        ];
        await using var dnsmasq = ServerProcess.Start(
            "dnsmasq",
            Needs.Find("dnsmasq")!,
            [
                "--no-daemon", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--bind-interfaces", "--listen-address=127.0.0.1", "--log-queries", "--log-facility=-", "--pid-file=",
                "--address=/of-a-rather-long-name.test/127.0.0.1", string.Create(CultureInfo.InvariantCulture, $"--port={port}"), .. srv,
            ],
            fixture.Scratch($"dnsmasq-{records.ToString(CultureInfo.InvariantCulture)}"));
        await dnsmasq.WaitUntilAsync(cancellation => Loopback.AcceptsAsync(port, cancellation), "port", TimeSpan.FromSeconds(20));
        await using var gateway = await fixture.StartGatewayAsync(
            new Dictionary<string, string> { [prosody.Domain] = "srv-records" },
            new Dictionary<string, object> { ["srv-records"] = new { Srv = prosody.Domain, Security = "StartTls", Tls = new { TrustedRoots = fixture.AuthorityPath } } },
            string.Create(CultureInfo.InvariantCulture, $"--Gateway:Dns:Servers:0=127.0.0.1:{port}"));

        await (await PlainLogin.LogInAsync(gateway, "alice", prosody.Domain)).DisposeAsync();

        var log = dnsmasq.Log();
        log.ShouldContain($"query[SRV] _xmpp-client._tcp.{prosody.Domain}");
        log.ShouldContain("query[A] server-0.of-a-rather-long-name.test");
    });
}
