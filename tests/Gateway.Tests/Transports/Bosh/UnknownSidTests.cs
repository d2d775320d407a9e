using System.Buffers.Binary;
using System.Net;
using Gateway.Core.Sessions;
using Gateway.TestKit;
using Gateway.Transports.Bosh;

namespace Gateway.Tests.Transports.Bosh;

/// <summary>EDGE-033: who guesses sids.</summary>
public sealed class UnknownSidTests
{
    private const string Unknown = "kTq0cK7mVw2sE1xYb8RzJQ";

    [Fact]
    [Trait("Requirement", "EDGE-033")]
    [Trait("Requirement", "BOSH-095")]
    [Trait("Requirement", "BOSH-123")]
    [Trait("Requirement", "EDGE-049")]
    public async Task UnknownSids_AboveTheLimitOfAnAddress_Are429WhileLiveSessionsGoOn()
    {
        var time = new ManualTimeProvider();
        await using var server = await BoshServer.StartAsync(time: time);
        var sid = await server.CreateAsync();
        using var guesser = await RawHttp.ConnectAsync(server.Url);
        time.Advance(TimeSpan.FromSeconds(1));
        for (var i = 0; i < 300; i++)
        {
            await guesser.SendAsync(RawHttp.Post(BoshServer.Request(Unknown, i + 1)));
            (await guesser.ReadAsync()).Body.ShouldBe(BoshServer.ItemNotFound);
        }

        time.Advance(TimeSpan.FromSeconds(20));
        foreach (var body in (string[])[BoshServer.Request(Unknown, 1), BoshServer.Creation, "no body at all"])
        {
            await guesser.SendAsync(RawHttp.Post(body, "Origin: https://a.example\r\n"));
            var refused = await guesser.ReadAsync();
            refused.Status.ShouldBe(429);
            refused.Bytes.ShouldBeEmpty();
            refused.Fields["Retry-After"].ShouldBe(["40"]);
            refused.Fields["Access-Control-Allow-Origin"].ShouldBe(["*"]);
        }

        // Another address, and a session that lives.
        using var other = await RawHttp.ConnectAsync(server.Url, from: IPAddress.Parse("127.0.0.2"));
        await other.SendAsync(RawHttp.Post(BoshServer.Request(Unknown, 1)));
        (await other.ReadAsync()).Body.ShouldBe(BoshServer.ItemNotFound);
        await guesser.SendAsync(RawHttp.Post(BoshServer.Request(sid, 101, attributes: "type='terminate'")));
        (await guesser.ReadAsync()).Body.ShouldBe($"<body type='terminate' {BoshServer.Ns}/>");

        time.Advance(TimeSpan.FromSeconds(40));
        await guesser.SendAsync(RawHttp.Post(BoshServer.Request(Unknown, 1)));
        (await guesser.ReadAsync()).Body.ShouldBe(BoshServer.ItemNotFound);
    }

    [Fact]
    [Trait("Requirement", "EDGE-033")]
    public async Task OtherRequestsWithoutASession_DoNotCount()
    {
        await using var server = await BoshServer.StartAsync(time: new ManualTimeProvider());
        using var client = await RawHttp.ConnectAsync(server.Url);
        for (var i = 0; i < 301; i++)
        {
            await client.SendAsync(RawHttp.Post("no body at all"));
            (await client.ReadAsync()).Body.ShouldBe(BoshServer.BadRequest);
        }
    }

    [Theory]
    [InlineData(3, 3)]
    [InlineData(0, 400)]
    [Trait("Requirement", "EDGE-033")]
    public async Task UnknownSids_LimitOfTheOperator_IsTheOneThatHolds(int limit, int answered)
    {
        await using var server = await BoshServer.StartAsync(time: new ManualTimeProvider(), limits: new SessionLimits { UnknownSidsPerMinutePerAddress = limit });
        using var guesser = await RawHttp.ConnectAsync(server.Url);
        for (var i = 1; i <= answered; i++)
        {
            await guesser.SendAsync(RawHttp.Post(BoshServer.Request(Unknown, i)));
            (await guesser.ReadAsync()).Body.ShouldBe(BoshServer.ItemNotFound);
        }

        await guesser.SendAsync(RawHttp.Post(BoshServer.Request(Unknown, 1)));
        (await guesser.ReadAsync()).Status.ShouldBe(limit == 0 ? 200 : 429);
    }

    [Fact]
    [Trait("Requirement", "EDGE-033")]
    public void ManyNetworksThatGuess_CloseTheDoorToNobodyElsesCreation()
    {
        var limit = new UnknownSidLimit(2, new ManualTimeProvider());
        var context = new DefaultHttpContext();
        var address = new byte[16];
        for (var network = 0; network < 1 << 18; network++)
        {
            // A /46 has so many /64s: each place is met more often than its limit.
            BinaryPrimitives.WriteInt32BigEndian(address.AsSpan(4), network);
            context.Connection.RemoteIpAddress = new IPAddress(address);
            limit.Refuses(context, isUnknown: true);
        }

        context.Connection.RemoteIpAddress = IPAddress.Parse("192.0.2.7");
        limit.Refuses(context, isUnknown: true)!.Value.Status.ShouldBe(429);
        limit.Refuses(context, isUnknown: false).ShouldBeNull();
    }

    [Fact]
    [Trait("Requirement", "EDGE-033")]
    public void AddressThatGuesses_OfTheWholeRangeOfTheLimit_IsRefusedItsCreation()
    {
        const int Most = 1_000_000;
        var time = new ManualTimeProvider();
        var limit = new UnknownSidLimit(Most, time);
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = IPAddress.Parse("2001:db8::1");
        time.Advance(TimeSpan.FromDays(4000));
        for (var i = 0; i < Most; i++)
        {
            limit.Refuses(context, isUnknown: true).ShouldBeNull();
        }

        context.Connection.RemoteIpAddress = IPAddress.Parse("2001:db8::2"); // the same /64
        limit.Refuses(context, isUnknown: false)!.Value.Status.ShouldBe(429);
        time.Advance(TimeSpan.FromSeconds(60));
        limit.Refuses(context, isUnknown: true).ShouldBeNull();
    }
}
