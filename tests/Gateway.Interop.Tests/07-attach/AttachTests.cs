using System.Globalization;
using Gateway.Interop.Tests.Support;

namespace Gateway.Interop.Tests.Attach;

/// <summary>A BOSH session is its sid and the next rid, whoever has them: opened by one process, gone on with by another.</summary>
[Collection(InteropGroup.Name)]
public sealed class AttachTests(InteropFixture fixture)
{
    [Theory]
    [InlineData("strophe5", "prosody")]
    [InlineData("strophe16", "ejabberd")]
    [InlineData("strophe12", "prosody")]
    public Task Session_OpenedByHand_GoesOnInStrophe(string client, string server) => fixture.LoggedAsync(async () =>
    {
        var login = DriverCatalog.Login(client, "bosh");
        await using var peer = await fixture.LogInAsync(DriverCatalog.Login("slixmpp", "tcp"), server);
        using var prebind = new Prebind(fixture.Endpoint("bosh", server), fixture.Server(server).Domain);
        var jid = await prebind.OpenAsync(login.Account, XmppServer.Password, "prebound");

        await using var strophe = await AttachAsync(login, server, "prebound", prebind.Sid, prebind.Rid.ToString(CultureInfo.InvariantCulture));

        strophe.Jid.ShouldBe(jid);
        await ExchangeAsync(strophe, peer, "after attach");
        await strophe.DisconnectAsync();
    });

    [Theory]
    [InlineData("strophe5", "prosody")]
    [InlineData("strophe16", "ejabberd")]
    [InlineData("strophe12", "prosody")]
    [Trait("Requirement", "BOSH-058")]
    public Task Session_OfAnotherProcess_IsTakenOverWithWhatCameBetween(string client, string server) => fixture.LoggedAsync(async () =>
    {
        var login = DriverCatalog.Login(client, "bosh");
        await using var peer = await fixture.LogInAsync(DriverCatalog.Login("slixmpp", "tcp"), server);
        await using var first = await fixture.LogInAsync(login, server);
        await ExchangeAsync(first, peer, "before");

        var (sid, rid) = await first.HandOverAsync();
        await peer.SendAsync(first.Jid, "between");
        await using var second = await AttachAsync(login, server, first.Name, sid, rid);

        second.Jid.ShouldBe(first.Jid);
        await second.MessageAsync(peer.Jid, "between");
        await ExchangeAsync(second, peer, "after");
        second.Messages.Select(message => message.Body).ShouldBe(["between", "after"]);
        peer.Messages.Select(message => message.Body).ShouldBe(["before", "after"]);
        await second.DisconnectAsync();
    });

    private Task<Driver> AttachAsync(DriverLogin login, string server, string resource, string sid, string rid) =>
        fixture.LogInAsync(login, server, more: new Dictionary<string, string?>
        {
            ["XMPP_RESOURCE"] = resource,
            ["XMPP_SID"] = sid,
            ["XMPP_RID"] = rid,
        });

    private static async Task ExchangeAsync(Driver client, Driver peer, string text)
    {
        await client.SendAsync(peer.Jid, text);
        await peer.MessageAsync(client.Jid, text);
        await peer.SendAsync(client.Jid, text);
        await client.MessageAsync(peer.Jid, text);
    }
}
