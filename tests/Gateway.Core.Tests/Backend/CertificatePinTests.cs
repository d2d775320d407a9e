using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Gateway.Core.Backend;
using Gateway.Core.Sessions;
using Gateway.TestKit;

namespace Gateway.Core.Tests.Backend;

public sealed class CertificatePinTests : IDisposable
{
    private readonly ConnectorFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Requirement", "XS-038")]
    public async Task Pin_SelfSignedServer_IsAcceptedByCertificateOrPublicKey(bool byKey)
    {
        var certificate = _fixture.Certificates.SelfSigned("example.org");

        await ConnectAsync(certificate, byKey ? KeyPin(certificate) : Pin(certificate));
    }

    [Fact]
    [Trait("Requirement", "XS-038")]
    public async Task Pin_SecondOfTwo_IsAccepted()
    {
        var certificate = _fixture.Certificates.SelfSigned("example.org");

        await ConnectAsync(certificate, Pin(_fixture.Certificates.SelfSigned("example.org")), Pin(certificate));
    }

    [Fact]
    [Trait("Requirement", "XS-038")]
    public async Task Pin_AnotherSelfSignedServer_UntrustedRoot() =>
        (await FailAsync(_fixture.Certificates.SelfSigned("example.org"), Pin(_fixture.Certificates.SelfSigned("example.org")))).ShouldBe(SessionEndReason.UntrustedRoot);

    [Fact]
    [Trait("Requirement", "XS-037")]
    public async Task Pin_ServerWithTrustedChainButOtherCertificate_UntrustedRoot() =>
        (await FailAsync(_fixture.Certificates.Server("example.org"), Pin(_fixture.Certificates.SelfSigned("example.org")))).ShouldBe(SessionEndReason.UntrustedRoot);

    [Fact]
    [Trait("Requirement", "XS-034")]
    [Trait("Requirement", "XS-038")]
    public async Task Pin_PinnedButForAnotherName_NameMismatch()
    {
        var certificate = _fixture.Certificates.SelfSigned("example.net");

        (await FailAsync(certificate, Pin(certificate))).ShouldBe(SessionEndReason.NameMismatch);
    }

    [Fact]
    [Trait("Requirement", "XS-036")]
    public async Task Pin_PinnedButExpired_CertificateExpired()
    {
        var certificate = _fixture.Certificates.Expired("example.org");

        (await FailAsync(certificate, Pin(certificate))).ShouldBe(SessionEndReason.CertificateExpired);
    }

    [Theory]
    [InlineData("sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", true)]
    [InlineData("SHA256:E3:B0:C4:42:98:FC:1C:14:9A:FB:F4:C8:99:6F:B9:24:27:AE:41:E4:64:9B:93:4C:A4:95:99:1B:78:52:B8:55", true)]
    [InlineData("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", false)]
    [InlineData("sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b8", false)]
    [InlineData("sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85555", false)]
    [InlineData("sha256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", false)]
    [InlineData("sha256:", false)]
    public void TryParse_Text_IsAPinOrNot(string text, bool isPin) => CertificatePin.TryParse(text, out _).ShouldBe(isPin);

    private static string Pin(X509Certificate2 certificate) => "sha256:" + certificate.GetCertHashString(HashAlgorithmName.SHA256);

    private static string KeyPin(X509Certificate2 certificate) =>
        "sha256:" + Convert.ToHexString(SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo()));

    private BackendOptions Options(string address, string[] pins)
    {
        var options = _fixture.Options(address);
        options.Security = BackendSecurity.DirectTls;
        options.Tls = new BackendTlsOptions { Pins = pins };
        return options;
    }

    private async Task ConnectAsync(X509Certificate2 certificate, params string[] pins)
    {
        await using var server = ScriptedXmppServer.Start(async peer =>
        {
            await peer.AuthenticateAsync(certificate);
            await peer.OpenAsync();
            await peer.ExpectEndAsync();
        });
        await using var stream = await _fixture.ConnectAsync(Options(server.Address, pins));
        stream.Header.Id.ShouldBe("s1");
    }

    private async Task<SessionEndReason> FailAsync(X509Certificate2 certificate, params string[] pins)
    {
        await using var server = ScriptedXmppServer.Start(peer => peer.AuthenticateInVainAsync(certificate));
        return (await _fixture.FailAsync(Options(server.Address, pins))).Reason;
    }
}
