using System.Net.WebSockets;
using System.Text;
using Gateway.Core.Sessions;
using Gateway.TestKit;

namespace Gateway.Core.Tests.WebSockets;

/// <summary>Text and structure arrive as sent, both ways (websocket.md section 3).</summary>
public sealed class RelayTests
{
    /// <summary>The whole of what a stanza may hold; each with its own namespace, so that no byte of it changes.</summary>
    public static TheoryData<string> Elements =>
    [
        "<message xmlns='jabber:client'><body>&lt;&amp;&gt;&quot;&apos; &#x1F600; &#10; ' \" > ]] 😀 é \u00A0 \uFEFF \u200B \u2028 \uFFFD 𝄞 \u007F \u0085</body></message>",
        "<message xmlns='jabber:client'><body>\t one\n two\r\n three\r </body></message>",
        "<message xmlns='jabber:client'><a b='1&#10;2&#13;3&#9;4\n5\t6'/></message>",
        "<message xmlns='jabber:client'><x xmlns=''><y/></x><body/></message>",
        "<message xmlns='jabber:client'><x xmlns='urn:x'><y xmlns=''><z xmlns='jabber:client'/></y></x></message>",
        "<message xmlns='jabber:client' xmlns:a='urn:a'><a:x a:b='c' xmlns:a='urn:b'/><a:x/></message>",
        "<message xmlns='jabber:client'><body><![CDATA[<b>&amp;]]&gt;]]]]><![CDATA[>]]></body></message>",
        "<message xmlns='jabber:client' xml:lang='de-AT' xml:space='preserve'><body xml:lang=''> </body></message>",
        "<iq xmlns=\"jabber:client\"\n  type = 'get'\n  id='>'\n><ping xmlns='urn:xmpp:ping'\n/></iq  >",
        "<größe xmlns='urn:ä' añb='ж'/>",
    ];

    [Theory]
    [MemberData(nameof(Elements))]
    [Trait("Requirement", "WS-023")]
    public async Task Element_AnyContent_ArrivesByteForByteBothWays(string element)
    {
        await using var session = new SessionHarness();
        await session.AuthenticateAsync();
        await session.SendAsync(element);
        await session.Backend.ExpectAsync(element);
        session.Backend.Receive(element);
        (await session.ReceiveAsync()).ShouldBe(element);
    }

    [Fact]
    public async Task Stanza_WithAPrefix_ArrivesInTheDefaultNamespaceOfTheStream()
    {
        await using var session = new SessionHarness();
        await session.AuthenticateAsync();
        await session.SendAsync("<p:message xmlns:p='jabber:client' p:to='q'><p:body>x</p:body></p:message>");
        await session.Backend.ExpectAsync("<message xmlns:p='jabber:client' p:to='q'><body>x</body></message>");
    }

    [Fact]
    [Trait("Requirement", "WS-027")]
    public async Task Backend_PrefixesOfItsHeader_AreDeclaredAgainWhereTheyAreUsedAndNowhereElse()
    {
        await using var session = new SessionHarness
        {
            Backend = new FakeXmppStream(header: "<stream:stream from='example.org' id='s1' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' xmlns:db='jabber:server:dialback' xmlns:u='urn:u'>"),
        };
        await session.OpenAsync();
        session.Backend.Receive("<a xmlns='urn:a' u:b='1'><db:x/></a><a xmlns='urn:a'/><db:result/><u:x xmlns:u='urn:other'/>");

        (await session.ReceiveAsync()).ShouldBe("<a xmlns:db='jabber:server:dialback' xmlns:u='urn:u' xmlns='urn:a' u:b='1'><db:x/></a>");
        (await session.ReceiveAsync()).ShouldBe("<a xmlns='urn:a'/>");
        (await session.ReceiveAsync()).ShouldBe("<db:result xmlns:db='jabber:server:dialback'/>");
        (await session.ReceiveAsync()).ShouldBe("<u:x xmlns:u='urn:other'/>");
    }

    [Fact]
    [Trait("Requirement", "WS-021")]
    [Trait("Requirement", "WS-022")]
    public async Task Message_OfTheDefaultLimit_PassesInFragmentsAndOneByteMoreIsTooBig()
    {
        const int Limit = 262_144;
        await using var session = new SessionHarness(window: 1 << 20);
        await session.AuthenticateAsync();
        await SendInFragmentsAsync(session, Stanza(Limit));
        await session.Backend.ExpectAsync("</message>");
        session.Backend.Receive(Stanza(Limit));
        (await session.ReceiveAsync()).ShouldBe(Stanza(Limit));

        await SendInFragmentsAsync(session, Stanza(Limit + 1));
        (await session.ReceiveAsync()).ShouldContain("<stanza-too-big xmlns='urn:xmpp:errors'/>");
        session.Backend.Written.ShouldEndWith("</message></stream:stream>");
    }

    [Fact]
    [Trait("Requirement", "WS-021")]
    public async Task Message_BeyondTheLimit_IsRefusedBeforeItIsWhole()
    {
        await using var session = new SessionHarness(limits: new SessionLimits { MaxStanzaBytes = 20_000 });
        await session.AuthenticateAsync();
        for (var sent = 0; sent <= 20_000; sent += 1000)
        {
            await session.SendAsync(Encoding.UTF8.GetBytes(new string('<', 1000)), WebSocketMessageType.Text, last: false);
        }

        (await session.ReceiveAsync()).ShouldContain("<stanza-too-big xmlns='urn:xmpp:errors'/>");
    }

    [Fact]
    public async Task Thousands_ToASlowReader_ArriveInOrder()
    {
        const int Count = 5_000;
        await using var session = new SessionHarness(window: 4 * 1024);
        await session.AuthenticateAsync();
        var sending = Task.Run(async () =>
        {
            for (var i = 0; i < Count; i++)
            {
                session.Backend.Receive($"<message id='{i}'><body>{new string('x', i % 300)}</body></message>");
                await session.SendAsync($"<message xmlns='jabber:client' id='u{i}'/>");
            }
        }, TestContext.Current.CancellationToken);
        for (var i = 0; i < Count; i++)
        {
            (await session.ReceiveAsync()).ShouldBe($"<message xmlns='jabber:client' id='{i}'><body>{new string('x', i % 300)}</body></message>");
        }

        await sending.WithinAsync();
        await session.Backend.ExpectAsync($"id='u{Count - 1}'/>");
        session.Backend.Written.ShouldEndWith(string.Concat(Enumerable.Range(0, Count).Select(i => $"<message xmlns='jabber:client' id='u{i}'/>")));
    }

    private static string Stanza(int length)
    {
        const string Empty = "<message xmlns='jabber:client'><body></body></message>";
        return Empty.Insert(Empty.IndexOf("</body>", StringComparison.Ordinal), new string('x', length - Empty.Length));
    }

    private static async Task SendInFragmentsAsync(SessionHarness session, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        for (var at = 0; at < bytes.Length; at += 10_000)
        {
            var end = Math.Min(at + 10_000, bytes.Length);
            await session.SendAsync(bytes[at..end], WebSocketMessageType.Text, end == bytes.Length);
        }
    }
}
