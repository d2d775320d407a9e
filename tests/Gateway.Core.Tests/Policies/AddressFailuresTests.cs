using System.Net;
using Gateway.Core.Policies;
using Gateway.TestKit;

namespace Gateway.Core.Tests.Policies;

public sealed class AddressFailuresTests
{
    private readonly ManualTimeProvider _time = new();

    private static IPAddress Address(int number) => new(number);

    [Fact]
    [Trait("Requirement", "EDGE-038")]
    public void Address_FailedTooOften_IsBarredForTheRestOfItsHour()
    {
        var failures = new AddressFailures(3, _time);
        var client = IPAddress.Parse("192.0.2.1");
        failures.Count(client).ShouldBeFalse();
        _time.Advance(TimeSpan.FromMinutes(20));
        failures.Count(client).ShouldBeFalse();
        failures.IsBarred(client, out _).ShouldBeFalse();
        failures.Count(client).ShouldBeTrue();
        failures.IsBarred(client, out var retryAfter).ShouldBeTrue();
        retryAfter.ShouldBe(TimeSpan.FromMinutes(40));
        failures.Count(client).ShouldBeFalse();
        failures.IsBarred(IPAddress.Parse("192.0.2.2"), out _).ShouldBeFalse();
        _time.Advance(TimeSpan.FromMinutes(40));
        failures.IsBarred(client, out _).ShouldBeFalse();
        failures.Count(client).ShouldBeFalse();
    }

    [Theory]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", true)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    [InlineData("0.0.0.1", "::1", false)]
    [Trait("Requirement", "EDGE-038")]
    public void Address_OfVersionSix_StandsForItsNetwork(string failed, string asked, bool expected)
    {
        var failures = new AddressFailures(1, _time);
        failures.Count(IPAddress.Parse(failed)).ShouldBeTrue();
        failures.IsBarred(IPAddress.Parse(asked), out _).ShouldBe(expected);
    }

    [Fact]
    [Trait("Requirement", "EDGE-038")]
    public void Zero_And_UnknownAddresses_BarNobody()
    {
        var off = new AddressFailures(0, _time);
        off.Count(Address(1)).ShouldBeFalse();
        off.IsBarred(Address(1), out _).ShouldBeFalse();
        var failures = new AddressFailures(1, _time);
        failures.Count(null).ShouldBeFalse();
        failures.IsBarred(null, out _).ShouldBeFalse();
    }

    [Fact]
    public void Addresses_MoreThanFit_AreNotCountedUntilOthersAreOver()
    {
        var failures = new AddressFailures(1, _time);
        for (var i = 0; i < AddressFailures.MostAddresses + 10; i++)
        {
            failures.Count(Address(i + 1));
        }

        failures.Known.ShouldBe(AddressFailures.MostAddresses);
        failures.IsBarred(Address(1), out _).ShouldBeTrue();
        failures.IsBarred(Address(AddressFailures.MostAddresses + 5), out _).ShouldBeFalse();
        _time.Advance(TimeSpan.FromHours(1));
        failures.Count(Address(AddressFailures.MostAddresses + 5)).ShouldBeTrue();
        failures.Known.ShouldBe(1);
    }
}
