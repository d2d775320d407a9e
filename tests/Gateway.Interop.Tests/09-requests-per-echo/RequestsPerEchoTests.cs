using System.Globalization;
using Gateway.Interop.Tests.Support;

namespace Gateway.Interop.Tests.RequestsPerEcho;

/// <summary>A conversation over BOSH, one message at a time, and what it costs in requests.</summary>
[Collection(InteropGroup.Name)]
public sealed class RequestsPerEchoTests(InteropFixture fixture)
{
    private const int Echoes = 15;

    /// <summary>One on a quiet machine, which the output tells; where the answer takes longer than the gateway's grace, the poll goes back empty and it is two.</summary>
    private const double Bound = 2.1;

    /// <summary>
    /// Without a pause the next message is the poll for its own answer. After one the client polls already when it writes: the
    /// gateway waits a moment for the answer, which then leaves on the poll, and the request with the message is the next poll.
    /// </summary>
    [Theory]
    [InlineData("strophe5", "prosody", 0)]
    [InlineData("strophe5", "prosody", 300)]
    public Task MessageAtATime_OverBosh_TakesFewRequests(string client, string server, int pauseMilliseconds) => fixture.LoggedAsync(async () =>
    {
        await using var relay = new FaultRelay(fixture.Endpoint("bosh", server));
        await using var peer = await fixture.LogInAsync(DriverCatalog.Login("slixmpp", "tcp"), server);
        await using var strophe = await fixture.LogInAsync(DriverCatalog.Login(client, "bosh"), server, through: relay.Url);
        await EchoAsync(strophe, peer, "warm");

        var before = relay.Requests;
        for (var number = 0; number < Echoes; number++)
        {
            await Task.Delay(pauseMilliseconds, TestContext.Current.CancellationToken); // what people do, and longer than strophe.js waits to poll
            await EchoAsync(strophe, peer, string.Create(CultureInfo.InvariantCulture, $"echo {number}"));
        }

        var each = (relay.Requests - before) / (double)Echoes;
        TestContext.Current.TestOutputHelper?.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"{each:0.00} requests per echo, {client} to {server}, {pauseMilliseconds} ms between echoes"));
        each.ShouldBeLessThan(Bound);
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
