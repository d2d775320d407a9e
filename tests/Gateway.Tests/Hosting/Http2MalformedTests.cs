using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Gateway.TestKit;

namespace Gateway.Tests.Hosting;

/// <summary>RFC 9113 §8.2: requests that no HTTP/1.1 could carry unchanged.</summary>
public sealed class Http2MalformedTests : IDisposable
{
    private const byte Headers = 1;
    private const byte ResetStream = 3;
    private const byte Settings = 4;
    private const byte GoAway = 7;

    private readonly TestCertificates _certificates = new();

    public void Dispose() => _certificates.Dispose();

    [Theory]
    [InlineData("x-good", "fine", true)]
    [InlineData("X-Upper", "a", false)]
    [InlineData("x\u0001y", "a", false)]
    [InlineData("x y", "a", false)]
    [InlineData("x-cr", "a\rb", false)]
    [InlineData("x-lf", "a\nb", false)]
    [InlineData("x-nul", "a\0b", false)]
    [InlineData("connection", "close", false)]
    [InlineData("transfer-encoding", "chunked", false)]
    [InlineData("upgrade", "websocket", false)]
    [InlineData("keep-alive", "1", false)]
    [InlineData("proxy-connection", "close", false)]
    [InlineData("te", "gzip", false)]
    [InlineData(":unknown", "a", false)]
    [InlineData(":path", "/", false)]
    [Trait("Requirement", "EDGE-062")]
    public async Task Field_MalformedInHttp2_IsRefused(string name, string value, bool isServed)
    {
        await using var gateway = await RunningGateway.StartAsync(RunningGateway.Https(_certificates));
        var answer = await SendAsync(gateway.Secure.Port, (":method", "OPTIONS"), (":scheme", "https"), (":path", "/http-bind"), (":authority", "x"), (name, value));
        if (isServed)
        {
            answer.ShouldBe(Headers);
        }
        else
        {
            answer.ShouldBeOneOf(ResetStream, GoAway);
        }
    }

    /// <summary>One request on a connection of its own; the type of the frame that answers it.</summary>
    private static async Task<byte> SendAsync(int port, params (string Name, string Value)[] fields)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port).WithinAsync();
#pragma warning disable CA5359 // the certificate is the test's own
        await using var tls = new SslStream(client.GetStream(), leaveInnerStreamOpen: false, static (_, _, _, _) => true);
#pragma warning restore CA5359
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "example.org", ApplicationProtocols = [SslApplicationProtocol.Http2] }).WithinAsync();
        tls.NegotiatedApplicationProtocol.ShouldBe(SslApplicationProtocol.Http2);

        // RFC 7541 §6.2.2: literals, never indexed, no Huffman coding.
        List<byte> block = [];
        foreach (var (name, value) in fields)
        {
            block.AddRange([0, (byte)name.Length, .. Encoding.Latin1.GetBytes(name), (byte)value.Length, .. Encoding.Latin1.GetBytes(value)]);
        }

        byte[] request = [.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, .. Frame(Settings, 0, 0, []), .. Frame(Headers, 0x5, 1, [.. block])];
        await tls.WriteAsync(request).WithinAsync();
        var head = new byte[9];
        while (true)
        {
            await tls.ReadExactlyAsync(head).WithinAsync();
            var length = (head[0] << 16) | (head[1] << 8) | head[2];
            await tls.ReadExactlyAsync(new byte[length]).WithinAsync();
            if (head[3] is Headers or ResetStream or GoAway)
            {
                return head[3];
            }
        }
    }

    private static byte[] Frame(byte type, byte flags, int stream, byte[] payload)
    {
        var frame = new byte[9 + payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, payload.Length << 8);
        frame[3] = type;
        frame[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame, 9);
        return frame;
    }
}
