using System.Text;
using Gateway.Core.Sessions;
using Gateway.TestKit;

namespace Gateway.Core.Tests.WebSockets;

/// <summary>XS-051: what came before the cause of an end goes before the end, and nothing goes behind it.</summary>
public sealed class LastElementsTests
{
    private const string Good = "<message xmlns='jabber:client' id='good'/>";

    /// <summary>Each ends the session in a place of its own.</summary>
    public static TheoryData<string> Refused =>
    [
        "<message xmlns='jabber:server'/>", // its namespace
        "<a",
        "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='example.org' version='1.0'/>",
        "<register xmlns='urn:xmpp:register:0'/>", // policy
        "<message xmlns='jabber:client'>" + new string('x', 300_000) + "</message>", // the limit
    ];

    [Theory]
    [MemberData(nameof(Refused))]
    [Trait("Requirement", "XS-051")]
    public async Task RefusedElement_BehindAGoodOne_TheGoodOneIsWrittenBeforeTheClose(string refused)
    {
        await using var session = new SessionHarness(window: 1 << 20);
        await session.AuthenticateAsync();

        // More is there to be read behind it, so that nothing else has cause to write.
        await session.ClientTransport.WriteAsync(Frames([Good, refused, .. Enumerable.Repeat(" ", 20_000)]), CancellationToken.None).WithinAsync();

        await session.Backend.ExpectAsync("</stream:stream>");
        session.Backend.Written.ShouldEndWith(Good + "</stream:stream>");
    }

    [Fact]
    [Trait("Requirement", "XS-051")]
    public async Task BinaryMessage_BehindAGoodOne_TheGoodOneIsWrittenBeforeTheClose()
    {
        await using var session = new SessionHarness(window: 1 << 20);
        await session.AuthenticateAsync();
        await session.ClientTransport.WriteAsync((byte[])[.. Frames(Good), 0x82, 0x80, 0, 0, 0, 0, .. Frames([.. Enumerable.Repeat(" ", 20_000)])], CancellationToken.None).WithinAsync();

        await session.Backend.ExpectAsync("</stream:stream>");
        session.Backend.Written.ShouldEndWith(Good + "</stream:stream>");
    }

    [Fact]
    [Trait("Requirement", "XS-051")]
    public async Task Element_StillInHandWhenTheSessionIsEnded_IsNotWrittenBehindTheClose()
    {
        await using var session = new SessionHarness(window: 16 * 1024);
        await session.AuthenticateAsync();
        string[] answered = [Good, .. Enumerable.Repeat("<compress xmlns='http://jabber.org/protocol/compress'/>", 400)];
        var sent = session.ClientTransport.WriteAsync(Frames(answered), CancellationToken.None);
        await TestTimeout.UntilAsync(() => session.IsServerWriteHeld); // the client does not read the answers
        _ = session.Session.CloseAsync(SessionEndReason.SystemShutdown);
        await session.Backend.ExpectAsync("</stream:stream>");

        var last = "";
        while (!last.StartsWith("Close", StringComparison.Ordinal))
        {
            last = await session.ReceiveAsTimePassesAsync();
        }

        await sent.WithinAsync();
        await session.EndAsync();
        session.Backend.Written.ShouldEndWith("</stream:stream>");
    }

    private static byte[] Frames(params string[] messages) =>
    [
        .. messages.SelectMany(m =>
        {
            var payload = Encoding.UTF8.GetBytes(m);
            byte[] length = payload.Length < 126
                ? [(byte)(0x80 | payload.Length)]
                : [0xFF, 0, 0, 0, 0, (byte)(payload.Length >> 24), (byte)(payload.Length >> 16), (byte)(payload.Length >> 8), (byte)payload.Length];
            return (byte[])[0x81, .. length, 0, 0, 0, 0, .. payload];
        }),
    ];
}
