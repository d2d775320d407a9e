using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Gateway.Core.Sessions;
using Gateway.Core.WebSockets;
using Gateway.TestKit;
using Gateway.Xmpp.Buffers;

namespace Gateway.Core.Tests.WebSockets;

/// <summary>permessage-deflate once it is agreed on (RFC 7692, websocket.md section 7).</summary>
public sealed class DeflateTests
{
    private const string Close = "<close xmlns=\"urn:ietf:params:xml:ns:xmpp-framing\" />";

    [Fact]
    [Trait("Requirement", "WS-058")]
    public void Deflate_Hello_IsTheVectorOfTheSpecification()
    {
        using var output = new MemoryStream();
        MessageDeflater.Deflate("Hello"u8, output);

        output.ToArray().ShouldBe([0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]);
    }

    [Theory]
    [InlineData(MessageDeflater.Least, true, 0xC1)]
    [InlineData(MessageDeflater.Least - 1, true, 0x81)]
    [InlineData(MessageDeflater.Least, false, 0x81)] // noise: compressed it would be longer
    [InlineData(200_000, true, 0xC1)]
    [Trait("Requirement", "WS-058")]
    public void EndText_CompressesWhatGains(int length, bool isRegular, byte first)
    {
        var message = new byte[length];
        if (!isRegular)
        {
            RandomNumberGenerator.Fill(message);
        }

        using var batch = Frame(message, windowBits: 15);
        batch.WrittenSpan[0].ShouldBe(first);
    }

    [Fact]
    [Trait("Requirement", "WS-058")]
    public void EndText_MessageLongerThanTheClientsWindow_GoesAsItIs()
    {
        using var within = Frame(new byte[2048], windowBits: 11);
        using var beyond = Frame(new byte[2049], windowBits: 11);

        within.WrittenSpan[0].ShouldBe((byte)0xC1);
        beyond.WrittenSpan[0].ShouldBe((byte)0x81);
    }

    [Fact]
    [Trait("Requirement", "WS-058")]
    public async Task Stanzas_BothWays_ArriveAsSent()
    {
        await using var session = new SessionHarness(deflate: true);
        await session.AuthenticateAsync();
        for (var i = 0; i < 3; i++)
        {
            var stanza = $"<message xmlns='jabber:client' id='{i}'><body>" + string.Concat(Enumerable.Repeat("Hallo, Wélt! ", 500 * i)) + "</body></message>";
            await session.SendAsync(stanza);
            await session.Backend.ExpectAsync(stanza);
            session.Backend.Receive(stanza);
            (await session.ReceiveAsync()).ShouldBe(stanza);
        }
    }

    [Fact]
    [Trait("Requirement", "WS-057")]
    public async Task Stanza_BeforeAuthentication_IsNotCompressed()
    {
        await using var session = new SessionHarness(deflate: true);
        await session.OpenAsync();
        var element = Encoding.UTF8.GetBytes("<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>" + new string('A', 5000) + "</challenge>");
        session.Backend.Receive(element);
        var frame = new byte[4 + element.Length];
        await session.ClientTransport.ReadExactlyAsync(frame, TestContext.Current.CancellationToken).AsTask().WithinAsync();

        frame[0].ShouldBe((byte)0x81);
        frame[4..].ShouldBe(element);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [Trait("Requirement", "WS-058")]
    public async Task Message_CompressedWholeOrInFragments_IsInflated(int fragment)
    {
        await using var session = new SessionHarness(deflate: true);
        await session.AuthenticateAsync();
        var payload = Deflated("<presence xmlns='jabber:client'/>");
        await session.SendFrameAsync((byte)(fragment == 0 ? 0xC1 : 0x41), fragment == 0 ? payload : payload[..fragment]);
        if (fragment > 0)
        {
            await session.SendFrameAsync(0x89, "hi"u8.ToArray()); // a ping between
            await session.SendFrameAsync(0x80, payload[fragment..]);
        }

        await session.Backend.ExpectAsync("<presence xmlns='jabber:client'/>");
    }

    [Fact]
    public async Task Message_Uncompressed_IsReadToo()
    {
        await using var session = new SessionHarness(deflate: true);
        await session.AuthenticateAsync();
        await session.SendFrameAsync(0x81, "<presence xmlns='jabber:client'/>"u8.ToArray());
        await session.Backend.ExpectAsync("<presence xmlns='jabber:client'/>");
    }

    [Theory]
    [InlineData(new byte[] { 0xC9 })] // a ping
    [InlineData(new byte[] { 0x41, 0xC0 })] // a continuation
    [InlineData(new byte[] { 0xA1 })] // RSV2
    [InlineData(new byte[] { 0x91 })] // RSV3
    [Trait("Requirement", "WS-019")]
    [Trait("Requirement", "WS-058")]
    public async Task Frame_ReservedBitOutOfPlace_ClosesWith1002(byte[] firsts)
    {
        await using var session = new SessionHarness(deflate: true);
        await session.AuthenticateAsync();
        foreach (var first in firsts)
        {
            await session.SendFrameAsync(first, [0x00]);
        }

        (await session.ReceiveAsync()).ShouldBe("Close 1002");
        await session.EndAsync();
        session.Backend.Written.ShouldNotContain("</stream:stream>");
    }

    [Fact]
    [Trait("Requirement", "WS-058")]
    public async Task Message_NotDeflate_ClosesWith1007()
    {
        await using var session = new SessionHarness(deflate: true);
        await session.AuthenticateAsync();
        await session.SendFrameAsync(0xC1, [0xFF, 0xFF, 0xFF, 0xFF]);

        (await session.ReceiveAsync()).ShouldBe("Close 1007");
        await session.EndAsync();
    }

    [Fact]
    [Trait("Requirement", "WS-057")]
    [Trait("Requirement", "WS-022")]
    public async Task Message_InflatesBeyondTheLimit_IsTooBig()
    {
        await using var session = new SessionHarness(limits: new SessionLimits { MaxStanzaBytes = 20_000 }, deflate: true);
        await session.AuthenticateAsync();
        var stanza = "<message xmlns='jabber:client'><body></body></message>";
        string OfLength(int length) => stanza.Insert(stanza.IndexOf("</body>", StringComparison.Ordinal), new string('x', length - stanza.Length));
        await session.SendFrameAsync(0xC1, Deflated(OfLength(20_000)));
        await session.Backend.ExpectAsync("</message>");

        await session.SendFrameAsync(0xC1, Deflated(OfLength(20_001)));
        (await session.ReceiveAsync()).ShouldContain("<stanza-too-big xmlns='urn:xmpp:errors'/>");
        (await session.ReceiveAsync()).ShouldBe(Close);
        (await session.ReceiveAsTimePassesAsync()).ShouldBe("Close 1009");
        await session.EndAsync();
        session.Backend.Written.ShouldEndWith("</stream:stream>");
    }

    [Fact]
    [Trait("Requirement", "WS-057")]
    [Trait("Requirement", "WS-044")]
    public async Task MessageBehindOneThatIsTooBig_IsNotInflatedAndHidesNothingBehindIt()
    {
        await using var session = new SessionHarness(limits: new SessionLimits { MaxStanzaBytes = 20_000 }, deflate: true);
        await session.AuthenticateAsync();
        await session.SendFrameAsync(0xC1, Deflated("<a>" + new string('x', 20_001)));
        (await session.ReceiveAsync()).ShouldContain("<stanza-too-big xmlns='urn:xmpp:errors'/>");
        (await session.ReceiveAsync()).ShouldBe(Close);

        var small = Deflated("<message xmlns='jabber:client'/>");
        byte[] close = "<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>"u8.ToArray();
        byte[] frames = [0xC1, (byte)(0x80 | small.Length), 0, 0, 0, 0, .. small, 0x81, (byte)(0x80 | close.Length), 0, 0, 0, 0, .. close];
        await session.ClientTransport.WriteAsync(frames, TestContext.Current.CancellationToken);

        (await session.ReceiveAsync()).ShouldBe("Close 1009"); // at once: the client's close was seen
        await session.EndAsync();
    }

    [Fact]
    [Trait("Requirement", "WS-057")]
    public async Task Bomb_IsNotInflatedBeyondTheLimit()
    {
        const int Inflated = 256 * 1024 * 1024;
        await using var session = new SessionHarness(deflate: true);
        await session.AuthenticateAsync();
        byte[] bomb;
        using (var output = new MemoryStream())
        {
            using (var deflate = new DeflateStream(output, CompressionLevel.Optimal, leaveOpen: true))
            {
                deflate.Write("<a>"u8);
                var zeros = Encoding.UTF8.GetBytes(new string('x', 1024 * 1024));
                for (var i = 0; i < Inflated / zeros.Length; i++)
                {
                    deflate.Write(zeros);
                }
            }

            bomb = output.ToArray();
        }

        var before = GC.GetTotalAllocatedBytes();
        var sending = session.SendFrameAsync(0xC1, bomb);
        (await session.ReceiveAsync()).ShouldContain("<stanza-too-big xmlns='urn:xmpp:errors'/>");
        await sending;
        (GC.GetTotalAllocatedBytes() - before).ShouldBeLessThan(Inflated / 8);
        (await session.ReceiveAsync()).ShouldBe(Close);
        (await session.ReceiveAsTimePassesAsync()).ShouldBe("Close 1009");
        await session.EndAsync();
    }

    private static PooledByteWriter Frame(byte[] message, int windowBits)
    {
        var batch = new PooledByteWriter();
        var start = WebSocketConnection.BeginText(batch);
        batch.Write(message);
        WebSocketConnection.EndText(batch, start, new MessageDeflater(windowBits));
        return batch;
    }

    private static byte[] Deflated(string text)
    {
        using var output = new MemoryStream();
        MessageDeflater.Deflate(Encoding.UTF8.GetBytes(text), output);
        return output.ToArray();
    }
}
