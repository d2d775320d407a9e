using System.Net.WebSockets;
using Gateway.TestKit;

namespace Gateway.Core.Tests.WebSockets;

/// <summary>The examples of RFC 7395 §3, as its clients and servers print them.</summary>
public sealed class SpecificationExamplesTests
{
    private const string Close = "<close xmlns=\"urn:ietf:params:xml:ns:xmpp-framing\" />";

    [Fact]
    [Trait("Requirement", "WS-033")]
    [Trait("Requirement", "WS-041")]
    [Trait("Requirement", "WS-046")]
    public async Task Session_OfSections33To36_GoesAsPrinted()
    {
        await using var session = new SessionHarness
        {
            Backend = new FakeXmppStream(
                header: "<stream:stream from='example.org' id='++TR84Sm6A3hnt3Q065SnAbbk3Y=' xml:lang='en' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>",
                features: "<stream:features><bind xmlns=\"urn:ietf:params:xml:ns:xmpp-bind\"/></stream:features>"),
        };
        await session.SendAsync("<open xmlns=\"urn:ietf:params:xml:ns:xmpp-framing\"\n      to=\"example.org\"\n      version=\"1.0\" />"); // §3.4
        (await session.ReceiveAsync()).ShouldBe("<open xmlns=\"urn:ietf:params:xml:ns:xmpp-framing\" from=\"example.org\" id=\"++TR84Sm6A3hnt3Q065SnAbbk3Y=\" version=\"1.0\" xml:lang=\"en\" />");
        (await session.ReceiveAsync()).ShouldStartWith("<stream:features xmlns:stream='http://etherx.jabber.org/streams'><bind xmlns=\"urn:ietf:params:xml:ns:xmpp-bind\"/>"); // §3.3.3

        session.Backend.Receive("<success xmlns=\"urn:ietf:params:xml:ns:xmpp-sasl\"/>"); // §3.7
        (await session.ReceiveAsync()).ShouldBe("<success xmlns=\"urn:ietf:params:xml:ns:xmpp-sasl\"/>");
        await session.SendAsync("<open xmlns=\"urn:ietf:params:xml:ns:xmpp-framing\"\n      to=\"example.org\"\n      version=\"1.0\" />");
        await TestTimeout.UntilAsync(() => session.Backend.Restarts.Count == 1);
        session.Backend.ReceiveHeader();
        (await session.ReceiveAsync()).ShouldStartWith("<open ");
        (await session.ReceiveAsync()).ShouldStartWith("<stream:features ");

        const string Message = "<message xmlns=\"jabber:client\" xml:lang=\"en\">\n  <body>Every WebSocket message is parsable by itself.</body>\n</message>"; // §3.3.3
        await session.SendAsync(Message);
        await session.Backend.ExpectAsync(Message);

        await session.SendAsync("<close xmlns=\"urn:ietf:params:xml:ns:xmpp-framing\" />"); // §3.6
        await session.Backend.ExpectAsync("</stream:stream>");
        session.Backend.Receive("</stream:stream>");
        (await session.ReceiveAsync()).ShouldBe(Close);
        await session.Client.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, TestContext.Current.CancellationToken);
        (await session.ReceiveAsync()).ShouldBe("Close 1000");
        await session.EndAsync();
    }

    [Fact]
    [Trait("Requirement", "WS-047")]
    public async Task StreamError_OfSection35_GoesAsPrinted()
    {
        await using var session = new SessionHarness();
        await session.OpenAsync();
        session.Backend.Receive("<stream:error><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>");

        (await session.ReceiveAsync()).ShouldBe("<stream:error xmlns:stream='http://etherx.jabber.org/streams'><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>");
        (await session.ReceiveAsync()).ShouldBe(Close);
    }
}
