using Gateway.Transports;

namespace Gateway.Tests.Transports;

public sealed class OriginPolicyTests
{
    [Theory]
    [InlineData("*", null, true)]
    [InlineData("*", "https://chat.example.com", true)]
    [InlineData("*", "null", false)]
    [InlineData("null", "null", true)]
    [InlineData("https://chat.example.com", null, true)]
    [InlineData("https://chat.example.com", "https://CHAT.example.com", true)]
    [InlineData("https://chat.example.com", "http://chat.example.com", false)]
    [InlineData("https://chat.example.com", "https://chat.example.com:8443", false)]
    [InlineData("https://chat.example.com", "https://chat.example.com.evil.net", false)]
    [Trait("Requirement", "EDGE-047")]
    public void Origin_IsComparedWhole(string allowed, string? origin, bool isAllowed) =>
        new OriginPolicy([allowed]).Allows(origin).ShouldBe(isAllowed);
}
