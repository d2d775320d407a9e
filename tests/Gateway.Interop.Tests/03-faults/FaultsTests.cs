using System.Globalization;
using Gateway.Interop.Tests.Support;

namespace Gateway.Interop.Tests.Faults;

/// <summary>A network and proxies that break what passes, and BOSH clients that repeat their requests: nothing lost, nothing doubled.</summary>
[Collection(InteropGroup.Name)]
public sealed class FaultsTests(InteropFixture fixture)
{
    private const int Batch = 5;

    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(30);

    /// <summary>Those that repeat a request. node-xmpp-client gives it a new rid, or ends the session: no gateway can help it.</summary>
    private static readonly string[] Clients = ["strophe5", "strophe16", "strophe12", "stanza"];

    [Theory]
    [InlineData(Fault.AnswerLost, 1, "prosody")]
    [InlineData(Fault.AnswerLost, 2, "ejabberd")]
    [InlineData(Fault.RequestSwallowed, 1, "prosody")]
    [InlineData(Fault.BadGateway, 1, "ejabberd")]
    [InlineData(Fault.ServiceUnavailable, 1, "prosody")]
    [InlineData(Fault.Delayed, 1, "ejabberd")]
    [InlineData(Fault.SentTwice, 2, "prosody")]
    [InlineData(Fault.AllCut, 1, "ejabberd")]
    [Trait("Requirement", "BOSH-065")]
    [Trait("Requirement", "BOSH-068")]
    public Task BrokenRequests_Repeated_LoseAndDoubleNothing(Fault fault, int inARow, string server) => fixture.LoggedAsync(async () =>
    {
        await using var peer = await fixture.LogInAsync(DriverCatalog.Login("slixmpp", "tcp"), server);
        var faults = await Task.WhenAll(Clients.Select(client => TalkAsync(client, peer, fault, inARow, server)));
        faults.SelectMany(found => found).ShouldBeEmpty();
    });

    /// <summary>The session before, during and after the fault; what was wrong with it.</summary>
    private async Task<IReadOnlyList<string>> TalkAsync(string library, Driver peer, Fault fault, int inARow, string server)
    {
        await using var relay = new FaultRelay(fixture.Endpoint("bosh", server));
        await using var client = await fixture.LogInAsync(DriverCatalog.Login(library, "bosh"), server, through: relay.Url);
        var texts = new List<string>();
        try
        {
            await ExchangeAsync(client, peer, texts);
            for (var number = 0; number < inARow; number++)
            {
                relay.Next(fault);
            }

            await ExchangeAsync(client, peer, texts);
            await ExchangeAsync(client, peer, texts);
            relay.Faults.ShouldBe(inARow);
            await client.DisconnectAsync();
        }
        catch (Exception failure) when (failure is TimeoutException or ShouldAssertException)
        {
            return [$"{library}: {failure.Message}"];
        }

        return
        [
            .. Difference($"{library} to the peer", peer, client, texts),
            .. Difference($"the peer to {library}", client, peer, texts),
        ];
    }

    private static async Task ExchangeAsync(Driver client, Driver peer, List<string> texts)
    {
        for (var number = 0; number < Batch; number++)
        {
            var text = string.Create(CultureInfo.InvariantCulture, $"{client.Name} {texts.Count}");
            texts.Add(text);
            await client.SendAsync(peer.Jid, text);
            await peer.SendAsync(client.Jid, text);
        }

        await Task.WhenAll(Here(peer, client), Here(client, peer));

        Task Here(Driver to, Driver from) => to.WaitAsync(
            lines => texts.Except(lines.Where(line => line.Name == "message" && line.First == from.Jid).Select(line => line.Body)).Any() ? null : lines[^1], "last message", Recovery);
    }

    private static IEnumerable<string> Difference(string what, Driver to, Driver from, List<string> texts)
    {
        var arrived = to.Messages.Where(message => message.First == from.Jid).Select(message => message.Body).ToArray();

        // stanza takes answers as they come, and a repeated one comes after its younger.
        var isThere = what.StartsWith("the peer to stanza", StringComparison.Ordinal) ? arrived.Order().SequenceEqual(texts.Order()) : arrived.SequenceEqual(texts);
        if (!isThere)
        {
            yield return $"{what}: {string.Join(", ", arrived)} instead of {string.Join(", ", texts)}";
        }
    }
}
