using System.Net;
using System.Text.Json;
using Gateway.Core.Sessions;
using Gateway.Hosting;

namespace Gateway.Tests.Management;

[Collection(AloneInTheProcess.Name)]
public sealed class ManagementTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/metrics")]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    public async Task PublicListener_ManagementPathWithForgedHost_Is404(string path)
    {
        await using var gateway = await RunningGateway.StartAsync();

        foreach (var host in (string[])[gateway.Public.Authority, gateway.Management.Authority, "localhost:9090"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(gateway.Public, path));
            request.Headers.Host = host;
            request.Headers.Add("X-Forwarded-Host", gateway.Management.Authority);
            request.Headers.Add("X-Forwarded-Port", gateway.Management.Port.ToString(System.Globalization.CultureInfo.InvariantCulture));
            using var answer = await gateway.Client.SendAsync(request, Token);
            answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        }
    }

    [Theory]
    [InlineData("/http-bind")]
    [InlineData("/xmpp-websocket")]
    [InlineData("/")]
    [InlineData("/nothing")]
    public async Task ManagementListener_PathOfAnotherOrNone_Is404(string path)
    {
        await using var gateway = await RunningGateway.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(gateway.Management, path));
        request.Headers.Host = gateway.Public.Authority;

        using var answer = await gateway.Client.SendAsync(request, Token);

        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Ready_Started_Is200_Draining_Is503AndSaysWhich()
    {
        await using var gateway = await RunningGateway.StartAsync("--Gateway:Drain:Delay=01:00:00");
        (await ReadyAsync(gateway)).ShouldBe((HttpStatusCode.OK, "ok"));

        var drain = gateway.Host.App.Services.GetRequiredService<DrainService>();
        var draining = drain.DrainAsync(Token);
        (await ReadyAsync(gateway)).ShouldBe((HttpStatusCode.ServiceUnavailable, "draining"));
        (await gateway.Client.GetAsync(new Uri(gateway.Management, "/health/live"), Token)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await gateway.Client.GetStringAsync(new Uri(gateway.Management, "/metrics"), Token)).ShouldContain("\nxmpp_gateway_draining 1\n");

        drain.Hurry();
        await draining;
    }

    [Fact]
    public async Task Ready_EveryBackendIsDown_Is503AndSaysSo()
    {
        using var refusing = new TestKit.RefusingAddress();
        await using var gateway = await RunningGateway.StartAsync(
            $"--Gateway:Backends:b:Servers:0:Address={refusing.Address}", "--Gateway:Backends:b:CircuitBreaker:MinimumThroughput=2", "--Gateway:Backends:b:HealthCheck:Enabled=false");
        var connector = gateway.Host.App.Services.GetRequiredService<Core.Backend.IBackendConnector>();
        for (var i = 0; i < 2; i++)
        {
            await Should.ThrowAsync<Core.Backend.BackendConnectException>(() =>
                connector.ConnectAsync(new Core.Backend.BackendRequest("b", "example.org", null, "en", ClientConnection.Unknown), Token));
        }

        using var answer = await gateway.Client.GetAsync(new Uri(gateway.Management, "/health/ready"), Token);
        answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        var checks = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Token)).RootElement.GetProperty("checks");
        checks.GetProperty("backends").GetString().ShouldBe("down");

        var backend = JsonDocument.Parse(await gateway.Client.GetStringAsync(new Uri(gateway.Management, "/api/backends"), Token)).RootElement.GetProperty("backends")[0];
        (backend.GetProperty("name").GetString(), backend.GetProperty("state").GetString(), backend.GetProperty("loadBalancing").GetString()).ShouldBe(("b", "down", "power-of-two-choices"));
        var server = backend.GetProperty("servers")[0];
        (server.GetProperty("state").GetString(), server.GetProperty("breaker").GetString()).ShouldBe(("down", "open"));
        server.GetProperty("lastFailure").GetProperty("reason").GetString().ShouldBe("backend-refused");
    }

    [Fact]
    public async Task Metrics_Scraped_CarryTheFixedNames()
    {
        await using var gateway = await RunningGateway.StartAsync();
        var metrics = gateway.Host.App.Services.GetRequiredService<Core.Telemetry.GatewayMetrics>();
        var session = new FakeSession(ClientTransport.WebSocket, "example.org");
        metrics.SessionStarted(session);
        var gone = new FakeSession(ClientTransport.Bosh, "example.org");
        gone.Counters.CountUp(10);
        metrics.SessionStarted(gone);
        metrics.SessionEnded(gone, SessionEndReason.ClientLost, TimeSpan.FromSeconds(3));
        metrics.SessionRejected(SessionEndReason.HostUnknown);
        metrics.BackendConnected("b", SessionEndReason.BackendRefused, TimeSpan.FromMilliseconds(3));
        metrics.BoshRequestAnswered(TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(2));

        using var answer = await gateway.Client.GetAsync(new Uri(gateway.Management, "/metrics"), Token);
        var lines = (await answer.Content.ReadAsStringAsync(Token)).Split('\n');

        answer.Content.Headers.ContentType!.ToString().ShouldBe("text/plain; version=0.0.4; charset=utf-8");
        lines.ShouldContain("""xmpp_gateway_sessions_active{domain="example.org",transport="websocket"} 1""");
        lines.ShouldContain("""xmpp_gateway_sessions_opened_total{transport="bosh"} 1""");
        lines.ShouldContain("""xmpp_gateway_auth_failures_total{domain="example.org"} 0""");
        lines.ShouldContain("""xmpp_gateway_sessions_rejected_total{reason="host-unknown"} 1""");
        lines.ShouldContain("""xmpp_gateway_session_duration_seconds_sum{end_reason="client-lost",transport="bosh"} 3""");
        lines.ShouldContain("""xmpp_gateway_session_duration_seconds_bucket{end_reason="client-lost",transport="bosh",le="5"} 1""");
        lines.ShouldContain("""xmpp_gateway_stanzas_total{direction="up",transport="bosh"} 1""");
        lines.ShouldContain("""xmpp_gateway_bytes_total{direction="up",transport="bosh"} 10""");
        lines.ShouldContain("""xmpp_gateway_backend_connect_seconds_count{backend="b",outcome="backend-refused"} 1""");
        foreach (var name in (string[])["bosh_requests_held 0", "bosh_request_processing_seconds_count 1", "bosh_request_held_seconds_sum 2", "bosh_replays_total 0", "bosh_rid_violations_total 0", "bosh_undelivered_total 0"])
        {
            lines.ShouldContain("xmpp_gateway_" + name);
        }

        metrics.SessionEnded(session, SessionEndReason.ClientClosed, TimeSpan.Zero);
        (await gateway.Client.GetStringAsync(new Uri(gateway.Management, "/metrics"), Token))
            .ShouldContain("""xmpp_gateway_sessions_active{domain="example.org",transport="websocket"} 0""");
    }

    private static async Task<(HttpStatusCode Status, string? Drain)> ReadyAsync(RunningGateway gateway)
    {
        using var answer = await gateway.Client.GetAsync(new Uri(gateway.Management, "/health/ready"), Token);
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Token));
        return (answer.StatusCode, json.RootElement.GetProperty("checks").GetProperty("drain").GetString());
    }
}
