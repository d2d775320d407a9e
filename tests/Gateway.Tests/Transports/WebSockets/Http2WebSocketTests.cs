using System.Text;
using Gateway.TestKit;

namespace Gateway.Tests.Transports.WebSockets;

/// <summary>WebSocket over HTTP/2 (RFC 8441), frame by frame against the whole gateway (websocket.md section 2).</summary>
public sealed class Http2WebSocketTests
{
    private const int EnableConnectProtocol = 8;
    private const int ProtocolError = 1;
    private const int Cancel = 8;
    private const string Open = "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='example.org' version='1.0'/>";
    private const string Close = "<close xmlns=\"urn:ietf:params:xml:ns:xmpp-framing\" />";
    private static readonly byte[] CloseFrame = [0x88, 0x82, 0, 0, 0, 0, 0x03, 0xE8];

    private static readonly (string, string)[] Good =
    [
        (":method", "CONNECT"), (":protocol", "websocket"), (":scheme", "http"), (":path", "/xmpp-websocket"), (":authority", "gw.example.com"),
        ("sec-websocket-version", "13"), ("sec-websocket-protocol", "mqtt, xmpp"), ("origin", "https://chat.example.com"),
    ];

    [Fact]
    [Trait("Requirement", "WS-011")]
    public async Task Settings_OfferExtendedConnect_AndNeverTakeItBack()
    {
        await using var gateway = await StartAsync();
        using var client = await RawHttp2.ConnectAsync(gateway.Public);
        await client.ReceiveAsync(await client.RequestAsync(Good));

        client.Settings.Where(s => s.Id == EnableConnectProtocol).ShouldBe([(EnableConnectProtocol, 1u)]);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("sec-websocket-key", "nonsense")]
    [Trait("Requirement", "WS-012")]
    [Trait("Requirement", "WS-013")]
    public async Task Handshake_Right_Is200WithTheSubprotocolAlone(params string[]? more)
    {
        await using var gateway = await StartAsync();
        using var client = await RawHttp2.ConnectAsync(gateway.Public);
        var answer = await client.ReceiveAsync(await client.RequestAsync(more is null ? Good : [.. Good, (more[0], more[1])]));

        answer.EndsStream.ShouldBeFalse();
        var fields = answer.Fields();
        fields[":status"].ShouldBe("200");
        fields["sec-websocket-protocol"].ShouldBe("xmpp");
        fields.Keys.ShouldNotContain("sec-websocket-accept");
        fields.Keys.ShouldNotContain("sec-websocket-extensions");
        fields.Keys.ShouldNotContain("upgrade");
        fields.Keys.ShouldNotContain("connection");
    }

    [Theory]
    [InlineData("sec-websocket-protocol", "mqtt", "400")]
    [InlineData("sec-websocket-protocol", null, "400")]
    [InlineData("sec-websocket-version", "12", "426")]
    [InlineData("origin", "https://evil.example.net", "403")]
    [InlineData(":path", "/elsewhere", "404")]
    [InlineData(":protocol", "connect-udp", "405")]
    [InlineData(":protocol", "Websocket-2", "405")]
    [Trait("Requirement", "WS-013")]
    [Trait("Requirement", "WS-015")]
    public async Task Handshake_Wrong_IsRefusedAsInHttp11(string name, string? value, string status)
    {
        await using var gateway = await StartAsync("--Gateway:Security:AllowedOrigins:0=https://chat.example.com");
        using var client = await RawHttp2.ConnectAsync(gateway.Public);
        var answer = await client.ReceiveAsync(await client.RequestAsync([.. Good.Where(f => f.Item1 != name || value is not null).Select(f => f.Item1 == name ? (name, value!) : f)]));

        answer.Fields()[":status"].ShouldBe(status);
        answer.Fields().Keys.ShouldNotContain("upgrade");
    }

    [Theory]
    [InlineData("upgrade", "websocket")]
    [InlineData("connection", "upgrade")]
    [Trait("Requirement", "WS-013")]
    public async Task Handshake_WithFieldsOfAConnection_IsMalformed(string name, string value)
    {
        await using var gateway = await StartAsync();
        using var client = await RawHttp2.ConnectAsync(gateway.Public);
        var stream = await client.RequestAsync([.. Good, (name, value)]);

        // RFC 9113 §8.1.1, §5.4.2: 400, or an error of the stream, or one of the connection.
        var frame = await client.ReceiveAsync(stream, orConnection: true);
        if (frame.Type == Http2FrameType.Headers)
        {
            frame.Fields()[":status"].ShouldBe("400");
        }
        else
        {
            frame.Payload.Span[frame.Type == Http2FrameType.GoAway ? 7 : 3].ShouldBe((byte)ProtocolError);
        }
    }

    [Theory]
    [InlineData("elsewhere.example:443")]
    [InlineData("gw.example.com")]
    [Trait("Requirement", "WS-012")]
    [Trait("Requirement", "WS-015")]
    public async Task Connect_WithoutProtocol_IsNoTunnel(string authority)
    {
        await using var gateway = await StartAsync();
        using var client = await RawHttp2.ConnectAsync(gateway.Public);
        var answer = await client.ReceiveAsync(await client.RequestAsync((":method", "CONNECT"), (":authority", authority)));

        answer.Fields()[":status"].ShouldBe("405");
    }

    [Fact]
    [Trait("Requirement", "WS-014")]
    public async Task ClientCloses_OrderlyEndIsEndStream()
    {
        var ends = new List<string>();
        await using var server = Server(async peer => ends.Add(await peer.ExpectAsync("</stream:stream>")));
        await using var gateway = await StartAsync($"--Gateway:Backends:b:Servers:0:Address={server.Address}");
        using var client = await RawHttp2.ConnectAsync(gateway.Public);
        var stream = await OpenAsync(client);
        await client.SendDataAsync(stream, (byte[])[.. Text(Close), .. CloseFrame], end: true);

        (await ReadToEndAsync(client, stream)).ShouldBe(Close);
        await server.ScriptsEndedAsync();
        ends.Count.ShouldBe(1);
    }

    [Fact]
    [Trait("Requirement", "WS-014")]
    [Trait("Requirement", "WS-048")]
    public async Task ClientEndsTheStreamWithoutAWord_IsReset()
    {
        var ends = new List<string>();
        await using var server = Server(async peer => ends.Add(await peer.ExpectEndAsync()));
        await using var gateway = await StartAsync($"--Gateway:Backends:b:Servers:0:Address={server.Address}");
        using var client = await RawHttp2.ConnectAsync(gateway.Public);
        var stream = await OpenAsync(client);
        await client.SendDataAsync(stream, default, end: true);

        var reset = await client.ReceiveAsync(stream);
        reset.Type.ShouldBe(Http2FrameType.ResetStream);
        reset.Payload.ToArray().ShouldBe([0, 0, 0, Cancel]);
        await server.ScriptsEndedAsync();
        ends.Single().ShouldNotContain("</stream:stream>");
    }

    [Fact]
    [Trait("Requirement", "WS-014")]
    [Trait("Requirement", "WS-048")]
    public async Task ClientResetsTheStream_IsAnUncleanEndOfThisOneOnly()
    {
        var (begun, ends) = (0, 0);
        await using var server = Server(async peer =>
        {
            await peer.ExpectAsync("<x xmlns='urn:x'/>");
            Interlocked.Increment(ref begun);
            (await peer.ExpectEndAsync()).ShouldNotContain("</stream:stream>");
            Interlocked.Increment(ref ends);
        });
        await using var gateway = await StartAsync($"--Gateway:Backends:b:Servers:0:Address={server.Address}");
        using var client = await RawHttp2.ConnectAsync(gateway.Public);
        var first = await OpenAsync(client);
        var second = await OpenAsync(client);
        await client.SendDataAsync(first, Text("<x xmlns='urn:x'/>"));
        await client.SendDataAsync(second, Text("<x xmlns='urn:x'/>"));
        await TestTimeout.UntilAsync(() => begun == 2);
        await client.SendAsync(Http2FrameType.ResetStream, 0, first, new byte[] { 0, 0, 0, Cancel });
        await TestTimeout.UntilAsync(() => ends == 1);
        await TestTimeout.UntilAsync(() => server.OpenConnections == 1); // a script ends a moment after its last line
        client.Dispose();
        await server.ScriptsEndedAsync();
        ends.ShouldBe(2);
    }

    [Fact]
    [Trait("Requirement", "WS-014")]
    [Trait("Requirement", "WS-048")]
    public async Task ConnectionIsLost_EveryWebSocketOnItIs()
    {
        var ends = 0;
        await using var server = Server(async peer =>
        {
            (await peer.ExpectEndAsync()).ShouldNotContain("</stream:stream>");
            Interlocked.Increment(ref ends);
        });
        await using var gateway = await StartAsync($"--Gateway:Backends:b:Servers:0:Address={server.Address}");
        using var client = await RawHttp2.ConnectAsync(gateway.Public);
        for (var i = 0; i < 5; i++)
        {
            await OpenAsync(client);
        }

        client.Dispose();
        await server.ScriptsEndedAsync();
        ends.ShouldBe(5);
    }

    [Fact]
    [Trait("Requirement", "WS-016")]
    public async Task ManyAreReadNoFurther_AnotherWebSocketOfTheConnectionGoesOn()
    {
        const int Slow = 30;
        var release = new TaskCompletionSource();
        var connections = 0;
        await using var server = ScriptedXmppServer.Start(async peer =>
        {
            if (Interlocked.Increment(ref connections) > Slow)
            {
                await peer.OpenAsync(FakeXmppStream.DefaultFeatures);
                await peer.ExpectAsync("<x xmlns='urn:x'/>");
                await peer.SendAsync("<y xmlns='urn:y'/>");
            }

            await peer.UntilAsync(release.Task);
        });
        await using var gateway = await StartAsync($"--Gateway:Backends:b:Servers:0:Address={server.Address}");
        using var client = await RawHttp2.ConnectAsync(gateway.Public);
        for (var i = 0; i < Slow; i++)
        {
            // Nothing is read from a client while its backend has not answered (WS-039).
            var stream = await client.RequestAsync(Good);
            (await client.ReceiveAsync(stream)).Fields()[":status"].ShouldBe("200");
            await client.SendDataAsync(stream, Text(Open));
            await TestTimeout.UntilAsync(() => connections == i + 1);
            while (Math.Min(client.WindowOf(stream), client.ConnectionWindow) is var left and > 0)
            {
                await client.SendDataAsync(stream, new byte[Math.Min(left, 16 * 1024)]);
            }
        }

        client.ConnectionWindow.ShouldBeGreaterThan(0);
        var other = await OpenAsync(client);
        await client.SendDataAsync(other, Text("<x xmlns='urn:x'/>"));
        (await ReadTextAsync(client, other)).ShouldBe("<y xmlns='urn:y'/>");
        release.SetResult();
        await server.ScriptsEndedAsync(); // before the gateway goes, and says so to the backend
    }

    [Fact]
    [Trait("Requirement", "WS-016")]
    public async Task ClientReadsOneNoFurther_AnotherWebSocketOfTheConnectionGoesOn()
    {
        var release = new TaskCompletionSource();
        await using var server = Server(async peer =>
        {
            var asked = await peer.ExpectAsync("/>");
            await peer.SendAsync(asked.Contains("flood", StringComparison.Ordinal)
                ? string.Concat(Enumerable.Repeat("<f xmlns='urn:f'>" + new string('x', 8_000) + "</f>", 20))
                : "<y xmlns='urn:y'/>");
            await peer.UntilAsync(release.Task);
        });
        await using var gateway = await StartAsync($"--Gateway:Backends:b:Servers:0:Address={server.Address}");
        using var client = await RawHttp2.ConnectAsync(gateway.Public, window: 16 * 1024);
        var slow = await OpenAsync(client);
        await client.SendDataAsync(slow, Text("<flood xmlns='urn:x'/>"));
        var other = await OpenAsync(client);
        await client.SendDataAsync(other, Text("<x xmlns='urn:x'/>"));

        (await ReadTextAsync(client, other)).ShouldBe("<y xmlns='urn:y'/>");
        release.SetResult();
        await server.ScriptsEndedAsync(); // before the gateway goes, and says so to the backend
    }

    [Fact]
    [Trait("Requirement", "WS-012")]
    public async Task MoreThanABodyMayHave_GoesThroughOneWebSocket()
    {
        const int Elements = 200; // of 8 kB: the limit of request bodies is 400 kB
        await using var server = Server(async peer =>
        {
            for (var i = 0; i < Elements; i++)
            {
                await peer.ExpectAsync("</f>");
            }

            await peer.SendAsync("<y xmlns='urn:y'/>");
            await peer.ExpectAsync("</stream:stream>");
        });
        await using var gateway = await StartAsync($"--Gateway:Backends:b:Servers:0:Address={server.Address}");
        using var client = await RawHttp2.ConnectAsync(gateway.Public);
        var stream = await OpenAsync(client);
        var element = Text("<f xmlns='urn:f'>" + new string('x', 8_000) + "</f>");
        for (var i = 0; i < Elements; i++)
        {
            await client.UntilAsync(() => client.WindowOf(stream) >= element.Length && client.ConnectionWindow >= element.Length);
            await client.SendDataAsync(stream, element);
        }

        (await ReadTextAsync(client, stream)).ShouldBe("<y xmlns='urn:y'/>");
        await client.SendDataAsync(stream, (byte[])[.. Text(Close), .. CloseFrame], end: true);
        (await ReadToEndAsync(client, stream)).ShouldBe(Close);
    }

    private static ScriptedXmppServer Server(Func<ScriptedPeer, Task> script) => ScriptedXmppServer.Start(async peer =>
    {
        await peer.OpenAsync(FakeXmppStream.DefaultFeatures);
        await script(peer);
    });

    private static Task<RunningGateway> StartAsync(params string[] overrides) =>
        RunningGateway.StartAsync(["--Kestrel:Endpoints:Http:Protocols=Http2", "--Gateway:Backends:b:Security=None", .. overrides]);

    private static async Task<int> OpenAsync(RawHttp2 client)
    {
        var stream = await client.RequestAsync(Good);
        (await client.ReceiveAsync(stream)).Fields()[":status"].ShouldBe("200");
        await client.SendDataAsync(stream, Text(Open));
        (await ReadTextAsync(client, stream)).ShouldStartWith("<open ");
        return stream;
    }

    /// <summary>The text frames of one DATA frame, one after the other.</summary>
    private static async Task<string> ReadTextAsync(RawHttp2 client, int stream)
    {
        var frame = await client.ReceiveAsync(stream);
        frame.Type.ShouldBe(Http2FrameType.Data);
        return TextOf(frame.Payload.Span);
    }

    private static async Task<string> ReadToEndAsync(RawHttp2 client, int stream)
    {
        var text = "";
        while (true)
        {
            var frame = await client.ReceiveAsync(stream);
            frame.Type.ShouldBe(Http2FrameType.Data);
            text += TextOf(frame.Payload.Span);
            if (frame.EndsStream)
            {
                return text;
            }
        }
    }

    private static string TextOf(ReadOnlySpan<byte> frames)
    {
        var text = new StringBuilder();
        while (frames.Length >= 2)
        {
            var (start, length) = frames[1] < 126 ? (2, frames[1]) : (4, (frames[2] << 8) | frames[3]);
            text.Append(frames[0] == 0x81 ? Encoding.UTF8.GetString(frames.Slice(start, length)) : "");
            frames = frames[(start + length)..];
        }

        return text.ToString();
    }

    /// <summary>A masked text frame; its key is zero.</summary>
    private static byte[] Text(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return bytes.Length < 126
            ? [0x81, (byte)(0x80 | bytes.Length), 0, 0, 0, 0, .. bytes]
            : [0x81, 0xFE, (byte)(bytes.Length >> 8), (byte)bytes.Length, 0, 0, 0, 0, .. bytes];
    }
}
