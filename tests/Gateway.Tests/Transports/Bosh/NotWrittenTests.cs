using System.Net.Sockets;
using System.Text;
using Gateway.Core.Bosh;
using Gateway.TestKit;

namespace Gateway.Tests.Transports.Bosh;

/// <summary>Answers to connections that are over.</summary>
public sealed class NotWrittenTests
{
    [Fact]
    [Trait("Requirement", "BOSH-114")]
    public async Task Answer_ConnectionIsGoneAndItsInputNotReadToTheEnd_TheStanzaIsBounced()
    {
        var time = new ManualTimeProvider();
        await using var server = await BoshServer.StartAsync(options: new BoshOptions { MaxResponseBytes = 1 }, time: time);
        var (sid, backend) = await server.LogInAsync();
        var fills = backend.Fills;
        backend.Receive("<message id='d1' from='b@x' to='a@x'/><message id='d2' from='b@x' to='a@x'/>");
        await TestTimeout.UntilAsync(() => backend.Fills > fills && backend.IsReading);

        // It waits for the one before it, with the beginning of another behind it, and its client goes.
        using (var client = new TcpClient())
        {
            var taken = server.Taken;
            await client.ConnectAsync(server.Url.Host, server.Url.Port, TestContext.Current.CancellationToken);
            await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(RawHttp.Post(BoshServer.Request(sid, 104)) + "POST /"), TestContext.Current.CancellationToken);
            await TestTimeout.UntilAsync(() => server.Taken > taken);
            client.LingerState = new LingerOption(true, 0);
        }

        await TestTimeout.UntilAsync(() => server.LastInput!.IsTransportClosed);
        (await server.PostAsync(BoshServer.Request(sid, 103))).Body.ShouldContain("d1");

        // Its repeat is answered when all before it has been done.
        (await server.PostAsync(BoshServer.Request(sid, 103))).Body.ShouldContain("d1");
        time.Advance(TimeSpan.FromSeconds(91));
        await backend.ExpectAsync("<message type='error' to='b@x' from='a@x' id='d2'>");
        backend.Written.ShouldNotContain("id='d1'");
    }
}
