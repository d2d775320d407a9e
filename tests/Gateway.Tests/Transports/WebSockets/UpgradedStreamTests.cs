using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using Gateway.TestKit;
using Gateway.Tests.Performance;
using Gateway.Transports.WebSockets;

namespace Gateway.Tests.Transports.WebSockets;

/// <summary>What was upgraded is read beside the server: not a byte may be lost where one ends and the other begins.</summary>
public sealed class UpgradedStreamTests : IDisposable
{
    private const string Upgrade = "GET /xmpp-websocket HTTP/1.1\r\nHost: example.org\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: xmpp\r\n\r\n";

    private const string Open = "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='example.org' version='1.0'/>";

    private readonly TestCertificates _certificates = new();

    public void Dispose() => _certificates.Dispose();

    /// <summary>Frames in the request's own segment, or record, and cut anywhere: in the head, behind it, in the frame.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Requirement", "WS-039")]
    public async Task FramesBehindTheRequest_AreReadWhereverTheyAreCut(bool tls)
    {
        byte[] all = [.. Encoding.ASCII.GetBytes(Upgrade), .. RawWebSocket.Frame(Open)];
        int[] cuts = [1, Upgrade.Length - 1, Upgrade.Length, Upgrade.Length + 1, Upgrade.Length + 7, all.Length - 1, all.Length];
        await using var server = ScriptedXmppServer.Start(async peer =>
        {
            await peer.OpenAsync(FakeXmppStream.DefaultFeatures);
            await peer.ExpectEndAsync();
        });
        await using var gateway = await StartAsync(server);
        foreach (var cut in cuts)
        {
            using var client = await RawHttp.ConnectAsync(tls ? gateway.Secure : gateway.Public);
            await client.SendAsync(all.AsMemory(0, cut));
            await client.SendAsync(all.AsMemory(cut));
            await client.ReadUntilAsync("</stream:features>");
        }
    }

    /// <summary>Up and down in pieces that fit no buffer, each different, all in order.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task MessagesOfManySizes_ComeBackWholeAndInOrder(bool tls)
    {
        string[] messages = [.. new[] { 1, 125, 4_000, 4_096, 8_192, 16_300, 16_384, 16_385, 40_000 }.Select(Message)];
        await using var server = ScriptedXmppServer.Start(async peer =>
        {
            await peer.OpenAsync(FakeXmppStream.DefaultFeatures);
            await peer.ExpectAsync("ANONYMOUS'/>");
            await peer.SendAsync("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
            await peer.OpenAsync("<stream:features/>");
            foreach (var message in messages)
            {
                await peer.ExpectAsync("</x>");
            }

            await peer.SendAsync(string.Concat(messages));
            await peer.ExpectEndAsync();
        });
        await using var gateway = await StartAsync(server);
        using var client = await RawHttp.ConnectAsync(tls ? gateway.Secure : gateway.Public);
        await client.SendAsync(Upgrade);
        await client.SendAsync(RawWebSocket.Frame(Open));
        await client.ReadUntilAsync("</stream:features>");
        await client.SendAsync(RawWebSocket.Frame("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>"));
        await client.ReadUntilAsync("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
        await client.SendAsync(RawWebSocket.Frame(Open));
        await client.ReadUntilAsync("features");
        await client.SendAsync(messages.SelectMany(m => RawWebSocket.Frame(m)).ToArray());
        foreach (var message in messages)
        {
            (await client.ReadUntilAsync("</x>")).ShouldEndWith(message);
        }
    }

    /// <summary>What lies in many pieces, as after a client was held up, is counted before the pieces go back: they are used anew at once.</summary>
    [Fact]
    public async Task Read_OfManySegments_CountsWhatItTook()
    {
        var pipe = new Pipe(new PipeOptions(minimumSegmentSize: 16, useSynchronizationContext: false));
        await using var stream = new UpgradedStream(Stream.Null, pipe.Reader, tls: null);
        byte[] sent = [.. Enumerable.Range(0, 5_000).Select(i => (byte)(i % 251))];
        var segments = sent.Chunk(1_000);
        foreach (var segment in segments)
        {
            pipe.Writer.Write(segment);
        }

        await pipe.Writer.FlushAsync(TestContext.Current.CancellationToken);
        var buffer = new byte[4_096];
        var received = new List<byte>();
        while (received.Count < sent.Length)
        {
            (await stream.ReadAsync(Memory<byte>.Empty, TestContext.Current.CancellationToken)).ShouldBe(0);
            var count = await stream.ReadAsync(buffer, TestContext.Current.CancellationToken);
            count.ShouldBe(Math.Min(buffer.Length, sent.Length - received.Count));
            received.AddRange(buffer.AsSpan(0, count));
        }

        received.ShouldBe(sent);
    }

    private static string Message(int length) =>
        string.Create(CultureInfo.InvariantCulture, $"<x xmlns='urn:x' n='{length}'>{string.Concat(Enumerable.Range(0, length / 6).Select(i => $"{i:D6}"))}</x>");

    private Task<RunningGateway> StartAsync(ScriptedXmppServer server) => RunningGateway.StartAsync(RunningGateway.Https(
        _certificates,
        "--Gateway:Backends:b:Security=None",
        $"--Gateway:Backends:b:Servers:0:Address={server.Address}"));
}
