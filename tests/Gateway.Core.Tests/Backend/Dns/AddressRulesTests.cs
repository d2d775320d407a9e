using System.Net;
using Gateway.Core.Backend.Dns;

namespace Gateway.Core.Tests.Backend.Dns;

[Trait("Requirement", "DISC-035")]
public sealed class AddressRulesTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.255.0.9")]
    [InlineData("0.0.0.0")]
    [InlineData("10.1.2.3")]
    [InlineData("172.16.0.1")]
    [InlineData("172.31.255.255")]
    [InlineData("192.168.0.1")]
    [InlineData("169.254.169.254")]
    [InlineData("100.64.0.1")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("fe80::1")]
    [InlineData("fd00::1")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("::10.0.0.1")]
    [InlineData("64:ff9b::7f00:1")]
    [InlineData("2002:0a00:0001::1")]
    public void IsPrivate_InsideAddresses_Are(string address) => AddressRules.IsPrivate(IPAddress.Parse(address)).ShouldBeTrue();

    [Theory]
    [InlineData("192.0.2.1")]
    [InlineData("172.32.0.1")]
    [InlineData("9.255.255.255")]
    [InlineData("100.128.0.1")]
    [InlineData("2001:db8::1")]
    [InlineData("::ffff:192.0.2.1")]
    [InlineData("64:ff9b::c000:201")]
    [InlineData("2002:c000:0201::1")]
    public void IsPrivate_PublicAddresses_AreNot(string address)
    {
        AddressRules.IsPrivate(IPAddress.Parse(address)).ShouldBeFalse();
        AddressRules.IsImpossible(IPAddress.Parse(address)).ShouldBeFalse();
    }

    [Theory]
    [InlineData("224.0.0.1")]
    [InlineData("239.255.255.255")]
    [InlineData("255.255.255.255")]
    [InlineData("ff02::1")]
    [InlineData("::ffff:224.0.0.1")]
    public void IsImpossible_MulticastAndBroadcast_Are(string address) => AddressRules.IsImpossible(IPAddress.Parse(address)).ShouldBeTrue();
}
