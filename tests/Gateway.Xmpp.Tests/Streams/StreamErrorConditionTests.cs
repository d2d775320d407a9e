using System.Text;
using Gateway.Xmpp.Streams;

namespace Gateway.Xmpp.Tests.Streams;

public sealed class StreamErrorConditionTests
{
    [Fact]
    public void Names_AreThoseOfTheRfc()
    {
        // RFC 6120 §4.9.3
        string[] expected =
        [
            "bad-format", "bad-namespace-prefix", "conflict", "connection-timeout", "host-gone", "host-unknown", "improper-addressing", "internal-server-error", "invalid-from", "invalid-namespace",
            "invalid-xml", "not-authorized", "not-well-formed", "policy-violation", "remote-connection-failed", "reset", "resource-constraint", "restricted-xml", "see-other-host", "system-shutdown",
            "undefined-condition", "unsupported-encoding", "unsupported-feature", "unsupported-stanza-type", "unsupported-version",
        ];

        Enum.GetValues<StreamErrorCondition>().Select(c => Encoding.UTF8.GetString(c.ToBytes())).ShouldBe(expected);
        expected.Select(n => StreamErrorConditions.Parse(Encoding.UTF8.GetBytes(n))).ShouldBe(Enum.GetValues<StreamErrorCondition>().Cast<StreamErrorCondition?>());
        StreamErrorConditions.Parse("text"u8).ShouldBeNull();
    }
}
