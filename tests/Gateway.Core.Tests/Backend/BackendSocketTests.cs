using System.Net;
using System.Net.Sockets;
using Gateway.Core.Backend;
using Gateway.TestKit;

namespace Gateway.Core.Tests.Backend;

public sealed class BackendSocketTests
{
    [Fact]
    [Trait("Requirement", "XS-007")]
    public async Task Connect_Socket_SendsAtOnceAndProbesAPeerThatIsSilent()
    {
        await using var server = ScriptedXmppServer.Start(peer => peer.ExpectEndAsync());

        using var socket = await BackendSocket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, server.Port), TestContext.Current.CancellationToken).WithinAsync();

        socket.NoDelay.ShouldBeTrue();
        Option(SocketOptionLevel.Socket, SocketOptionName.KeepAlive).ShouldNotBe(0);
        Option(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime).ShouldBe(60);
        Option(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval).ShouldBe(15);
        Option(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount).ShouldBe(4);

        int Option(SocketOptionLevel level, SocketOptionName name) => (int)socket.GetSocketOption(level, name)!;
    }
}
