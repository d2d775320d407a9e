using System.Globalization;
using Gateway.Interop.Tests.Support;

namespace Gateway.Interop.Tests.RequestsPerEcho;

/// <summary>A conversation over BOSH, one message at a time, and what it costs in requests.</summary>
[Collection(InteropGroup.Name)]
public sealed class RequestsPerEchoTests(InteropFixture fixture)
{
    private const int Echoes = 20;

    /// <summary>One with the message and one to wait for the answer, and what comes of a poll that ran out meanwhile.</summary>
    private const double Bound = 2.1;

    [Theory]
    [InlineData("strophe5", "prosody")]
    [InlineData("strophe5", "ejabberd")]
    public Task MessageAtATime_OverBosh_TakesFewRequests(string client, string server) => fixture.LoggedAsync(async () =>
    {
        await using var relay = new FaultRelay(fixture.Endpoint("bosh", server));
        await using var peer = await fixture.LogInAsync(DriverCatalog.Login("slixmpp", "tcp"), server);
        await using var strophe = await fixture.LogInAsync(DriverCatalog.Login(client, "bosh"), server, through: relay.Url);
        await EchoAsync(strophe, peer, "warm");

        var before = relay.Requests;
        for (var number = 0; number < Echoes; number++)
        {
            await EchoAsync(strophe, peer, string.Create(CultureInfo.InvariantCulture, $"echo {number}"));
        }

        var each = (relay.Requests - before) / (double)Echoes;
        TestContext.Current.TestOutputHelper?.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"{each:0.00} requests per echo, {client} to {server}"));
        each.ShouldBeLessThanOrEqualTo(Bound);
        await strophe.DisconnectAsync();
    });

    private static async Task EchoAsync(Driver strophe, Driver peer, string text)
    {
        await strophe.SendAsync(peer.Jid, text);
        await peer.MessageAsync(strophe.Jid, text);
        await peer.SendAsync(strophe.Jid, text);
        await strophe.MessageAsync(peer.Jid, text);
    }
}
