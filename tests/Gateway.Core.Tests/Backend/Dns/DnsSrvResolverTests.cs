using System.Net;
using Gateway.Core.Backend.Dns;
using Gateway.TestKit;

namespace Gateway.Core.Tests.Backend.Dns;

public sealed class DnsSrvResolverTests
{
    private const string Service = "_xmpp-client._tcp";
    private const string Name = "_xmpp-client._tcp.example.com";

    private readonly ManualTimeProvider _time = new();
    private int _ids = 100;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Requirement", "DISC-024")]
    [Trait("Requirement", "DISC-039")]
    public async Task Find_Service_AsksForItWithTheIdDrawn()
    {
        await using var server = ScriptedDnsServer.Start();
        server[Name].Srv(5, 10, 5222, "a.example.net").Srv(1, 2, 5223, ".");

        var answer = await FindAsync(Resolver(server.Address));

        answer.Services.ShouldBe([new SrvRecord(5, 10, 5222, "a.example.net"), new SrvRecord(1, 2, 5223, "")]);
        var question = server.Questions.ShouldHaveSingleItem();
        (question.Name, question.Type, question.Id, question.IsTcp).ShouldBe((Name, (ushort)33, (ushort)101, false));
    }

    [Fact]
    [Trait("Requirement", "DISC-039")]
    public async Task Find_ManyNames_EachFromAnotherPort()
    {
        await using var server = ScriptedDnsServer.Start();
        var resolver = Resolver(server.Address);
        for (var i = 0; i < 20; i++)
        {
            await resolver.FindServiceAsync(Service, $"d{i}.example", Token).WithinAsync();
        }

        server.Questions.Select(q => q.Port).Distinct().Count().ShouldBeGreaterThan(10);
        server.Questions.Select(q => q.Id).Distinct().Count().ShouldBe(20);
    }

    [Fact]
    [Trait("Requirement", "DISC-039")]
    public async Task Find_ForgedAnswersFirst_AreNotTaken()
    {
        await using var server = ScriptedDnsServer.Start();
        server[Name].Srv(0, 0, 5222, "right");
        server.Udp = answer =>
        {
            byte[] wrongId = [.. answer], wrongName = [.. answer];
            wrongId[1]++;
            wrongName[14]++;
            return [wrongId, wrongName, "garbage"u8.ToArray(), [], answer];
        };

        (await FindAsync(Resolver(server.Address))).Services.ShouldHaveSingleItem().Target.ShouldBe("right");
    }

    [Fact]
    [Trait("Requirement", "DISC-036")]
    public async Task Find_Truncated_IsAskedOverTcp()
    {
        await using var server = ScriptedDnsServer.Start();
        for (ushort i = 0; i < 200; i++)
        {
            server[Name].Srv(i, 0, 5222, "a-rather-long-name-of-a-host.example.net");
        }

        server.Udp = answer => [ScriptedDnsServer.Truncate(answer)];

        (await FindAsync(Resolver(server.Address))).Services.Count.ShouldBe(200);
        server.Questions.Select(q => q.IsTcp).ShouldBe([false, true]);
    }

    [Fact]
    [Trait("Requirement", "DISC-030")]
    public async Task Find_ServerFailure_IsRetriedOnceAndThenNoAnswer()
    {
        await using var server = ScriptedDnsServer.Start();
        server.ResponseCode = 2;
        var resolver = Resolver(server.Address);

        (await FindAsync(resolver)).Outcome.ShouldBe(DnsOutcome.NoAnswer);
        server.Questions.Count.ShouldBe(2);
    }

    [Fact]
    [Trait("Requirement", "DISC-030")]
    public async Task Find_SilentServers_EachHasItsTimeTwice()
    {
        await using var one = ScriptedDnsServer.Start();
        await using var two = ScriptedDnsServer.Start();
        one.Udp = two.Udp = _ => [];
        var finding = Resolver(one.Address, two.Address).FindServiceAsync(Service, "example.com", Token).AsTask();
        for (var i = 1; i <= 4; i++)
        {
            await TestTimeout.UntilAsync(() => one.Questions.Count + two.Questions.Count == i && _time.ArmedTimers == 1);
            finding.IsCompleted.ShouldBeFalse();
            _time.Advance(DnsClient.TryTimeout);
        }

        (await finding.WithinAsync()).Outcome.ShouldBe(DnsOutcome.NoAnswer);
        (one.Questions.Count, two.Questions.Count, _time.ArmedTimers).ShouldBe((2, 2, 0));
    }

    [Fact]
    public async Task Find_FirstServerIsDead_TheSecondAnswersAndIsAskedFirstNextTime()
    {
        await using var dead = ScriptedDnsServer.Start();
        dead.ResponseCode = 5;
        await using var good = ScriptedDnsServer.Start();
        var resolver = Resolver(dead.Address, good.Address);

        (await FindAsync(resolver)).Outcome.ShouldBe(DnsOutcome.NoData);
        await resolver.FindServiceAsync(Service, "example.org", Token).WithinAsync();

        (dead.Questions.Count, good.Questions.Count).ShouldBe((1, 2));
    }

    [Theory]
    [InlineData(1u, 5)]
    [InlineData(60u, 60)]
    [InlineData(1_000_000u, 3600)]
    [Trait("Requirement", "DISC-034")]
    public async Task Find_Found_IsKeptForItsTimeWithinBounds(uint ttl, int seconds)
    {
        await using var server = ScriptedDnsServer.Start();
        server[Name].Srv(0, 0, 5222, "a", ttl);
        var resolver = Resolver(server.Address);

        await FindAsync(resolver);
        _time.Advance(TimeSpan.FromSeconds(seconds * 0.79));
        await FindAsync(resolver);
        server.Questions.Count.ShouldBe(1);
        _time.Advance(TimeSpan.FromSeconds((seconds * 0.21) + 0.1));
        await FindAsync(resolver);
        server.Questions.Count.ShouldBe(2);
    }

    [Fact]
    [Trait("Requirement", "DISC-034")]
    public async Task Find_NearTheEndOfItsTime_IsAskedForMeanwhileAndNobodyWaits()
    {
        await using var server = ScriptedDnsServer.Start();
        server[Name].Srv(0, 0, 5222, "a", 100);
        var resolver = Resolver(server.Address);
        await FindAsync(resolver);
        server[Name].Clear();
        server[Name].Srv(0, 0, 5222, "b", 100);
        _time.Advance(TimeSpan.FromSeconds(90));

        (await FindAsync(resolver)).Services.ShouldHaveSingleItem().Target.ShouldBe("a");
        await TestTimeout.UntilAsync(() => FindAsync(resolver).GetAwaiter().GetResult().Services[0].Target == "b");

        server.Questions.Count.ShouldBe(2);
    }

    [Fact]
    [Trait("Requirement", "DISC-034")]
    public async Task Find_NothingThere_IsKeptForHalfAMinute()
    {
        await using var server = ScriptedDnsServer.Start();

        await KeptForAsync(server, 30, questions: 1);
    }

    [Fact]
    public async Task Find_NoAnswer_IsKeptForAMomentOnly()
    {
        await using var server = ScriptedDnsServer.Start();
        server.ResponseCode = 2;

        await KeptForAsync(server, 5, questions: 2);
    }

    [Fact]
    [Trait("Requirement", "DISC-034")]
    public async Task Find_ManyAtOnce_OneQuestionAndWhoGivesUpLeavesTheOthers()
    {
        await using var server = ScriptedDnsServer.Start();
        server[Name].Srv(0, 0, 5222, "a");
        var go = new TaskCompletionSource();
        server.Udp = answer =>
        {
            go.Task.Wait(TestTimeout.Default).ShouldBeTrue();
            return [answer];
        };
        var resolver = Resolver(server.Address);
        using var giveUp = new CancellationTokenSource();
        var first = resolver.FindServiceAsync(Service, "example.com", giveUp.Token).AsTask();
        var others = Enumerable.Range(0, 20).Select(_ => resolver.FindServiceAsync(Service, "EXAMPLE.com", Token).AsTask()).ToArray();

        await giveUp.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(first.WithinAsync());
        go.SetResult();

        (await Task.WhenAll(others).WithinAsync()).ShouldAllBe(a => a.Services.Count == 1);
        server.Questions.Count.ShouldBe(1);
    }

    [Fact]
    [Trait("Requirement", "DISC-032")]
    public async Task FindAddresses_ServersNamed_AsksThemForBothFamilies()
    {
        await using var server = ScriptedDnsServer.Start();
        server["a.example.net"].Address("192.0.2.1").Address("2001:db8::1").Address("192.0.2.2");

        var addresses = await Resolver(server.Address).FindAddressesAsync("a.example.net", Token).WithinAsync();

        addresses.Addresses.ShouldBe([IPAddress.Parse("2001:db8::1"), IPAddress.Parse("192.0.2.1"), IPAddress.Parse("192.0.2.2")]);
    }

    [Fact]
    public async Task FindAddresses_LiteralsAndLocalhost_AskNobody()
    {
        await using var server = ScriptedDnsServer.Start();
        var resolver = Resolver(server.Address);

        (await resolver.FindAddressesAsync("192.0.2.1", Token).WithinAsync()).Addresses.ShouldBe([IPAddress.Parse("192.0.2.1")]);
        (await resolver.FindAddressesAsync("localhost", Token).WithinAsync()).Addresses.ShouldContain(IPAddress.Loopback);
        server.Questions.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(null, DnsOutcome.NoData)]
    [InlineData((byte)2, DnsOutcome.NoAnswer)]
    public async Task FindAddresses_None_SaysWhetherSomebodyAnswered(byte? responseCode, DnsOutcome outcome)
    {
        await using var server = ScriptedDnsServer.Start();
        server.ResponseCode = responseCode;

        var answer = await Resolver(server.Address).FindAddressesAsync("a.example.net", Token).WithinAsync();

        answer.Outcome.ShouldBe(outcome);
        answer.Addresses.ShouldBeEmpty();
        answer.Failure.ShouldBe(outcome == DnsOutcome.NoData ? null : $"no DNS server gave a usable answer: {server.Address}; 2 tries of 2 s each");
    }

    private DnsSrvResolver Resolver(params string[] servers) => new(new DnsOptions { Servers = servers }, _time, _ => Interlocked.Increment(ref _ids));

    private static Task<DnsAnswer> FindAsync(DnsSrvResolver resolver) => resolver.FindServiceAsync(Service, "example.com", Token).WithinAsync();

    private async Task KeptForAsync(ScriptedDnsServer server, int seconds, int questions)
    {
        var resolver = Resolver(server.Address);
        await FindAsync(resolver);
        _time.Advance(TimeSpan.FromSeconds(seconds - 0.1));
        await FindAsync(resolver);
        server.Questions.Count.ShouldBe(questions);
        _time.Advance(TimeSpan.FromSeconds(0.2));
        await FindAsync(resolver);
        server.Questions.Count.ShouldBe(questions * 2);
    }
}
