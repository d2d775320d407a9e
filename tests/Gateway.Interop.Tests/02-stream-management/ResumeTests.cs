using Gateway.Interop.Tests.Support;

namespace Gateway.Interop.Tests.StreamManagement;

/// <summary>XEP-0198 end to end: the gateway must neither count, answer nor lose anything (clients/resume.js).</summary>
[Collection(InteropGroup.Name)]
public sealed class ResumeTests(InteropFixture fixture)
{
    private static readonly string[] Checks =
    [
        "observers", "enable", "acks", "cut on the way up", "first resume", "all there after the first cut",
        "cut on the way down", "second resume", "all there after the second cut", "still the same session", "unavailable", "observers leave",
    ];

    [Theory]
    [InlineData("prosody")]
    [InlineData("ejabberd")]
    [Trait("Requirement", "WS-048")]
    [Trait("Requirement", "WS-056")]
    [Trait("Requirement", "XS-054")]
    [Trait("Requirement", "XS-055")]
    [Trait("Requirement", "XS-057")]
    [Trait("Requirement", "XS-060")]
    public Task CutConnection_Resumed_LosesAndDoublesNothing(string server)
    {
        if (Needs.Direct && server == "ejabberd")
        {
            Assert.Skip("ejabberd 23.01 refuses some resumptions on its own WebSocket endpoint: 'Session state copying timed out'");
        }

        return fixture.RunAsync("resume.js", "raw", "websocket", server, Checks);
    }
}
