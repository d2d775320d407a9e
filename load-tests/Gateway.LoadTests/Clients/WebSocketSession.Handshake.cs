using System.Security.Cryptography;
using System.Text;

namespace Gateway.LoadTests.Clients;

/// <summary>The opening handshake (RFC 6455 §4.1).</summary>
internal sealed partial class WebSocketSession
{
    private string _accept = "";

    /// <inheritdoc/>
    protected override async Task ConnectAsync(CancellationToken cancellationToken)
    {
        await _wire.ConnectAsync(Settings.Target, cancellationToken);
        var key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
        _accept = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
        _wire.Append(Encoding.ASCII.GetBytes(
            $"GET {Settings.Target.Path} HTTP/1.1\r\nHost: {Settings.Target.Authority}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
            $"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: xmpp\r\n\r\n"));
        _wire.Flush();
    }

    private int ReadHandshake(ReadOnlySpan<byte> bytes)
    {
        var end = bytes.IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            return 0;
        }

        var answer = Encoding.ASCII.GetString(bytes[..end]);
        if (!answer.StartsWith("HTTP/1.1 101 ", StringComparison.Ordinal) || !answer.Contains(_accept, StringComparison.Ordinal))
        {
            throw new InvalidDataException($"No WebSocket: {answer.Split('\r')[0]}");
        }

        _accept = "";
        _isUpgraded = true;
        BeginNegotiation();
        return end + 4;
    }
}
