using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Gateway.TestKit;

namespace Gateway.Tests.Leaks;

/// <summary>The clients.</summary>
public sealed partial class LeakTests
{
    private async Task<ClientWebSocket> ConnectAsync()
    {
        var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("xmpp");
        socket.Options.KeepAliveInterval = TimeSpan.Zero;
        await socket.ConnectAsync(new Uri($"ws://{_url.Authority}/xmpp-websocket"), CancellationToken.None).WithinAsync();
        return socket;
    }

    private async Task<ClientWebSocket> OpenedAsync(string domain = "localhost")
    {
        var socket = await ConnectAsync();
        await OpenAsync(socket, domain);
        return socket;
    }

    private static async Task OpenAsync(ClientWebSocket socket, string domain = "localhost")
    {
        await SendAsync(socket, $"<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='{domain}' version='1.0'/>");
        (await ReceiveAsync(socket)).ShouldStartWith("<open ");
        (await ReceiveAsync(socket)).ShouldStartWith("<stream:features ");
    }

    /// <summary>Answers a close of the gateway at both levels.</summary>
    private static async Task AnswerCloseAsync(ClientWebSocket socket)
    {
        await SendAsync(socket, Close);
        while ((await ReceiveAsync(socket)).Length > 0)
        {
        }

        socket.CloseStatus.ShouldNotBeNull();
        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
    }

    private static Task SendAsync(ClientWebSocket socket, string text) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None).WithinAsync();

    /// <summary>A message; empty when the connection ends.</summary>
    private static async Task<string> ReceiveAsync(ClientWebSocket socket)
    {
        var buffer = new byte[4096];
        try
        {
            var result = await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None).AsTask().WithinAsync();
            return result.MessageType == WebSocketMessageType.Close ? "" : Encoding.UTF8.GetString(buffer, 0, result.Count);
        }
        catch (WebSocketException)
        {
            return "";
        }
    }

    private async Task<(string Sid, long Rid)> CreateBoshAsync(string domain = "localhost")
    {
        const long Rid = 4_000_000_000;
        var answer = await PostAsync($"<body rid='{Rid}' to='{domain}' ver='1.6' wait='50' hold='1' xml:lang='en' xmpp:version='1.0' xmlns='http://jabber.org/protocol/httpbind' xmlns:xmpp='urn:xmpp:xbosh'/>");
        answer.ShouldContain("stream:features");
        var start = answer.IndexOf("sid='", StringComparison.Ordinal) + 5;
        return (answer[start..answer.IndexOf('\'', start)], Rid);
    }

    /// <summary>Sends a request over a connection of its own, and reads nothing.</summary>
    private async Task<TcpClient> PostUnreadAsync(string body)
    {
        var tcp = new TcpClient();
        await tcp.ConnectAsync(_url.Host, _url.Port);
        await tcp.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"POST /http-bind HTTP/1.1\r\nHost: x\r\nContent-Length: {body.Length}\r\n\r\n{body}"));
        return tcp;
    }

    private async Task<string> PostAsync(string body)
    {
        using var response = await _http.PostAsync(new Uri(_url, "/http-bind"), new StringContent(body, Encoding.UTF8, "text/xml")).WithinAsync();
        return await response.Content.ReadAsStringAsync();
    }
}
