using System.Text;
using Gateway.Core.Backend;
using Gateway.Core.Sessions;
using Gateway.TestKit;

namespace Gateway.Core.Tests.Backend;

[Trait("Requirement", "XS-049")]
public sealed class SeeOtherHostTests : IDisposable
{
    private readonly ConnectorFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData(BackendSecurity.StartTls)]
    [InlineData(BackendSecurity.DirectTls)]
    public async Task Redirect_ToAnotherOfTheServers_IsFollowedWithTheSameDomainAndPolicy(BackendSecurity security)
    {
        await using var second = Server(security, async peer =>
        {
            (await peer.OpenAsync()).ShouldContain(" to='example.org'");
            peer.ServerName.ShouldBe("example.org");
            await peer.ExpectEndAsync();
        });
        await using var unused = Server(security, peer => peer.ExpectEndAsync());
        await using var first = Server(security, peer => RedirectAsync(peer, second.Address));

        await using var stream = await _fixture.ConnectAsync(Options(security, first.Address, unused.Address, second.Address));

        (first.Connections, unused.Connections, second.Connections).ShouldBe((1, 0, 1));
    }

    [Fact]
    [Trait("Requirement", "EDGE-070")]
    public async Task Redirect_OutsideOfTheServers_IsNotFollowed()
    {
        await using var outside = Server(BackendSecurity.StartTls, peer => peer.ExpectEndAsync());
        await using var first = Server(BackendSecurity.StartTls, peer => RedirectAsync(peer, outside.Address));

        var failure = await _fixture.FailAsync(Options(BackendSecurity.StartTls, first.Address));

        outside.Connections.ShouldBe(0);
        ShouldBeReset(failure, outside.Address);
    }

    [Fact]
    public async Task Redirect_SettingIsOff_IsNotFollowed()
    {
        await using var second = Server(BackendSecurity.StartTls, peer => RedirectAsync(peer, "nowhere.example.net"));
        await using var first = Server(BackendSecurity.StartTls, peer => RedirectAsync(peer, second.Address));
        await using var third = Server(BackendSecurity.StartTls, peer => RedirectAsync(peer, first.Address));
        var options = Options(BackendSecurity.StartTls, first.Address, second.Address, third.Address);
        options.FollowSeeOtherHost = false;

        ShouldBeReset(await _fixture.FailAsync(options), first.Address);

        // Each once, in their own order.
        (first.Connections, second.Connections, third.Connections).ShouldBe((1, 1, 1));
    }

    [Fact]
    public async Task Redirect_InACircle_IsFollowedThreeTimes()
    {
        var addresses = new string[1];
        await using var first = Server(BackendSecurity.StartTls, peer => RedirectAsync(peer, addresses[0]));
        addresses[0] = first.Address;

        ShouldBeReset(await _fixture.FailAsync(Options(BackendSecurity.StartTls, first.Address)), first.Address);

        first.Connections.ShouldBe(4);
    }

    [Fact]
    public async Task Redirect_BeforeTls_IsNotFollowed()
    {
        await using var second = ScriptedXmppServer.Start(peer => peer.ExpectEndAsync());
        await using var first = ScriptedXmppServer.Start(peer => RedirectAsync(peer, second.Address));
        await using var third = ScriptedXmppServer.Start(peer => RedirectAsync(peer, second.Address));
        var options = Options(BackendSecurity.StartTls, first.Address, third.Address);
        options.Servers = [.. options.Servers, new BackendServerOptions { Address = second.Address, Priority = 9 }];
        var connecting = _fixture.FailAsync(options);
        await TestTimeout.UntilAsync(() => second.Connections == 1);

        // It came to the second only after the third, as its own turn was.
        third.Connections.ShouldBe(1);
        _fixture.Time.Advance(TimeSpan.FromSeconds(30));
        await connecting;
    }

    private static void ShouldBeReset(BackendConnectException failure, string address)
    {
        failure.Reason.ShouldBe(SessionEndReason.RemoteStreamError);
        var error = Encoding.UTF8.GetString(failure.StreamError.ShouldNotBeNull());
        error.ShouldContain("<reset xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>");
        error.ShouldNotContain(address);
    }

    private static async Task RedirectAsync(ScriptedPeer peer, string address)
    {
        await peer.OpenAsync($"<stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>{address}</see-other-host></stream:error></stream:stream>");
        await peer.ExpectEndAsync();
    }

    private BackendOptions Options(BackendSecurity security, params string[] addresses)
    {
        var options = _fixture.Options(addresses);
        options.Security = security;
        options.FollowSeeOtherHost = true;
        return options;
    }

    /// <summary>A server that is correct up to its TLS.</summary>
    private ScriptedXmppServer Server(BackendSecurity security, Func<ScriptedPeer, Task> inside) => ScriptedXmppServer.Start(async peer =>
    {
        if (security == BackendSecurity.StartTls)
        {
            await peer.OpenAsync("<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>");
            await peer.ExpectAsync("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
            await peer.SendAsync("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
        }

        await peer.AuthenticateAsync(_fixture.Certificates.Server("example.org"));
        await inside(peer);
    });
}
