using Gateway.Core.Backend;
using Gateway.Core.Backend.Pools;
using Gateway.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Core.Tests.Backend.Pools;

public sealed class ServerPickerTests
{
    private static readonly ManualTimeProvider Time = new();

    [Fact]
    public void LeastSessions_CountsForEachWeight()
    {
        var servers = Servers((1, 3), (2, 4), (1, 2));

        Pick(LoadBalancing.LeastSessions, servers).ShouldBe("s1", "five for two are fewer than three for one");
        servers[1].Server.Enter();
        servers[1].Server.Enter();
        Pick(LoadBalancing.LeastSessions, servers).ShouldBe("s2");
    }

    [Fact]
    public void LeastSessions_WeightZero_OnlyWhenNobodyElseIsThere()
    {
        Pick(LoadBalancing.LeastSessions, Servers((0, 0), (1, 100))).ShouldBe("s1");
        Pick(LoadBalancing.LeastSessions, Servers((0, 3), (0, 2))).ShouldBe("s1");
    }

    [Fact]
    public void RoundRobin_FollowsTheWeightsWithoutBursts()
    {
        var servers = Servers((3, 0), (1, 0), (0, 0));

        string.Join(' ', Enumerable.Range(0, 8).Select(_ => Pick(LoadBalancing.RoundRobin, servers))).ShouldBe("s0 s0 s1 s0 s0 s0 s1 s0");
    }

    [Fact]
    public void RoundRobin_AllWeightsZero_IsEven()
    {
        var servers = Servers((0, 0), (0, 0));

        string.Join(' ', Enumerable.Range(0, 4).Select(_ => Pick(LoadBalancing.RoundRobin, servers))).ShouldBe("s0 s1 s0 s1");
    }

    [Theory]
    [InlineData(0, 0, "s1")] // drawn: 0 and 1
    [InlineData(1, 2, "s1")] // drawn: 1 and 3
    [InlineData(2, 0, "s2")] // drawn: 2 and 0
    [InlineData(3, 2, "s2")] // drawn: 3 and 2
    public void PowerOfTwoChoices_TakesTheLessLoadedOfTwoThatDiffer(int first, int second, string picked)
    {
        var servers = Servers((1, 9), (1, 1), (1, 3), (1, 5));
        var draws = new Queue<int>([first, second]);

        ServerPicker.Pick(LoadBalancing.PowerOfTwoChoices, servers, max => Math.Min(draws.Dequeue(), max)).Server.Address.Host.ShouldBe(picked);
    }

    [Fact]
    public void PowerOfTwoChoices_DrawsByWeight()
    {
        var servers = Servers((0, 0), (3, 0), (1, 0));
        var random = new Random(5);
        var counts = Enumerable.Range(0, 4000)
            .Select(_ => ServerPicker.Pick(LoadBalancing.PowerOfTwoChoices, servers, max => random.Next(max + 1)).Server.Address.Host)
            .CountBy(h => h).ToDictionary();

        // Idle servers: the heavier of the two that are always drawn.
        counts.ShouldBe(new Dictionary<string, int> { ["s1"] = 4000 });
    }

    [Fact]
    public void PowerOfTwoChoices_AsSessionsCome_SpreadsThemByWeight()
    {
        var servers = Servers((1, 0), (2, 0), (1, 0));
        var random = new Random(5);
        for (var i = 0; i < 4000; i++)
        {
            ServerPicker.Pick(LoadBalancing.PowerOfTwoChoices, servers, max => random.Next(max + 1)).Server.Enter();
        }

        servers.Select(s => s.Server.Sessions / 100).ShouldBe([10, 20, 10]);
    }

    private static string Pick(LoadBalancing policy, IReadOnlyList<BackendTarget> servers) =>
        ServerPicker.Pick(policy, servers, _ => 0).Server.Address.Host;

    private static BackendTarget[] Servers(params (int Weight, int Sessions)[] servers) =>
    [
        .. servers.Select((s, i) =>
        {
            var server = new BackendServer("b", new ServerKey(new BackendAddress($"s{i}", 5222), BackendSecurity.None), new BackendOptions(), new SessionCount(), _ => 0, Time, NullLogger.Instance);
            for (var n = 0; n < s.Sessions; n++)
            {
                server.Enter();
            }

            return new BackendTarget(server, 0, (ushort)s.Weight);
        }),
    ];
}
