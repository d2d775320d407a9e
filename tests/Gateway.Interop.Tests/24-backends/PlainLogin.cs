using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Gateway.Interop.Tests.Support;

namespace Gateway.Interop.Tests.Backends;

/// <summary>A login over WebSocket by hand: SASL PLAIN and a bound resource. The client may have an address of its own.</summary>
internal sealed class PlainLogin : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly ClientWebSocket _socket = new();
    private readonly byte[] _buffer = new byte[64 * 1024];

    private PlainLogin()
    {
    }

    /// <summary>Logs in.</summary>
    public static async Task<PlainLogin> LogInAsync(GatewayProcess gateway, string user, string domain, string address = "127.0.0.1")
    {
        using var limit = new CancellationTokenSource(Limit);
        var login = new PlainLogin();
        try
        {
            await login.LogInAsync(gateway.Endpoint("websocket"), user, domain, IPAddress.Parse(address), limit.Token);
            return login;
        }
        catch
        {
            await login.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends the stream in order.</summary>
    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            await SendAsync("<close xmlns=\"urn:ietf:params:xml:ns:xmpp-framing\"/>", limit.Token);
            await ExpectAsync("<close", limit.Token);
        }
        catch (Exception e) when (e is WebSocketException or InvalidOperationException)
        {
            // It is over already.
        }
        finally
        {
            _socket.Dispose();
        }
    }

    private async Task LogInAsync(Uri url, string user, string domain, IPAddress address, CancellationToken cancellation)
    {
        using var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (context, token) =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                socket.Bind(new IPEndPoint(address, 0));
                await socket.ConnectAsync(context.DnsEndPoint, token);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        using var http = new HttpMessageInvoker(handler, disposeHandler: false);
        _socket.Options.AddSubProtocol("xmpp");
        await _socket.ConnectAsync(url, http, cancellation);
        var open = $"<open xmlns=\"urn:ietf:params:xml:ns:xmpp-framing\" to=\"{domain}\" version=\"1.0\"/>";
        await SendAsync(open, cancellation);
        await ExpectAsync("features", cancellation);
        var secret = Convert.ToBase64String(Encoding.UTF8.GetBytes($"\0{user}\0{XmppServer.Password}"));
        await SendAsync($"<auth xmlns=\"urn:ietf:params:xml:ns:xmpp-sasl\" mechanism=\"PLAIN\">{secret}</auth>", cancellation);
        await ExpectAsync("<success", cancellation);
        await SendAsync(open, cancellation);
        await ExpectAsync("features", cancellation);
        await SendAsync("<iq xmlns=\"jabber:client\" type=\"set\" id=\"b\"><bind xmlns=\"urn:ietf:params:xml:ns:xmpp-bind\"/></iq>", cancellation);
        await ExpectAsync("<jid", cancellation);
    }

    private Task SendAsync(string text, CancellationToken cancellation) =>
        _socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, cancellation);

    private async Task ExpectAsync(string part, CancellationToken cancellation)
    {
        var seen = new StringBuilder();
        while (true)
        {
            var length = 0;
            ValueWebSocketReceiveResult result;
            do
            {
                result = await _socket.ReceiveAsync(_buffer.AsMemory(length), cancellation);
                length += result.Count;
            }
            while (!result.EndOfMessage);

            var text = Encoding.UTF8.GetString(_buffer, 0, length);
            if (text.Contains(part, StringComparison.Ordinal))
            {
                return;
            }

            seen.Append(text);
            if (result.MessageType == WebSocketMessageType.Close || text.Contains("<close", StringComparison.Ordinal))
            {
                throw new InvalidOperationException($"no {part}, but: {seen}");
            }
        }
    }
}
