using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Gateway.Interop.Tests.Support;

namespace Gateway.Interop.Tests.Tsung;

/// <summary>The load generator of others: 20 users who log in, wait for answers and leave, by its own bookkeeping.</summary>
[Collection(InteropGroup.Name)]
public sealed partial class TsungTests(InteropFixture fixture)
{
    private static readonly TimeSpan RunTimeout = TimeSpan.FromSeconds(90);

    private static int Users => XmppServer.LoadUsers.Length;

    [Fact]
    public Task Tsung_OverBosh_EveryUserFinishes() => fixture.LoggedAsync(async () =>
    {
        var counts = await RunAsync("bosh");

        counts["tr_login"].ShouldBe(Users);
        counts["tr_echo"].ShouldBe(Users * 5);
        counts["tr_close"].ShouldBe(Users);
    });

    [Fact]
    public Task Tsung_OverWebSocket_EveryUserFinishes() => fixture.LoggedAsync(async () =>
    {
        var counts = await RunAsync("websocket");

        counts["websocket_succ"].ShouldBe(Users);
        counts["tr_login"].ShouldBe(Users);
        counts["tr_echo"].ShouldBe(Users * 5);
        counts["tr_close"].ShouldBe(Users);
        counts["match"].ShouldBe(Users * 8); // each answer that the scenario looks at: SASL, bind, five echoes, close
        counts.ShouldNotContainKey("nomatch");
    });

    private static string Encode(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    [GeneratedRegex(@"^stats: (?<name>\w+) (?<count>\d+) ", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Line();

    [GeneratedRegex(@"^stats: (?<name>\w+) \d+ (?<count>\d+)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex TotalLine();

    /// <summary>How often each event was counted over the whole run; no error among them, and every user came and went.</summary>
    private async Task<Dictionary<string, long>> RunAsync(string transport)
    {
        Needs.Tools("tsung", "epmd");
        var endpoint = fixture.Endpoint(transport, "prosody");
        var server = fixture.Server("prosody");
        var directory = fixture.Scratch($"tsung-{transport}");
        var users = Path.Combine(directory, "users.csv");
        await File.WriteAllLinesAsync(
            users, XmppServer.LoadUsers.Select(user => $"{user};{XmppServer.Password};{Encode($"\0{user}\0{XmppServer.Password}")}"));
        var scenario = Path.Combine(directory, "scenario.xml");
        var template = await File.ReadAllTextAsync(Path.Combine(Needs.NativeDirectory, "tsung", $"{transport}.xml"));
        await File.WriteAllTextAsync(scenario, template
            .Replace("@PORT@", endpoint.Port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("@PATH@", endpoint.AbsolutePath, StringComparison.Ordinal)
            .Replace("@DOMAIN@", server.Domain, StringComparison.Ordinal)
            .Replace("@COUNT@", Users.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("@USERS@", users, StringComparison.Ordinal));

        // Erlang's port mapper, which every node needs: left to itself it would be a daemon that outlives the test.
        var mapperPort = Loopback.FreePorts(1)[0].ToString(CultureInfo.InvariantCulture);
        var environment = new Dictionary<string, string?> { ["ERL_EPMD_PORT"] = mapperPort, ["ERL_EPMD_ADDRESS"] = "127.0.0.1", ["HOME"] = directory };
        await using var mapper = ServerProcess.Start("epmd", Needs.Find("epmd")!, [], directory, environment);
        await mapper.WaitUntilAsync(
            cancellation => Loopback.AcceptsAsync(int.Parse(mapperPort, CultureInfo.InvariantCulture), cancellation), "port mapper", RunTimeout);

        await using var tsung = ServerProcess.Start("tsung", Needs.Find("tsung")!, ["-f", scenario, "-l", directory, "start"], directory, environment);
        await tsung.WaitUntilAsync(_ => Task.FromResult(tsung.HasExited), "end of the run", RunTimeout);
        tsung.ExitCode.ShouldBe(0, tsung.Log());

        var log = await File.ReadAllTextAsync(Directory.EnumerateFiles(directory, "tsung.log", SearchOption.AllDirectories).Single());
        var counts = Counts(log);
        counts.Where(count => count.Key.StartsWith("error", StringComparison.Ordinal)).ShouldBeEmpty(log);
        counts["users_count"].ShouldBe(Users, log);
        counts["finish_users_count"].ShouldBe(Users, log);
        return counts;
    }

    /// <summary>
    /// A counter's line has its increment and its total; that of a transaction begins with how many there were in the interval.
    /// </summary>
    private static Dictionary<string, long> Counts(string log)
    {
        var counts = Line().Matches(log).Where(line => line.Groups["name"].Value.StartsWith("tr_", StringComparison.Ordinal))
            .GroupBy(line => line.Groups["name"].Value, line => long.Parse(line.Groups["count"].Value, CultureInfo.InvariantCulture), StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.Sum(), StringComparer.Ordinal);
        foreach (Match total in TotalLine().Matches(log))
        {
            counts[total.Groups["name"].Value] = long.Parse(total.Groups["count"].Value, CultureInfo.InvariantCulture);
        }

        return counts;
    }
}
