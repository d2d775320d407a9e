using System.Net;
using System.Net.WebSockets;

namespace Gateway.Tests.Hosting;

public sealed class PlaintextGateTests
{
    private const string AnyAddress = "--Kestrel:Endpoints:Http:Url=http://0.0.0.0:0";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Requirement", "EDGE-054")]
    public async Task PlainHttpBeyondLoopback_XmppPathsAre403_OthersAre404()
    {
        await using var gateway = await RunningGateway.StartAsync(AnyAddress);

        (await PostAsync(gateway, "/http-bind")).ShouldBe(HttpStatusCode.Forbidden);
        (await PostAsync(gateway, "/BOSH/")).ShouldBe(HttpStatusCode.Forbidden);
        (await PostAsync(gateway, "/xmpp-websocket")).ShouldBe(HttpStatusCode.Forbidden);
        (await PostAsync(gateway, "/ws")).ShouldBe(HttpStatusCode.Forbidden);
        (await PostAsync(gateway, "/")).ShouldBe(HttpStatusCode.NotFound);
        (await PostAsync(gateway, "/.well-known/host-meta")).ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    [Trait("Requirement", "WS-008")]
    public async Task PlainHttpBeyondLoopback_WebSocketHandshakeIs403()
    {
        await using var gateway = await RunningGateway.StartAsync(AnyAddress);
        using var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("xmpp");
        socket.Options.CollectHttpResponseDetails = true;

        await Should.ThrowAsync<WebSocketException>(socket.ConnectAsync(new UriBuilder(gateway.Public) { Scheme = "ws", Host = "127.0.0.1", Path = "/xmpp-websocket" }.Uri, Token));
        socket.HttpStatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    [Trait("Requirement", "EDGE-054")]
    public async Task PlainHttpBeyondLoopback_AllowPlaintext_ServesXmpp()
    {
        await using var gateway = await RunningGateway.StartAsync(AnyAddress, "--Kestrel:Endpoints:Http:AllowPlaintext=true");

        (await PostAsync(gateway, "/http-bind")).ShouldBe(HttpStatusCode.OK);
        (await PostAsync(gateway, "/nothing")).ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Loopback_Bosh_IsServedWithoutAServerField()
    {
        await using var gateway = await RunningGateway.StartAsync();
        using var answer = await gateway.Client.PostAsync(new Uri(gateway.Public, "/http-bind"), new StringContent("<body xmlns='http://jabber.org/protocol/httpbind' rid='1' to='other.example'/>"), Token);

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Headers.Contains("Server").ShouldBeFalse();
        (await answer.Content.ReadAsStringAsync(Token)).ShouldContain("host-unknown");
    }

    [Fact]
    public async Task Bosh_Disabled_Is404()
    {
        await using var gateway = await RunningGateway.StartAsync("--Gateway:Bosh:Enabled=false");

        (await PostAsync(gateway, "/http-bind")).ShouldBe(HttpStatusCode.NotFound);
    }

    private static async Task<HttpStatusCode> PostAsync(RunningGateway gateway, string path)
    {
        var url = new UriBuilder(gateway.Public) { Host = "127.0.0.1", Path = path }.Uri;
        using var answer = await gateway.Client.PostAsync(url, new StringContent("x"), Token);
        return answer.StatusCode;
    }
}
