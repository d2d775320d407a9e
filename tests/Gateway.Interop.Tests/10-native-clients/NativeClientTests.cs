using Gateway.Interop.Tests.Support;

namespace Gateway.Interop.Tests.NativeClients;

/// <summary>The libraries of desktop clients, through the gateway, with somebody who is logged in at the server itself.</summary>
[Collection(InteropGroup.Name)]
public sealed class NativeClientTests(InteropFixture fixture)
{
    private static readonly string[] Texts =
    [
        "Wherefore art thou, Romeo?\n  On a second line.",
        "1 < 2 && 3 > 2, she said \"yes\" & he said 'no'; &amp; stays &amp;, ]]> too, <b>not bold</b> <br>",
        " \t around and at the end \n\n ",
        "\U0001F469\u200D\U0001F680 e\u0301 o\u0308\u0323 \u05E9\u05DC\u05D5\u05DD \u4F60\u597D \U0010FFFD",
        string.Concat(Enumerable.Repeat("Lorem ipsum <dolor> \u00E4\u00F6\u00FC. ", 3_000)),
    ];

    [Theory]
    [InlineData("purple", "bosh")]
    [InlineData("gloox-legacy", "bosh")]
    [InlineData("gloox-persistent", "bosh")]
    [InlineData("gloox-pipelining", "bosh")]
    [InlineData("xmpp4r", "bosh")]
    [InlineData("nbxmpp", "websocket")]
    public Task NativeClient_ThroughGateway_TalksBothWaysAndIsSeenToLeave(string client, string transport) => fixture.LoggedAsync(async () =>
    {
        await using var bob = await fixture.LogInAsync(DriverCatalog.Login("slixmpp", "tcp"), "prosody", "bob");
        await using var alice = await fixture.LogInAsync(DriverCatalog.Login(client, transport), "prosody", "alice");
        await PresenceAsync(bob, alice.Jid, "available");
        await PresenceAsync(alice, bob.Jid, "available");

        foreach (var text in Texts)
        {
            await alice.SendAsync(bob.Jid, text);
            await bob.MessageAsync(alice.Jid, text);
            await bob.SendAsync(alice.Jid, text);
            await alice.MessageAsync(bob.Jid, text);
        }

        string[] order = [.. Enumerable.Range(0, 20).Select(number => $"order {number}")];
        foreach (var text in order)
        {
            await alice.SendAsync(bob.Jid, text);
            await bob.SendAsync(alice.Jid, text);
        }

        foreach (var (reader, writer) in new[] { (bob, alice), (alice, bob) })
        {
            await reader.MessageAsync(writer.Jid, order[^1]);
            reader.Messages.Where(message => message.First == writer.Jid).Select(message => message.Body).ShouldBe([.. Texts, .. order], reader.Name);
            reader.Events.Where(line => line.Name == "error").ShouldBeEmpty(reader.Name);
        }

        await alice.DisconnectAsync();
        if (!Needs.Direct && client != "gloox-legacy")
        {
            // gloox and libpurple end without a presence, of which Prosody's own BOSH tells nobody. In legacy mode gloox 1.0.24
            // opens a connection for its goodbye and closes it without a word.
            await PresenceAsync(bob, alice.Jid, "unavailable");
        }
    });

    private static Task<DriverEvent> PresenceAsync(Driver reader, string from, string type) =>
        reader.WaitAsync(
            lines => lines.LastOrDefault(line => line.Name == "presence" && line.First == from && line.Second == type),
            $"presence {type} from {from}");
}
