using System.Globalization;
using Gateway.Interop.Tests.Support;
using Microsoft.Playwright;

namespace Gateway.Interop.Tests.ClosedTab;

/// <summary>
/// A tab that is closed says nothing: over WebSocket the browser closes the connection, over BOSH only inactivity tells. Chromium lets
/// no synchronous request out of a page that goes, so strophe's way of an unload handler comes to the same.
/// </summary>
[Collection(InteropGroup.Name)]
public sealed class ClosedTabTests(InteropFixture fixture, ChromiumFixture chromium)
{
    private static readonly string[] Libraries = ["strophe5", "strophe16", "strophe12"];

    [Fact]
    [Trait("Requirement", "BOSH-078")]
    public Task Tab_ClosedWithoutAGoodbye_IsSeenLeavingOnce() => fixture.LoggedAsync(() => chromium.WithContextAsync(async context =>
    {
        string[] servers = ["prosody", "ejabberd"];
        await using var gateway = await fixture.StartGatewayAsync(servers, "--Gateway:Bosh:Inactivity=00:00:10");
        try
        {
            await Task.WhenAll(servers.Select(server => AllLeaveAsync(context, gateway, server)));
        }
        catch
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"--- gateway\n{gateway.Process.Log()}");
            throw;
        }
    }));

    private async Task AllLeaveAsync(IBrowserContext context, GatewayProcess gateway, string server)
    {
        await using var peer = await fixture.LogInAsync(DriverCatalog.Login("slixmpp", "tcp"), server, user: "carol");
        var pages = await Task.WhenAll(
            (server == "prosody" ? Libraries : ["strophe5"]).SelectMany(library => new[]
            {
                OpenAsync(library, "bosh", "closed"), OpenAsync(library, "bosh", "unloaded"), OpenAsync(library, "websocket", "closed"),
            }));
        await Task.WhenAll(pages.Select(page => Seen(page, "available")));
        await Task.WhenAll(pages.Select(LeaveAsync));
        await Task.WhenAll(pages.Select(page => Seen(page, "unavailable")));

        // What the server said twice would lie before this in the order of the peer's stream.
        await peer.SendAsync(peer.Jid, "last");
        await peer.MessageAsync(peer.Jid, "last");
        pages.Select(page => string.Create(CultureInfo.InvariantCulture, $"{peer.Events.Count(line => Is(line, page, "unavailable"))} of {page.Jid}"))
            .ShouldBe(pages.Select(page => $"1 of {page.Jid}"));

        async Task<StrophePage> OpenAsync(string library, string transport, string how)
        {
            var page = await StrophePage.OpenAsync(context, chromium, library);
            await page.LogInAsync(gateway.Endpoint(transport), $"alice@{fixture.Server(server).Domain}/{library}-{transport}-{how}");
            return page;
        }

        Task<DriverEvent> Seen(StrophePage page, string type) =>
            peer.WaitAsync(lines => lines.FirstOrDefault(line => Is(line, page, type)), $"{type} of {page.Jid}");
    }

    private static async Task LeaveAsync(StrophePage page)
    {
        if (page.Jid.EndsWith("unloaded", StringComparison.Ordinal))
        {
            await page.Page.EvaluateAsync("session.leaveWithThePage()");
            await page.Page.GotoAsync("about:blank");
        }

        await page.Page.CloseAsync();
    }

    private static bool Is(DriverEvent line, StrophePage page, string type) =>
        line.Name == "presence" && line.First == page.Jid && line.Second == type;
}
