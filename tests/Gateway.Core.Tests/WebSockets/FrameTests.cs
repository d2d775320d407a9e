using System.Text;
using Gateway.Core.WebSockets;
using Gateway.TestKit;
using Gateway.Xmpp.Buffers;

namespace Gateway.Core.Tests.WebSockets;

/// <summary>Frames as RFC 6455 prints them, and a client's in every cut (websocket.md sections 3 and 6).</summary>
public sealed class FrameTests
{
    private static readonly byte[] Key = [0x37, 0xFA, 0x21, 0x3D]; // RFC 6455 §5.7

    [Theory]
    [InlineData(5, "8105")]
    [InlineData(125, "817D")]
    [InlineData(126, "817E007E")]
    [InlineData(256, "817E0100")] // RFC 6455 §5.7
    [InlineData(65535, "817EFFFF")]
    [InlineData(65536, "817F0000000000010000")] // RFC 6455 §5.7
    [Trait("Requirement", "WS-018")]
    public void EndText_AnyLength_HasTheShortestHeaderAndNoMask(int length, string header)
    {
        using var batch = new PooledByteWriter();
        batch.Write("before"u8);
        var start = WebSocketConnection.BeginText(batch);
        var payload = Enumerable.Range(0, length).Select(i => (byte)i).ToArray();
        batch.Write(payload);
        WebSocketConnection.EndText(batch, start);

        Convert.ToHexString(batch.WrittenSpan).ShouldBe(Convert.ToHexString("before"u8) + header + Convert.ToHexString(payload));
    }

    [Fact]
    [Trait("Requirement", "WS-054")]
    public async Task Ping_OfTheSpecification_IsAnsweredWithItsPong()
    {
        await using var session = new SessionHarness();
        await session.AuthenticateAsync();
        await SendAsync(session, Convert.FromHexString("898537FA213D7F9F4D5158"));

        Convert.ToHexString(await ReadAsync(session, 7)).ShouldBe("8A0548656C6C6F");
    }

    [Fact]
    [Trait("Requirement", "WS-054")]
    public async Task Pong_NobodyAskedFor_IsAccepted()
    {
        await using var session = new SessionHarness();
        await session.AuthenticateAsync();
        await SendAsync(session, Convert.FromHexString("8A8537FA213D7F9F4D5158"));
        await session.SendAsync("<presence xmlns='jabber:client'/>");
        await session.Backend.ExpectAsync("<presence xmlns='jabber:client'/>");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Trait("Requirement", "WS-055")]
    public async Task SilenceWhileAWriteWaits_IsNoMissingPong_UnlessNothingIsTakenInTime(bool isTaken)
    {
        await using var session = new SessionHarness(window: 16 * 1024);
        await session.AuthenticateAsync();
        var stanza = "<message xmlns='jabber:client'><body>" + new string('x', 100_000) + "</body></message>";
        session.Backend.Receive(stanza);
        await TestTimeout.UntilAsync(() => session.IsServerWriteHeld);
        session.Time.Advance(TimeSpan.FromSeconds(44));
        session.Run.IsCompleted.ShouldBeFalse();
        if (isTaken)
        {
            (await session.ReceiveAsync()).ShouldBe(stanza);
            await TestTimeout.UntilAsync(() => session.Transport.WritingSince is null);
            session.Time.Advance(TimeSpan.FromSeconds(44)); // of which 43 s after the ping
            session.Run.IsCompleted.ShouldBeFalse();
        }

        session.Time.Advance(TimeSpan.FromSeconds(3));
        await TestTimeout.UntilAsync(() => session.Backend.IsDisposed);
        session.Time.Advance(XmppWebSocketSession.CloseTimeout); // last words behind the write
        await session.Run.WithinAsync();
    }

    [Fact]
    [Trait("Requirement", "WS-055")]
    public async Task SignsOfLifeOfAClientThatNeverReads_AreNotEnough()
    {
        await using var session = new SessionHarness(window: 16 * 1024);
        await session.AuthenticateAsync();
        session.Backend.Receive("<message xmlns='jabber:client'><body>" + new string('x', 48_000) + "</body></message>"); // 200 s at the least rate
        await TestTimeout.UntilAsync(() => session.IsServerWriteHeld);
        var written = session.Time.GetTimestamp();
        while (session.Time.GetElapsedTime(written) < TimeSpan.FromSeconds(240))
        {
            session.Backend.IsDisposed.ShouldBeFalse();
            session.Time.Advance(TimeSpan.FromSeconds(20));
            await session.SendFrameAsync(0x8A, []);
            await TestTimeout.UntilAsync(() => session.Transport.LastRead == session.Time.GetTimestamp());
        }

        session.Time.Advance(TimeSpan.FromSeconds(10));
        await TestTimeout.UntilAsync(() => session.Backend.IsDisposed);
        session.Time.Advance(XmppWebSocketSession.CloseTimeout);
        await session.Run.WithinAsync();
    }

    [Fact]
    [Trait("Requirement", "WS-054")]
    public async Task Stanza_BeforeAPingWhosePongHasToWait_GoesUpAtOnce()
    {
        await using var session = new SessionHarness(window: 16 * 1024);
        await session.AuthenticateAsync();
        session.Backend.Receive("<message xmlns='jabber:client'><body>" + new string('x', 100_000) + "</body></message>");
        await TestTimeout.UntilAsync(() => session.IsServerWriteHeld);
        await SendAsync(session, [.. Frame(0x81, "<presence xmlns='jabber:client'/>"u8.ToArray()), .. Frame(0x89, [])]);

        await session.Backend.ExpectAsync("<presence xmlns='jabber:client'/>");
    }

    [Fact]
    [Trait("Requirement", "WS-020")]
    [Trait("Requirement", "WS-054")]
    public async Task Message_InFragmentsWithControlFramesBetween_AnyCutOfTheBytes_IsOneStanza()
    {
        const string Stanza = "<message xmlns='jabber:client'><body>Größe €, 𝄞</body></message>";
        var bytes = Encoding.UTF8.GetBytes(Stanza);
        for (var step = 1; step <= 7; step++)
        {
            await using var session = new SessionHarness();
            await session.AuthenticateAsync();
            byte[] frames =
            [
                .. Frame(0x01, bytes[..1]),
                .. Frame(0x89, "one"u8.ToArray()),
                .. Frame(0x00, bytes[1..40]), // cuts a character
                .. Frame(0x8A, []),
                .. Frame(0x00, []),
                .. Frame(0x89, "two"u8.ToArray()),
                .. Frame(0x80, bytes[40..]),
            ];
            foreach (var piece in frames.Chunk(step))
            {
                await SendAsync(session, piece);
            }

            await session.Backend.ExpectAsync(Stanza);
            Convert.ToHexString(await ReadAsync(session, 10)).ShouldBe("8A036F6E658A0374776F");
        }
    }

    [Theory]
    [InlineData("", 1000)]
    [InlineData("03E8", 1000)]
    [InlineData("03E9", 1001)]
    [InlineData("03F3", 1011)]
    [InlineData("03E84279 65", 1000)]
    [InlineData("0BB8", 3000)]
    [InlineData("1387", 4999)]
    [InlineData("03", 1002)]
    [InlineData("0000", 1002)]
    [InlineData("03E7", 1002)] // 999
    [InlineData("03EC", 1002)] // 1004
    [InlineData("03ED", 1002)] // 1005
    [InlineData("03EE", 1002)] // 1006
    [InlineData("03F7", 1002)] // 1015
    [InlineData("03F8", 1002)] // 1016
    [InlineData("0BB7", 1002)] // 2999
    [InlineData("1388", 1002)] // 5000: no range at all
    [Trait("Requirement", "WS-051")]
    public async Task CloseFrame_IsAnsweredInKind_OrWith1002(string payload, int code)
    {
        await using var session = new SessionHarness();
        await session.AuthenticateAsync();
        await SendAsync(session, Frame(0x88, Convert.FromHexString(payload.Replace(" ", "", StringComparison.Ordinal))));

        var answer = await ReadAsync(session, 4);
        answer.ShouldBe([0x88, 0x02, (byte)(code >> 8), (byte)code]);
        (await session.Run.WithinAsync()).ShouldBeTrue("the connection is closed, not dropped");
        session.Backend.Written.ShouldNotContain("</stream:stream>");
    }

    [Theory]
    [InlineData(0x80)] // a continuation of nothing
    [InlineData(0x01, 0x81)] // a new message inside another one
    [InlineData(0x8B)] // unknown control frame
    [Trait("Requirement", "WS-019")]
    [Trait("Requirement", "WS-020")]
    public async Task Frame_OutOfPlace_ClosesTheWebSocket(params int[] firsts)
    {
        await using var session = new SessionHarness();
        await session.AuthenticateAsync();
        foreach (var first in firsts)
        {
            await SendAsync(session, Frame((byte)first, "<a"u8.ToArray()));
        }

        (await session.ReceiveAsync()).ShouldBe("Close 1002");
        await session.EndAsync();
    }

    [Theory]
    [InlineData("81FF7FFFFFFFFFFFFFFF")]
    [InlineData("018300000000616263 80FF7FFFFFFFFFFFFFFF")]
    [Trait("Requirement", "WS-021")]
    [Trait("Requirement", "WS-022")]
    public async Task Frame_AnnouncesTheLongestLengthThereIs_IsTooBig(string headers)
    {
        await using var session = new SessionHarness();
        await session.AuthenticateAsync();
        await SendAsync(session, [.. Convert.FromHexString(headers.Replace(" ", "", StringComparison.Ordinal)), .. Key]);

        (await session.ReceiveAsync()).ShouldContain("<stanza-too-big xmlns='urn:xmpp:errors'/>");
    }

    private static byte[] Frame(byte first, byte[] payload)
    {
        payload.Length.ShouldBeLessThan(126);
        return [first, (byte)(0x80 | payload.Length), .. Key, .. payload.Select((b, i) => (byte)(b ^ Key[i % 4]))];
    }

    private static Task SendAsync(SessionHarness session, byte[] bytes) =>
        session.ClientTransport.WriteAsync(bytes, TestContext.Current.CancellationToken).WithinAsync();

    private static async Task<byte[]> ReadAsync(SessionHarness session, int count)
    {
        var bytes = new byte[count];
        await session.ClientTransport.ReadExactlyAsync(bytes, TestContext.Current.CancellationToken).AsTask().WithinAsync();
        return bytes;
    }
}
