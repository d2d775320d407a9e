using Gateway.Xmpp.Framing;
using Gateway.Xmpp.Streams;

namespace Gateway.Xmpp.Tests.Framing;

public sealed class FramingErrorTests
{
    [Theory]
    [InlineData(FramingError.NotWellFormed, StreamErrorCondition.NotWellFormed)]
    [InlineData(FramingError.RestrictedXml, StreamErrorCondition.RestrictedXml)]
    [InlineData(FramingError.InvalidUtf8, StreamErrorCondition.UnsupportedEncoding)]
    [InlineData(FramingError.UnsupportedEncoding, StreamErrorCondition.UnsupportedEncoding)]
    [InlineData(FramingError.BadFormat, StreamErrorCondition.BadFormat)]
    [InlineData(FramingError.TooBig, StreamErrorCondition.PolicyViolation)]
    [InlineData(FramingError.TooDeep, StreamErrorCondition.PolicyViolation)]
    [InlineData(FramingError.TooManyParts, StreamErrorCondition.PolicyViolation)]
    [Trait("Requirement", "XS-064")]
    public void Error_HasItsCondition(FramingError error, StreamErrorCondition condition) => error.ToCondition().ShouldBe(condition);

    [Fact]
    public void EveryError_HasAConditionOfItsOwn()
    {
        foreach (var error in Enum.GetValues<FramingError>().Where(e => e != FramingError.None))
        {
            error.ToCondition().ShouldNotBe(StreamErrorCondition.UndefinedCondition, error.ToString());
        }
    }

    [Fact]
    public void Limits_Default_AreThoseOfTheManual()
    {
        // EDGE-035, EDGE-045
        FramingLimits.Default.ShouldBe(new FramingLimits(262144, 100, 128));
        FramingLimits.MaxNameBytes.ShouldBe(1024);
        FramingLimits.MaxDeclarations.ShouldBe(64);
    }
}
