namespace Gateway.Tests.Transports.Bosh;

/// <summary>COMPAT: gloox 1.0 sends its terminating request and closes its connections in the same moment.</summary>
[Trait("Requirement", "BOSH-089")]
public sealed class HastyGoodbyeTests
{
    [Fact]
    public async Task Terminate_ConnectionsClosedAtOnce_EndsTheSession()
    {
        await using var server = await BoshServer.StartAsync();
        for (var round = 0; round < 20; round++)
        {
            var (sid, backend) = await server.LogInAsync();
            using var poll = await server.PostRawAsync(BoshServer.Request(sid, 103));
            using var goodbye = await server.PostRawAsync(BoshServer.Request(sid, 104, attributes: "type='terminate'"));
            goodbye.Client.Close();
            poll.Client.Close();
            await backend.ExpectAsync("</stream:stream>");
        }
    }
}
