using System.Security.Cryptography.X509Certificates;
using Gateway.TestKit;

namespace Gateway.Tests.Transports.Bosh;

/// <summary>XEP-0124 §19.1: what a session that was created over TLS may be used over.</summary>
public sealed class TlsBindingTests : IDisposable
{
    private readonly TestCertificates _certificates = new();

    public void Dispose() => _certificates.Dispose();

    private Task<BoshServer> StartAsync() => BoshServer.StartAsync(certificate: _certificates.Server("example.org"));

    private static async Task<string> CreateAsync(RawHttp connection)
    {
        await connection.SendAsync(RawHttp.Post(BoshServer.Creation));
        return BoshServer.SidOf((await connection.ReadAsync()).Body);
    }

    private static async Task ShouldEndWellAsync(RawHttp connection, string sid)
    {
        await connection.SendAsync(RawHttp.Post(BoshServer.Request(sid, 101, attributes: "type='terminate'")));
        (await connection.ReadAsync()).Body.ShouldBe($"<body type='terminate' {BoshServer.Ns}/>");
    }

    [Fact]
    [Trait("Requirement", "BOSH-126")]
    public async Task CreatedOverTls_UsedWithout_IsRefusedAndTheSessionLives()
    {
        await using var server = await StartAsync();
        using var secure = await RawHttp.ConnectAsync(server.SecureUrl);
        var sid = await CreateAsync(secure);
        using var plain = await RawHttp.ConnectAsync(server.Url);
        await plain.SendAsync(RawHttp.Post(BoshServer.Request(sid, 101, attributes: "type='terminate'")));
        var refused = await plain.ReadAsync();
        refused.Status.ShouldBe(403);
        refused.Bytes.ShouldBeEmpty();
        await ShouldEndWellAsync(secure, sid);
    }

    [Fact]
    public async Task CreatedWithoutTls_UsedOverIt_GoesOn()
    {
        await using var server = await StartAsync();
        var sid = await server.CreateAsync();
        using var secure = await RawHttp.ConnectAsync(server.SecureUrl);
        await ShouldEndWellAsync(secure, sid);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Trait("Requirement", "BOSH-127")]
    public async Task CreatedWithACertificate_UsedWithAnotherOrNone_ClosesTheConnectionAndTheSessionLives(bool another)
    {
        await using var server = await StartAsync();
        X509Certificate2 mine = _certificates.Server("mine.example"), yours = _certificates.Server("yours.example");
        using var secure = await RawHttp.ConnectAsync(server.SecureUrl, mine);
        var sid = await CreateAsync(secure);
        using (var thief = await RawHttp.ConnectAsync(server.SecureUrl, another ? yours : null))
        {
            await thief.SendAsync(RawHttp.Post(BoshServer.Request(sid, 101, attributes: "type='terminate'")));
            await thief.ShouldBeClosedAsync();
        }

        using var again = await RawHttp.ConnectAsync(server.SecureUrl, mine);
        await ShouldEndWellAsync(again, sid);
    }
}
