using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Gateway.TestKit;

namespace Gateway.Tests.Transports.WebSockets;

/// <summary>WebSocket over HTTP/2 and TLS with a client's library, as browsers have it (RFC 8441).</summary>
public sealed class Http2TlsTests
{
    private const string Close = "<close xmlns=\"urn:ietf:params:xml:ns:xmpp-framing\" />";

    [Fact]
    [Trait("Requirement", "WS-012")]
    public async Task ManyWebSocketsOfOneConnection_EachHasItsOwnSession()
    {
        const int Many = 20;
        await using var server = ScriptedXmppServer.Start(async peer =>
        {
            await peer.OpenAsync(FakeXmppStream.DefaultFeatures);
            var asked = await peer.ExpectAsync("/>");
            await peer.SendAsync(asked);
            await peer.ExpectAsync("</stream:stream>");
            await peer.SendAsync("</stream:stream>");
        });
        using var certificates = new TestCertificates();
        var (certificate, key) = certificates.Write(certificates.Server("gw.example.com"));
        await using var gateway = await RunningGateway.StartAsync(
            "--Gateway:Backends:b:Security=None",
            "--Kestrel:Endpoints:Https:Url=https://127.0.0.1:0",
            $"--Kestrel:Endpoints:Https:Certificate:Path={certificate}",
            $"--Kestrel:Endpoints:Https:Certificate:KeyPath={key}",
            $"--Gateway:Backends:b:Servers:0:Address={server.Address}");
        var connections = 0;
        using var handler = new SocketsHttpHandler
        {
            SslOptions = { CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { certificates.Root }, RevocationMode = X509RevocationMode.NoCheck } },
            ConnectCallback = async (context, token) =>
            {
                Interlocked.Increment(ref connections);
                var tcp = new TcpClient();
                await tcp.ConnectAsync(IPAddress.Loopback, context.DnsEndPoint.Port, token);
                return tcp.GetStream();
            },
        };
        using var http = new HttpMessageInvoker(handler);
        var port = new Uri(gateway.Host.Listeners.Public.First(u => u.StartsWith("https", StringComparison.Ordinal))).Port;
        var url = new UriBuilder("wss", "gw.example.com", port, "/ws").Uri;
        using var first = await ConnectAsync(url, http); // a connection is there before the others ask for one
        await Task.WhenAll(Enumerable.Range(0, Many).Select(async i =>
        {
            using var socket = await ConnectAsync(url, http);
            await SendAsync(socket, "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='example.org' version='1.0'/>");
            (await ReceiveAsync(socket)).ShouldStartWith("<open ");
            (await ReceiveAsync(socket)).ShouldStartWith("<stream:features ");
            await SendAsync(socket, $"<x xmlns='urn:x' i='{i}'/>");
            (await ReceiveAsync(socket)).ShouldBe($"<x xmlns='urn:x' i='{i}'/>");
            await SendAsync(socket, Close);
            (await ReceiveAsync(socket)).ShouldBe(Close);
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, TestContext.Current.CancellationToken).WithinAsync();
            socket.CloseStatus.ShouldBe(WebSocketCloseStatus.NormalClosure);
        }));

        await server.ScriptsEndedAsync();
        server.Connections.ShouldBe(Many);
        connections.ShouldBe(1);
    }

    private static async Task<ClientWebSocket> ConnectAsync(Uri url, HttpMessageInvoker http)
    {
        var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("xmpp");
        socket.Options.HttpVersion = HttpVersion.Version20;
        socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        await socket.ConnectAsync(url, http, TestContext.Current.CancellationToken).WithinAsync();
        return socket;
    }

    private static Task SendAsync(ClientWebSocket socket, string text) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None).WithinAsync();

    private static async Task<string> ReceiveAsync(ClientWebSocket socket)
    {
        var buffer = new byte[4096];
        var result = await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None).AsTask().WithinAsync();
        return Encoding.UTF8.GetString(buffer, 0, result.Count);
    }
}
