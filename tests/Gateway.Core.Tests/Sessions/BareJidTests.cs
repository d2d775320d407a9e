using Gateway.Core.Sessions;

namespace Gateway.Core.Tests.Sessions;

[Trait("Requirement", "BOSH-037")]
public sealed class BareJidTests
{
    [Theory]
    [InlineData("alice@example.org", "example.org", "alice@example.org")]
    [InlineData("alice@EXAMPLE.org.", "example.org", "alice@example.org")]
    [InlineData("alice@xn--bcher-kva.example", "bücher.example", "alice@bücher.example")]
    [InlineData("Älice@Bücher.example", "bücher.example", "Älice@bücher.example")]
    [InlineData("alice@example.net", "example.org", null)]
    [InlineData("alice@example.org/home", "example.org", null)]
    [InlineData("@example.org", "example.org", null)]
    [InlineData("example.org", "example.org", null)]
    [InlineData("a b@example.org", "example.org", null)]
    [InlineData("a'b@example.org", "example.org", null)]
    [InlineData("a@b@example.org", "example.org", null)]
    [InlineData(null, "example.org", null)]
    public void IfOf_Jid_IsWrittenAsTheDomainIsOrDropped(string? jid, string domain, string? expected) => BareJid.IfOf(jid, domain).ShouldBe(expected);
}
