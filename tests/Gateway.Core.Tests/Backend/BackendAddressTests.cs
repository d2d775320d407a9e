using Gateway.Core.Backend;

namespace Gateway.Core.Tests.Backend;

public sealed class BackendAddressTests
{
    [Theory]
    [InlineData("10.0.0.5:5222", "10.0.0.5", 5222)]
    [InlineData("xmpp.example.org:1", "xmpp.example.org", 1)]
    [InlineData("xmpp.example.org", "xmpp.example.org", 0)]
    [InlineData("localhost:65535", "localhost", 65535)]
    [InlineData("[::1]:5223", "::1", 5223)]
    [InlineData("[fe80::1%eth0]:5223", "fe80::1%eth0", 5223)]
    [InlineData("[2001:db8::7]", "2001:db8::7", 0)]
    public void TryParse_Address_GivesItsParts(string text, string host, int port)
    {
        BackendAddress.TryParse(text, out var address).ShouldBeTrue();
        address.ShouldBe(new BackendAddress(host, port));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(":5222")]
    [InlineData("host:")]
    [InlineData("host:0")]
    [InlineData("host:65536")]
    [InlineData("host:-1")]
    [InlineData("host: 5222")]
    [InlineData("host:xmpp")]
    [InlineData("::1:5222")]
    [InlineData("[::1")]
    [InlineData("[]:5222")]
    [InlineData("[10.0.0.5]:5222")]
    [InlineData("[::1]5222")]
    [InlineData("a host:5222")]
    [InlineData("xmpp://host:5222")]
    public void TryParse_AnythingElse_IsRefused(string? text) => BackendAddress.TryParse(text, out _).ShouldBeFalse();
}
