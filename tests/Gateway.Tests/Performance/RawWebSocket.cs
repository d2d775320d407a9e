using System.Buffers.Binary;
using System.Text;

namespace Gateway.Tests.Performance;

/// <summary>A client of XMPP over WebSocket that allocates nothing once it is logged in.</summary>
internal sealed class RawWebSocket : IDisposable
{
    private static readonly byte[] Open = Frame("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='example.org' version='1.0'/>");

    private readonly BlockingPeer _peer;

    private RawWebSocket(BlockingPeer peer) => _peer = peer;

    /// <summary>Connects and logs in, with a hand for the backend's part.</summary>
    public static RawWebSocket LogIn(Uri gateway, RawBackend backend)
    {
        var client = new RawWebSocket(BlockingPeer.Connect(gateway.Port));
        client._peer.Send(Encoding.ASCII.GetBytes(
            $"GET /xmpp-websocket HTTP/1.1\r\nHost: {gateway.Authority}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: xmpp\r\n\r\n"));
        client._peer.ReadThrough("\r\n\r\n"u8).StartsWith("HTTP/1.1 101 "u8).ShouldBeTrue();
        client.Send(Open);
        backend.Open();
        client.Take("<open "u8);
        client.Take("<stream:features"u8);
        client.Send(Frame("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>"));
        backend.Accept();
        client.Take("<success"u8);
        client.Send(Open);
        backend.Restart();
        client.Take("<open "u8);
        client.Take("<stream:features"u8);
        return client;
    }

    /// <summary>A text frame as clients send it, masked (RFC 6455 §5.3).</summary>
    public static byte[] Frame(string text)
    {
        ReadOnlySpan<byte> mask = [0x3A, 0xC5, 0x71, 0x0E];
        var payload = Encoding.UTF8.GetBytes(text);
        byte[] head = [0x81, 0x80 | 126, 0, 0, .. mask];
        BinaryPrimitives.WriteUInt16BigEndian(head.AsSpan(2), (ushort)payload.Length);
        if (payload.Length < 126)
        {
            head = [0x81, (byte)(0x80 | payload.Length), .. mask];
        }

        for (var i = 0; i < payload.Length; i++)
        {
            payload[i] ^= mask[i % 4];
        }

        return [.. head, .. payload];
    }

    /// <summary>Sends a frame.</summary>
    public void Send(ReadOnlySpan<byte> frame) => _peer.Send(frame);

    /// <summary>Takes a text frame of less than 64 KiB.</summary>
    /// <param name="start">What its text begins with.</param>
    public void Take(ReadOnlySpan<byte> start)
    {
        var head = _peer.Read(2);
        var isShortText = head[0] == 0x81 && head[1] < 127;
        int length = head[1];
        if (length == 126)
        {
            length = BinaryPrimitives.ReadUInt16BigEndian(_peer.Read(2));
        }

        if (!isShortText || !_peer.Read(length).StartsWith(start))
        {
            throw new InvalidOperationException($"no frame that begins with {Encoding.UTF8.GetString(start)}");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _peer.Dispose();
}
