using System.Diagnostics;
using Gateway.TestKit;

namespace Gateway.Tests.Hosting;

/// <summary>Signals, sent to the program as an operator runs it.</summary>
public sealed class ShutdownTests
{
    private const string Create =
        "<body xmlns='http://jabber.org/protocol/httpbind' to='localhost' rid='1' wait='60' hold='1' ver='1.6' xmpp:version='1.0' xmlns:xmpp='urn:xmpp:xbosh'/>";

    private static readonly string[] FreePorts =
    [
        "--Kestrel:Endpoints:Http:Url=http://127.0.0.1:0",
        "--Kestrel:Endpoints:Https:Url=https://127.0.0.1:0",
        "--Gateway:Management:Url=http://127.0.0.1:0",
    ];

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task Signal_WithASessionInTheDemo_EndsItAndExits0(string signal)
    {
        using var gateway = GatewayProgram.Start("Development", FreePorts);
        try
        {
            var bosh = await FindAsync(gateway, "BOSH");
            using var client = new HttpClient { Timeout = TestTimeout.Default };
            using var created = await client.PostAsync(bosh, new StringContent(Create), TestContext.Current.CancellationToken);
            var body = await created.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            body.ShouldContain("SCRAM-SHA-256");
            var sid = body.Split("sid='")[1].Split('\'')[0];
            var held = client.PostAsync(bosh, new StringContent($"<body xmlns='http://jabber.org/protocol/httpbind' rid='2' sid='{sid}'/>"), TestContext.Current.CancellationToken);

            // Held, so that the signal meets it: the metric says so.
            var management = await FindAsync(gateway, "Management");
            while (!(await client.GetStringAsync(new Uri(management, "/metrics"), TestContext.Current.CancellationToken)).Contains("\nxmpp_gateway_bosh_requests_held 1\n", StringComparison.Ordinal))
            {
                await Task.Yield();
            }

            GatewayProgram.Signal(gateway, signal);
            (await (await held).Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain("system-shutdown");
            await gateway.WaitForExitAsync(TestContext.Current.CancellationToken).WithinAsync();
            gateway.ExitCode.ShouldBe(0);
        }
        finally
        {
            gateway.Kill();
        }
    }

    [Fact]
    public async Task SecondSignal_WhileDraining_StopsAtOnce()
    {
        using var gateway = GatewayProgram.Start("Development", [.. FreePorts, "--Gateway:Drain:Delay=01:00:00"]);
        try
        {
            await FindAsync(gateway, "Management");
            GatewayProgram.Signal(gateway, "TERM");
            while (await gateway.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WithinAsync() is { } line && !line.Contains("Draining", StringComparison.Ordinal))
            {
            }

            GatewayProgram.Signal(gateway, "TERM");
            await gateway.WaitForExitAsync(TestContext.Current.CancellationToken).WithinAsync();
            gateway.ExitCode.ShouldBe(1);
        }
        finally
        {
            gateway.Kill();
        }
    }

    [Fact]
    public async Task HangUp_WhileItEnds_ExitsAsDrained()
    {
        using var gateway = GatewayProgram.Start(
            "Production",
            [
                "run", "--Gateway:Domains:example.org:Backend=b", "--Gateway:Backends:b:Servers:0:Address=127.0.0.1:1", "--Gateway:Drain:Delay=00:00:00",
                "--Kestrel:Endpoints:Http:Url=http://127.0.0.1:0", "--Gateway:Management:Url=http://127.0.0.1:0",
            ]);
        try
        {
            while (await gateway.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WithinAsync() is { } line && !line.Contains(" started: ", StringComparison.Ordinal))
            {
            }

            GatewayProgram.Signal(gateway, "TERM");
            while (!gateway.HasExited)
            {
                GatewayProgram.Signal(gateway, "HUP");
            }

            gateway.ExitCode.ShouldBe(0);
        }
        finally
        {
            gateway.Kill();
        }
    }

    private static async Task<Uri> FindAsync(Process gateway, string label)
    {
        while (await gateway.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WithinAsync(TimeSpan.FromSeconds(60)) is { } line)
        {
            if (line.StartsWith($"  {label} ", StringComparison.Ordinal))
            {
                return new Uri(line[(label.Length + 2)..].Trim());
            }
        }

        throw new InvalidOperationException(await gateway.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
    }
}
