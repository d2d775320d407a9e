using Gateway.Core.Backend;
using Gateway.Xmpp.Streams;

namespace Gateway.Core.Tests.Backend;

public sealed class StreamHeaderRulesTests
{
    [Theory]
    [InlineData(true, "1.0", null)]
    [InlineData(true, null, StreamErrorCondition.UnsupportedVersion)]
    [InlineData(true, "0.9", StreamErrorCondition.UnsupportedVersion)]
    [InlineData(true, "1.1", StreamErrorCondition.UnsupportedVersion)]
    [InlineData(false, "1.0", StreamErrorCondition.InvalidNamespace)]
    public void Refusal_Header_AsItDeserves(bool isStream, string? version, StreamErrorCondition? expected) =>
        new StreamHeader { IsStream = isStream, Version = version }.Refusal().ShouldBe(expected);
}
