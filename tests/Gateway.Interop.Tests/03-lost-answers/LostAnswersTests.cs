using Gateway.Interop.Tests.Support;

namespace Gateway.Interop.Tests.LostAnswers;

/// <summary>A network that loses answers of BOSH, and strophe.js repeating its requests (clients/lossy.js).</summary>
[Collection(InteropGroup.Name)]
public sealed class LostAnswersTests(InteropFixture fixture)
{
    private static readonly string[] Checks =
        ["observer", "login", "all answers arrive", "one answer lost", "two answers in a row lost", "unavailable", "observer leaves"];

    [Theory]
    [InlineData("strophe5", "prosody")]
    [InlineData("strophe12", "ejabberd")]
    [Trait("Requirement", "BOSH-068")]
    public Task Strophe_RepeatsRequest_NothingLostNorDoubled(string client, string server) =>
        fixture.RunAsync("lossy.js", client, "bosh", server, Checks);
}
