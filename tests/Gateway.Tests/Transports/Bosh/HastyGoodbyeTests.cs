using System.Text;
using Gateway.TestKit;

namespace Gateway.Tests.Transports.Bosh;

/// <summary>COMPAT: gloox 1.0 sends its terminating request and closes its connections in the same moment.</summary>
public sealed class HastyGoodbyeTests
{
    private const int Rounds = 400;

    [Fact]
    [Trait("Requirement", "BOSH-089")]
    public async Task Terminate_ConnectionsClosedAtOnce_EndsTheSession()
    {
        await using var server = await BoshServer.StartAsync();
        for (var round = 0; round < Rounds; round++)
        {
            var (sid, backend) = await server.LogInAsync();
            using var poll = await server.PostRawAsync(BoshServer.Request(sid, 103));
            using var goodbye = await server.PostRawAsync(BoshServer.Request(sid, 104, attributes: "type='terminate'"));
            goodbye.Client.Close();
            poll.Client.Close();
            await backend.ExpectAsync("</stream:stream>");
        }
    }

    [Fact]
    [Trait("Requirement", "BOSH-089")]
    public async Task Terminate_BehindAHeldRequestAndClosedAtOnce_EndsTheSession()
    {
        await using var server = await BoshServer.StartAsync();
        for (var round = 0; round < Rounds; round++)
        {
            var (sid, backend) = await server.LogInAsync();
            using var connection = await server.PostRawAsync(BoshServer.Request(sid, 103));
            await connection.GetStream().WriteAsync(Encoding.UTF8.GetBytes(RawHttp.Post(BoshServer.Request(sid, 104, attributes: "type='terminate'"))), TestContext.Current.CancellationToken);
            connection.Client.Close();
            await backend.ExpectAsync("</stream:stream>");
        }
    }

    [Fact]
    [Trait("Requirement", "BOSH-058")]
    public async Task HeldRequest_ConnectionClosedBehindIt_IsNotHeldAnyMore()
    {
        await using var server = await BoshServer.StartAsync();
        var (sid, _) = await server.LogInAsync();
        using (await server.PostRawAsync(BoshServer.Request(sid, 103)))
        {
            await TestTimeout.UntilAsync(() => server.HeldRequests == 1);
        }

        await TestTimeout.UntilAsync(() => server.HeldRequests == 0);
    }
}
