using System.Net;
using Gateway.Core.Backend;
using Gateway.Core.Backend.ProxyProtocol;
using Gateway.Core.Sessions;
using Gateway.TestKit;

namespace Gateway.Core.Tests.Backend.ProxyProtocol;

/// <summary>The header on the wire: scripted servers on loopback.</summary>
public sealed class ProxyProtocolConnectTests : IDisposable
{
    private const string Line = "PROXY TCP4 192.0.2.33 198.51.100.7 51234 443\r\n";

    private static readonly BackendRequest Request = ConnectorFixture.Request with
    {
        Client = new ClientConnection(IPEndPoint.Parse("192.0.2.33:51234"), IPEndPoint.Parse("198.51.100.7:443")),
        Session = SessionId.New(),
    };

    private readonly ConnectorFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData(BackendSecurity.StartTls)]
    [InlineData(BackendSecurity.DirectTls)]
    [InlineData(BackendSecurity.None)]
    [Trait("Requirement", "PP-003")]
    [Trait("Requirement", "PP-005")]
    [Trait("Requirement", "PP-006")]
    [Trait("Requirement", "PP-026")]
    [Trait("Requirement", "PP-028")]
    [Trait("Requirement", "PP-034")]
    public async Task V1_IsTheFirstThingOnTheConnectionAndIsNotRepeated(BackendSecurity security)
    {
        var certificate = _fixture.Certificates.Server("example.org");
        await using var server = ScriptedXmppServer.Start(async peer =>
        {
            (await peer.ReadLineAsync()).ShouldBe(Line);
            if (security == BackendSecurity.StartTls)
            {
                await peer.OpenWithStartTlsAsync(certificate);
            }
            else
            {
                if (security == BackendSecurity.DirectTls)
                {
                    await peer.AuthenticateAsync(certificate);
                }

                await peer.OpenAsync();
            }

            (await peer.ExpectEndAsync()).ShouldBeEmpty();
        });

        await (await _fixture.Connector(Options(server, security, ProxyProtocolVersion.V1)).ConnectAsync(Request, CancellationToken.None).WithinAsync()).DisposeAsync();

        await server.ScriptsEndedAsync();
    }

    [Fact]
    [Trait("Requirement", "PP-031")]
    [Trait("Requirement", "PP-032")]
    public async Task V2_UniqueId_IsTheSessionsNameInTheLog()
    {
        await using var server = ScriptedXmppServer.Start(async peer =>
        {
            await peer.ExpectAsync("\x05\0\x10" + Request.Session);
            await peer.OpenAsync();
            await peer.ExpectEndAsync();
        });
        var options = Options(server, BackendSecurity.None, ProxyProtocolVersion.V2);
        options.ProxyProtocolFields = ProxyProtocolFields.UniqueId;

        await (await _fixture.Connector(options).ConnectAsync(Request, CancellationToken.None).WithinAsync()).DisposeAsync();

        await server.ScriptsEndedAsync();
    }

    [Theory]
    [InlineData(ProxyProtocolVersion.V1, BackendSecurity.StartTls, true)]
    [InlineData(ProxyProtocolVersion.V2, BackendSecurity.None, true)]
    [InlineData(ProxyProtocolVersion.V1, BackendSecurity.DirectTls, true)]
    [InlineData(ProxyProtocolVersion.None, BackendSecurity.StartTls, false)]
    [InlineData(ProxyProtocolVersion.None, BackendSecurity.DirectTls, false)]
    [Trait("Requirement", "PP-033")]
    public async Task ServerDropsTheConnectionAtOnce_TheFailureSaysThatItMayNotExpectTheHeader(ProxyProtocolVersion version, BackendSecurity security, bool says)
    {
        await using var server = ScriptedXmppServer.Start(async peer =>
        {
            // Everything that comes before it knows better.
            await peer.ReadAnythingAsync();
            peer.Close();
        });

        var failure = await Should.ThrowAsync<BackendConnectException>(() =>
            _fixture.Connector(Options(server, security, version)).ConnectAsync(Request, CancellationToken.None).WithinAsync());

        failure.Reason.ShouldBe(security == BackendSecurity.DirectTls ? SessionEndReason.TlsHandshake : SessionEndReason.BackendLost);
        failure.Message.Contains("after the PROXY header; it may not expect one", StringComparison.Ordinal).ShouldBe(says);
        _fixture.Logger.Warnings.ShouldContain(w => w.Contains("may not expect one", StringComparison.Ordinal) == says);
    }

    private BackendOptions Options(ScriptedXmppServer server, BackendSecurity security, ProxyProtocolVersion version)
    {
        var options = _fixture.Options(server.Address);
        (options.Security, options.ProxyProtocol) = (security, version);
        return options;
    }
}
