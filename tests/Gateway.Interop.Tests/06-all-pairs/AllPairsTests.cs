using Gateway.Interop.Tests.Support;

namespace Gateway.Interop.Tests.AllPairs;

/// <summary>Every client library, logged in at the same time, writes to every other through the gateway.</summary>
[Collection(InteropGroup.Name)]
public sealed class AllPairsTests(InteropFixture fixture)
{
    /// <summary>Markup, quotes, white space at both ends and within, CJK, astral, emoji with joiners, combining, right to left.</summary>
    private const string Awkward =
        " \t&lt; is not < & > nor &amp; \"double\" 'single' ]]>\n\n\u4F60\u597D \U00010348 \U0001F469\u200D\U0001F680 e\u0301 o\u0308\u0323 \u05E9\u05DC\u05D5\u05DD\tend \n ";

    private static readonly TimeSpan Arrival = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("prosody")]
    [InlineData("ejabberd")]
    [InlineData("jabberd2")]
    [Trait("Requirement", "BOSH-024")]
    public Task EveryClient_WritesToEveryOther_ArrivesOnceAndExact(string server) => fixture.LoggedAsync(async () =>
    {
        var drivers = await fixture.LogInAllAsync(DriverCatalog.Logins, server);
        try
        {
            await Task.WhenAll(drivers.Select(from => WriteToAllAsync(from, drivers)));
            await Task.WhenAll(drivers.Select(to => AllHereAsync(to, drivers)));

            // What was doubled would lie before this in the order of its stream.
            var native = drivers.Single(driver => driver.Name.StartsWith("slixmpp", StringComparison.Ordinal));
            await Task.WhenAll(drivers.Select(to => native.SendAsync(to.Jid, "last")));
            await Task.WhenAll(drivers.Select(to => to.MessageAsync(native.Jid, "last")));

            drivers.SelectMany(to => Faults(to, drivers)).ShouldBeEmpty();
            await Task.WhenAll(drivers.Select(driver => driver.DisconnectAsync()));
        }
        finally
        {
            await Task.WhenAll(drivers.Select(driver => driver.DisposeAsync().AsTask()));
        }
    });

    private static string Text(Driver from, Driver to) => $"{Awkward}{from.Jid} to {to.Jid}{Awkward}";

    private static async Task WriteToAllAsync(Driver from, Driver[] drivers)
    {
        foreach (var to in drivers.Where(to => to != from))
        {
            await from.SendAsync(to.Jid, Text(from, to));
        }
    }

    /// <summary>Waits for as many as there should be; which they are is looked at later, for all at once.</summary>
    private static async Task AllHereAsync(Driver to, Driver[] drivers)
    {
        try
        {
            await to.WaitAsync(lines => lines.Count(line => line.Name == "message") >= drivers.Length - 1 ? lines : null, "messages", Arrival);
        }
        catch (TimeoutException)
        {
        }
    }

    private static IEnumerable<string> Faults(Driver to, Driver[] drivers)
    {
        foreach (var from in drivers.Where(from => from != to))
        {
            var bodies = to.Messages.Where(message => message.First == from.Jid && message.Body != "last").Select(message => message.Body).ToArray();
            if (bodies is not [var body] || body != Text(from, to))
            {
                yield return $"{from.Name} to {to.Name}: {bodies.Length} arrived: {string.Join(" | ", bodies)}";
            }
        }

        foreach (var error in to.Events.Where(line => line.Name == "error"))
        {
            yield return $"{to.Name}: {error.First}";
        }
    }
}
