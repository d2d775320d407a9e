using Gateway.Interop.Tests.Support;

namespace Gateway.Interop.Tests.Everyday;

/// <summary>What people do all day, with the libraries that web clients are made of (clients/everyday.js).</summary>
[Collection(InteropGroup.Name)]
public sealed class EverydayTests(InteropFixture fixture)
{
    private static readonly string[] Checks =
    [
        "observer", "login", "scram", "bind", "roster", "presence", "message plain", "message entities", "message emoji", "message cdata",
        "message 200 KB", "message order", "unavailable", "unavailable of the last", "observer leaves",
    ];

    [Theory]
    [CombinedData("strophe5,strophe16,strophe12", "prosody,ejabberd")]
    [Trait("Requirement", "BOSH-027")]
    [Trait("Requirement", "BOSH-089")]
    [Trait("Requirement", "BOSH-104")]
    [Trait("Requirement", "BOSH-108")]
    public Task Strophe_OverBosh_TalksToServer(string client, string server) =>
        fixture.RunAsync("everyday.js", client, "bosh", server, Checks);

    /// <summary>stanza sends its `terminate` without a presence: others see it go only if the backend stream is ended.</summary>
    [Theory]
    [InlineData("prosody")]
    [InlineData("ejabberd")]
    [Trait("Requirement", "BOSH-089")]
    public Task Stanza_OverBosh_TalksToServer(string server)
    {
        if (Needs.Direct)
        {
            Assert.Skip("Prosody 0.12.3 then tells nobody that it left, ejabberd 23.01 sends stanzas after its terminate: the gateway has to do better");
        }

        return fixture.RunAsync("everyday.js", "stanza", "bosh", server, Checks);
    }

    [Theory]
    [CombinedData("strophe5,strophe16,strophe12", "prosody,ejabberd")]
    [Trait("Requirement", "WS-036")]
    [Trait("Requirement", "WS-041")]
    [Trait("Requirement", "WS-046")]
    public Task Strophe_OverWebSocket_TalksToServer(string client, string server) =>
        fixture.RunAsync("everyday.js", client, "websocket", server, Checks);

    [Theory]
    [CombinedData("xmppjs,stanza", "prosody,ejabberd")]
    [Trait("Requirement", "WS-041")]
    [Trait("Requirement", "WS-046")]
    [Trait("Requirement", "WS-056")]
    public Task OtherLibraries_OverWebSocket_TalkToServer(string client, string server) =>
        fixture.RunAsync("everyday.js", client, "websocket", server, Checks);
}
