using System.Globalization;
using Gateway.Interop.Tests.Support;

namespace Gateway.Interop.Tests.Goodbye;

/// <summary>
/// However a client goes, its contacts see it leave, once. stanza, gloox and libpurple end a BOSH session without a presence:
/// only the end of the stream to the server tells.
/// </summary>
[Collection(InteropGroup.Name)]
public sealed class GoodbyeTests(InteropFixture fixture)
{
    /// <summary>Those that turn on stream management (XEP-0198): the server keeps their session for a while, which is its purpose.</summary>
    private static readonly string[] Resuming = ["xmppjs", "stanza"];

    [Theory]
    [InlineData("prosody")]
    [InlineData("ejabberd")]
    [Trait("Requirement", "BOSH-089")]
    [Trait("Requirement", "WS-046")]
    public Task CleanDisconnect_OfEveryClient_IsSeenOnce(string server) => fixture.LoggedAsync(async () =>
    {
        if (Needs.Direct)
        {
            Assert.Skip("Prosody 0.12.3 tells nobody that a BOSH client left without a presence: the gateway has to do better");
        }

        await AllLeaveAsync(server, Clients, null, driver => driver.DisconnectAsync());
    });

    /// <summary>Both servers at once: what takes its time is the inactivity of BOSH, of which this is the shortest.</summary>
    [Fact]
    [Trait("Requirement", "WS-048")]
    public Task Vanishing_OfEveryClient_IsSeenOnce() => fixture.LoggedAsync(async () =>
    {
        string[] servers = ["prosody", "ejabberd"];
        await using var gateway = await fixture.StartGatewayAsync(servers, "--Gateway:Bosh:Inactivity=00:00:10");
        var clients = Clients.Where(login => !Resuming.Contains(login.Entry.Name)).ToArray();
        await Task.WhenAll(servers.Select(server => AllLeaveAsync(server, clients, gateway.Endpoint, driver => driver.VanishAsync())));
    });

    private static IEnumerable<DriverLogin> Clients => DriverCatalog.Logins.Where(login => login.Transport != "tcp");

    private async Task AllLeaveAsync(string server, IEnumerable<DriverLogin> logins, Func<string, Uri>? through, Func<Driver, Task> leave)
    {
        await using var peer = await fixture.LogInAsync(DriverCatalog.Login("slixmpp", "tcp"), server, user: "carol");
        var drivers = await fixture.LogInAllAsync(logins, server, user: "alice", through);
        try
        {
            await Task.WhenAll(drivers.Select(driver => Seen(driver, "available")));
            await Task.WhenAll(drivers.Select(leave));
            await Task.WhenAll(drivers.Select(driver => Seen(driver, "unavailable")));

            // What the server said twice would lie before this in the order of the peer's stream.
            await peer.SendAsync(peer.Jid, "last");
            await peer.MessageAsync(peer.Jid, "last");
            drivers.Select(driver => string.Create(CultureInfo.InvariantCulture, $"{Count(driver, "unavailable")} of {driver.Name}"))
                .ShouldBe(drivers.Select(driver => $"1 of {driver.Name}"));
        }
        finally
        {
            await Task.WhenAll(drivers.Select(driver => driver.DisposeAsync().AsTask()));
        }

        Task Seen(Driver driver, string type) => peer.WaitAsync(
            lines => lines.FirstOrDefault(line => line.Name == "presence" && line.First == driver.Jid && line.Second == type), $"{type} of {driver.Name}");

        int Count(Driver driver, string type) =>
            peer.Events.Count(line => line.Name == "presence" && line.First == driver.Jid && line.Second == type);
    }
}
