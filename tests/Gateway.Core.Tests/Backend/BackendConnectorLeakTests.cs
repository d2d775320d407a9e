using System.Net.Sockets;
using Gateway.Core.Backend;
using Gateway.Core.Sessions;
using Gateway.TestKit;

namespace Gateway.Core.Tests.Backend;

public sealed class BackendConnectorLeakTests : IDisposable
{
    private readonly ConnectorFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task Connect_FailsInEveryStage200Times_NoConnectionAndNoTimerIsLeft()
    {
        var wrong = _fixture.Certificates.Server("other.example");
        var right = _fixture.Certificates.Server("example.org");
        var stage = 0;
        await using var server = ScriptedXmppServer.Start(async peer =>
        {
            try
            {
                switch (Interlocked.Increment(ref stage) % 5)
                {
                    case 0:
                        await peer.ExpectAsync("to='example.org'");
                        await peer.ExpectAsync(">");
                        peer.Reset();
                        return;
                    case 1:
                        await peer.ExpectAsync("to='example.org'");
                        await peer.ExpectAsync(">");
                        await peer.SendAsync(FakeXmppStream.DefaultHeader + "<stream:fea");
                        peer.Close();
                        return;
                    case 2:
                        await peer.OpenAsync("<!-- no -->");
                        break;
                    case 3:
                        await peer.OpenWithStartTlsAsync(wrong);
                        break;
                    default:
                        await peer.OpenWithStartTlsAsync(right, "<a></b>");
                        break;
                }
            }
            catch (Exception e) when (e is IOException or SocketException or InvalidOperationException or System.Security.Authentication.AuthenticationException)
            {
                // The gateway hung up first, as it should on a wrong certificate.
            }

            await peer.ExpectEndAsync();
        });
        var options = _fixture.Options(server.Address);
        options.CircuitBreaker.MinimumThroughput = 10_000;
        var connector = _fixture.Connector(options);
        var reasons = new HashSet<SessionEndReason>();

        for (var round = 0; round < 10; round++)
        {
            var failures = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ =>
                Should.ThrowAsync<BackendConnectException>(() => connector.ConnectAsync(ConnectorFixture.Request, TestContext.Current.CancellationToken).WithinAsync())));
            reasons.UnionWith(failures.Select(f => f.Reason));
        }

        server.Connections.ShouldBe(200);
        await server.ScriptsEndedAsync(); // each connection was ended by the gateway, or by the script before it
        _fixture.Time.ArmedTimers.ShouldBe(0);
        reasons.ShouldBe([SessionEndReason.BackendLost, SessionEndReason.BackendProtocolError, SessionEndReason.NameMismatch], ignoreOrder: true);
        _fixture.Logger.Warnings.Count.ShouldBe(200);
    }
}
