using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using Gateway.Interop.Tests.Support;

namespace Gateway.Interop.Tests.UntrustedBackend;

/// <summary>Both servers offer STARTTLS with a certificate of an authority that this gateway does not trust.</summary>
[Collection(InteropGroup.Name)]
public sealed class UntrustedBackendTests(InteropFixture fixture)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(40);

    [Theory]
    [InlineData("prosody")]
    [InlineData("ejabberd")]
    [Trait("Requirement", "WS-050")]
    [Trait("Requirement", "XS-036")]
    public async Task WebSocket_CertificateOfUnknownAuthority_IsRefused(string server)
    {
        await using var gateway = await fixture.StartDistrustingGatewayAsync(server);
        var url = new Uri(string.Create(CultureInfo.InvariantCulture, $"ws://127.0.0.1:{gateway.PublicPort}/xmpp-websocket"));
        using var limit = new CancellationTokenSource(Limit);
        using var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("xmpp");
        await socket.ConnectAsync(url, limit.Token);

        var open = Encoding.UTF8.GetBytes($"<open xmlns=\"urn:ietf:params:xml:ns:xmpp-framing\" to=\"{server}.test\" version=\"1.0\"/>");
        await socket.SendAsync(open, WebSocketMessageType.Text, endOfMessage: true, limit.Token);
        var messages = await ReadToEndAsync(socket, limit.Token);

        messages.Count.ShouldBe(3, string.Join('\n', messages));
        messages[0].ShouldStartWith("<open ");
        messages[1].ShouldContain("<remote-connection-failed");
        messages[2].ShouldBe("<close xmlns=\"urn:ietf:params:xml:ns:xmpp-framing\" />");
    }

    [Theory]
    [InlineData("prosody")]
    [InlineData("ejabberd")]
    [Trait("Requirement", "XS-036")]
    public async Task Bosh_CertificateOfUnknownAuthority_IsRefused(string server)
    {
        await using var gateway = await fixture.StartDistrustingGatewayAsync(server);
        var url = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{gateway.PublicPort}/http-bind"));
        using var client = new HttpClient { Timeout = Limit };
        using var body = new StringContent(
            $"<body xmlns='http://jabber.org/protocol/httpbind' xmlns:xmpp='urn:xmpp:xbosh' xmpp:version='1.0' ver='1.6' rid='4711' "
            + $"to='{server}.test' wait='10' hold='1' content='text/xml; charset=utf-8' xml:lang='en'/>",
            Encoding.UTF8,
            "text/xml");

        using var answer = await client.PostAsync(url, body, TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        text.ShouldContain("terminate");
        text.ShouldContain("remote-connection-failed");
        text.ShouldNotContain("mechanism");
    }

    private static async Task<List<string>> ReadToEndAsync(ClientWebSocket socket, CancellationToken cancellationToken)
    {
        var messages = new List<string>();
        var buffer = new byte[64 * 1024];
        var length = 0;
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer.AsMemory(length), cancellationToken);
            if (part.MessageType == WebSocketMessageType.Close)
            {
                return messages;
            }

            length += part.Count;
            if (part.EndOfMessage)
            {
                messages.Add(Encoding.UTF8.GetString(buffer, 0, length));
                length = 0;
                if (messages[^1].StartsWith("<close", StringComparison.Ordinal))
                {
                    await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, cancellationToken);
                }
            }
        }
    }
}
