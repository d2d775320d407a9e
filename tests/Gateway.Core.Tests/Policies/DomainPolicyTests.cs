using Gateway.Core.Policies;

namespace Gateway.Core.Tests.Policies;

public sealed class DomainPolicyTests
{
    private readonly DomainPolicy _policy = new(
    [
        new ServedDomain("example.org", "exact"),
        new ServedDomain("*.example.net", "pattern"),
        new ServedDomain("*.chat.example.net", "longer"),
        new ServedDomain("one.example.net", "exact in pattern"),
        new ServedDomain("bücher.example", "idn"),
        new ServedDomain("*.xn--mnchen-3ya.example", "idn pattern"),
    ]);

    [Theory]
    [Trait("Requirement", "BOSH-035")]
    [InlineData("example.org", "exact")]
    [InlineData("EXAMPLE.Org", "exact")]
    [InlineData("example.org.", "exact")]
    [InlineData("a.example.net", "pattern")]
    [InlineData("a.b.example.net", "pattern")]
    [InlineData("a.chat.example.net", "longer")]
    [InlineData("chat.example.net", "pattern")]
    [InlineData("ONE.example.net", "exact in pattern")]
    [InlineData("bücher.example", "idn")]
    [InlineData("BÜCHER.example.", "idn")]
    [InlineData("xn--bcher-kva.example", "idn")]
    [InlineData("XN--BCHER-KVA.example", "idn")]
    [InlineData("a.münchen.example", "idn pattern")]
    [InlineData("ä.xn--mnchen-3ya.example", "idn pattern")]
    public void Find_Served_IsFoundInEverySpelling(string to, string backend) => _policy.Find(to)!.Backend.ShouldBe(backend);

    [Theory]
    [Trait("Requirement", "BOSH-035")]
    [Trait("Requirement", "EDGE-069")]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("example.net")]
    [InlineData(".example.net")]
    [InlineData("a..example.net")]
    [InlineData("example.org..")]
    [InlineData("a@b/c.example.net")]
    [InlineData("b/c.example.net")]
    [InlineData("a b.example.net")]
    [InlineData("a\0.example.net")]
    [InlineData("a:5222.example.net")]
    [InlineData("a\u2044b.example.net")]
    [InlineData("a_b.example.net")]
    [InlineData("*.example.net")]
    [InlineData("-a.example.net")]
    [InlineData("a-.example.net")]
    [InlineData("xn--a.example.net")]
    [InlineData("\ud800.example.net")]
    [InlineData("evil-example.net")]
    [InlineData("other.example")]
    [InlineData("127.0.0.1")]
    [InlineData("[::1].example.net")]
    public void Find_NoDomainOrNotServed_IsNothing(string to) => _policy.Find(to).ShouldBeNull();

    [Theory]
    [InlineData("..")]
    [InlineData("example.org..")]
    [InlineData("xn--bcher-kva..")]
    public void Prepare_MoreThanOneDotAtTheEnd_IsNoDomain(string text) => DomainName.TryPrepare(text, out _).ShouldBeFalse();

    [Fact]
    [Trait("Requirement", "EDGE-069")]
    public void Find_LongLabelOrLongDomain_IsNothing()
    {
        _policy.Find(new string('a', 63) + ".example.net").ShouldNotBeNull();
        _policy.Find(new string('a', 64) + ".example.net").ShouldBeNull();
        _policy.Find(string.Concat(Enumerable.Repeat("a.", 115)) + "example.net").ShouldNotBeNull();
        _policy.Find(string.Concat(Enumerable.Repeat("a.", 130)) + "example.net").ShouldBeNull();
    }

    [Fact]
    public void Find_Served_GivesBothSpellings()
    {
        _policy.Find("BÜCHER.Example.", out var name).ShouldNotBeNull();
        name.ShouldBe(new DomainName("xn--bcher-kva.example", "bücher.example"));
        _policy.Find("XN--bcher-kva.example", out name).ShouldNotBeNull();
        name.ShouldBe(new DomainName("xn--bcher-kva.example", "bücher.example"));
    }

    [Fact]
    public void Addresses_AreNoDomains()
    {
        DomainName.TryPrepare("127.0.0.1", out _).ShouldBeFalse();
        DomainName.TryPrepare("2130706433", out _).ShouldBeFalse();
        DomainName.TryPrepare("0x7f.1", out _).ShouldBeFalse();
        DomainName.TryPrepare("::1", out _).ShouldBeFalse();
        DomainName.TryPrepare("3com.example", out _).ShouldBeTrue();
    }
}
