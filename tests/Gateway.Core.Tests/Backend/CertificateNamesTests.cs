using Gateway.Core.Backend;
using Gateway.TestKit;

namespace Gateway.Core.Tests.Backend;

public sealed class CertificateNamesTests : IDisposable
{
    private readonly TestCertificates _certificates = new();

    public void Dispose() => _certificates.Dispose();

    [Theory]
    [Trait("Requirement", "XS-035")]
    [InlineData("example.org", "example.org", true)]
    [InlineData("EXAMPLE.org", "example.ORG", true)]
    [InlineData("example.org", "chat.example.org", false)]
    [InlineData("chat.example.org", "example.org", false)]
    [InlineData("*.example.org", "chat.example.org", true)]
    [InlineData("*.example.org", "a.chat.example.org", false)]
    [InlineData("*.example.org", "example.org", false)]
    [InlineData("*.example.org", ".example.org", false)]
    [InlineData("c*.example.org", "chat.example.org", false)]
    [InlineData("chat.*.org", "chat.example.org", false)]
    [InlineData("*", "example", false)]
    [InlineData("xn--bcher-kva.example", "bücher.example", true)]
    [InlineData("xn--bcher-kva.example", "xn--bcher-kva.example", true)]
    public void Match_DnsName_AsRfc6125Says(string name, string domain, bool expected) =>
        CertificateNames.Match(_certificates.Server("unrelated.example", name), domain).ShouldBe(expected);

    [Theory]
    [Trait("Requirement", "XS-035")]
    [InlineData("_xmpp-client.example.org", "example.org", true)]
    [InlineData("_XMPP-Client.Example.org", "example.org", true)]
    [InlineData("_xmpp-server.example.org", "example.org", false)]
    [InlineData("_xmpp-client.example.org", "chat.example.org", false)]
    [InlineData("example.org", "example.org", false)]
    public void Match_SrvName_OnlyForTheClientService(string name, string domain, bool expected) =>
        CertificateNames.Match(_certificates.SrvName(name), domain).ShouldBe(expected);

    [Theory]
    [Trait("Requirement", "XS-035")]
    [InlineData("example.org", "example.org", true)]
    [InlineData("bücher.example", "bücher.example", true)]
    [InlineData("alice@example.org", "example.org", false)]
    public void Match_XmppAddr_EqualToTheDomain(string name, string domain, bool expected) =>
        CertificateNames.Match(_certificates.XmppAddr(name), domain).ShouldBe(expected);

    [Fact]
    [Trait("Requirement", "XS-035")]
    public void Match_CommonNameOnly_Never() =>
        CertificateNames.Match(_certificates.CommonNameOnly("example.org"), "example.org").ShouldBeFalse();
}
