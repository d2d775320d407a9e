using System.Globalization;
using Gateway.Interop.Tests.Support;

namespace Gateway.Interop.Tests.StropheReload;

/// <summary>
/// A BOSH session outlives the page that opened it: in the same tab after a reload, or in another page. The messages come when the
/// gateway knows that nobody waits: what it answers to a page that is about to go is lost with the page, for strophe.js sends no `ack`.
/// The page goes while its poll is held: a request that it counts and that never leaves it is a gap, which nobody fills (BOSH-063).
/// </summary>
[Collection(InteropGroup.Name)]
public sealed class StropheReloadTests(InteropFixture fixture, ChromiumFixture chromium)
{
    private const int Messages = 40;

    private static readonly object KeepAlive = new { keepalive = true };

    [Theory]
    [InlineData("strophe5", "prosody")]
    [InlineData("strophe16", "prosody")]
    [InlineData("strophe12", "prosody")]
    [InlineData("strophe5", "ejabberd")]
    [Trait("Requirement", "BOSH-058")]
    public Task Restore_AfterReload_LosesAndDoublesNothing(string library, string server) =>
        InASessionAsync(library, server, async (page, peer) =>
        {
            await page.ReloadAsync(async () =>
            {
                await fixture.HoldsAsync(0);
                await SendAsync(peer, page, "meanwhile");
            });
            await page.UseAsync(fixture.Endpoint("bosh", server), KeepAlive);
            await page.RestoreAsync();
            return (page, ["before", "meanwhile"]);
        });

    [Theory]
    [InlineData("strophe5", "prosody")]
    [InlineData("strophe16", "prosody")]
    [InlineData("strophe12", "prosody")]
    [InlineData("strophe5", "ejabberd")]
    [Trait("Requirement", "BOSH-058")]
    public Task Attach_OfAnotherPage_LosesAndDoublesNothing(string library, string server) =>
        InASessionAsync(library, server, async (page, peer) =>
        {
            var other = await StrophePage.OpenAsync(page.Page.Context, chromium, library);
            await other.UseAsync(fixture.Endpoint("bosh", server));
            var (sid, rid) = await page.HandOverAsync();
            await fixture.HoldsAsync(0);
            await SendAsync(peer, page, "meanwhile");
            await other.AttachAsync(page.Jid, sid, rid);
            return (other, ["meanwhile"]);
        });

    private Task InASessionAsync(string library, string server, Func<StrophePage, Driver, Task<(StrophePage Page, string[] Told)>> move) =>
        fixture.LoggedAsync(() => chromium.WithContextAsync(async context =>
        {
            await using var peer = await fixture.LogInAsync(DriverCatalog.Login("slixmpp", "tcp"), server, user: "carol");
            var page = await StrophePage.OpenAsync(context, chromium, library);
            await page.LogInAsync(fixture.Endpoint("bosh", server), $"alice@{fixture.Server(server).Domain}/{library}", KeepAlive);
            await SendAsync(peer, page, "before");
            await page.ReadsAsync(peer.Jid, Text("before", Messages - 1));
            await fixture.HoldsAsync(1);

            var (after, told) = await move(page, peer);
            await after.SendAsync(peer.Jid, "here again");
            await peer.MessageAsync(page.Jid, "here again");
            await peer.SendAsync(page.Jid, "last");
            await after.ReadsAsync(peer.Jid, "last");
            (await after.MessagesAsync()).Select(message => message.Body).ShouldBe(
                [.. from when in told from number in Enumerable.Range(0, Messages) select Text(when, number), "last"]);
            await after.DisconnectAsync();
        }));

    private static string Text(string when, int number) => string.Create(CultureInfo.InvariantCulture, $"{when} {number}");

    private static async Task SendAsync(Driver peer, StrophePage page, string when)
    {
        for (var number = 0; number < Messages; number++)
        {
            await peer.SendAsync(page.Jid, Text(when, number));
        }
    }
}
