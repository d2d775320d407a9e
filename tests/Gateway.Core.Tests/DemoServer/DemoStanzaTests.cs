using System.Xml.Linq;

namespace Gateway.Core.Tests.DemoServer;

public sealed class DemoStanzaTests : DemoServerTest
{
    [Fact]
    public async Task Roster_Get_HasTheOtherAccount()
    {
        var alice = await Own(DemoClient.LoginAsync(await StartAsync(), "alice"));

        var item = (await alice.AskAsync("get", null, "<query xmlns='jabber:iq:roster' ver=''/>"))
            .Descendants(Roster("item")).ShouldHaveSingleItem();

        item.Attribute("jid")!.Value.ShouldBe("bob@localhost");
        item.Attribute("subscription")!.Value.ShouldBe("both");
    }

    [Fact]
    public async Task Roster_Set_IsPushedToEveryResourceThatAsked()
    {
        var server = await StartAsync();
        var home = await Own(DemoClient.LoginAsync(server, "alice", "home"));
        var work = await Own(DemoClient.LoginAsync(server, "alice", "work"));
        await work.AskAsync("get", null, "<query xmlns='jabber:iq:roster'/>");

        var result = await home.AskAsync("set", null, "<query xmlns='jabber:iq:roster'><item jid='bob@localhost' name='Bobby'><group>Friends</group></item></query>");

        result.Attribute("type")!.Value.ShouldBe("result");
        var pushed = (await work.ReadAsync()).Descendants(Roster("item")).ShouldHaveSingleItem();
        pushed.Attribute("name")!.Value.ShouldBe("Bobby");
        pushed.Attribute("subscription")!.Value.ShouldBe("both");
        pushed.Element(Roster("group"))!.Value.ShouldBe("Friends");
    }

    [Fact]
    public async Task Roster_RemoveAndSubscribeAgain_EndsAndRestoresPresence()
    {
        var server = await StartAsync();
        var alice = await Own(DemoClient.OnlineAsync(server, "alice", "a"));
        var bob = await Own(DemoClient.OnlineAsync(server, "bob", "b"));
        await alice.AskAsync("get", null, "<query xmlns='jabber:iq:roster'/>");

        await alice.AskAsync("set", null, "<query xmlns='jabber:iq:roster'><item jid='bob@localhost' subscription='remove'/></query>");
        (await bob.ReadAsync()).ToString().ShouldSatisfyAllConditions(p => p.ShouldContain("unavailable"), p => p.ShouldContain(alice.Jid));
        (await alice.AskAsync("get", null, "<query xmlns='jabber:iq:roster'/>")).Descendants(Roster("item")).ShouldBeEmpty();

        await alice.SendAsync("<presence type='subscribe' to='bob@localhost'/>");
        var seen = await alice.SettleAsync();
        seen.ShouldContain(e => e.Attribute("type") != null && e.Attribute("type")!.Value == "subscribed");
        seen.ShouldContain(e => e.Name.LocalName == "presence" && e.Attribute("type") == null && e.Attribute("from")!.Value == bob.Jid);
        (await bob.SettleAsync()).ShouldContain(e => e.Attribute("type") == null && e.Attribute("from")!.Value == alice.Jid);
    }

    [Fact]
    public async Task Presence_OfBoth_ReachesBothWays()
    {
        var server = await StartAsync();
        var alice = await Own(DemoClient.LoginAsync(server, "alice", "a"));
        await alice.SendAsync("<presence><show>away</show></presence>");
        (await alice.ReadAsync()).Attribute("from")!.Value.ShouldBe(alice.Jid); // RFC 6121 §4.2.2: also to itself
        var bob = await Own(DemoClient.LoginAsync(server, "bob", "b"));

        await bob.SendAsync("<presence/>");

        var atBob = await bob.SettleAsync();
        atBob.ShouldContain(p => p.Attribute("from")!.Value == alice.Jid && p.Element(DemoClient.Client + "show")!.Value == "away");
        (await alice.ReadAsync()).Attribute("from")!.Value.ShouldBe(bob.Jid);

        await bob.SendAsync("<presence type='unavailable'/>");
        var gone = await alice.ReadAsync();
        gone.Attribute("type")!.Value.ShouldBe("unavailable");
        gone.Attribute("from")!.Value.ShouldBe(bob.Jid);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Presence_ConnectionEnds_TurnsUnavailable(bool abruptly)
    {
        var server = await StartAsync();
        var alice = await Own(DemoClient.OnlineAsync(server, "alice"));
        var bob = await Own(DemoClient.OnlineAsync(server, "bob"));
        await alice.SettleAsync();

        if (abruptly)
        {
            bob.Drop();
        }
        else
        {
            await bob.SendAsync("</stream:stream>");
        }

        var gone = await alice.ReadAsync();
        gone.Attribute("type")!.Value.ShouldBe("unavailable");
        gone.Attribute("from")!.Value.ShouldBe(bob.Jid);
    }

    [Fact]
    public async Task Presence_Directed_IsTakenBackWhenTheStreamEnds()
    {
        var server = await StartAsync();
        var stranger = await Own(DemoClient.ConnectTlsAsync(server));
        await stranger.SendAsync($"<auth xmlns='{DemoClient.Sasl}' mechanism='ANONYMOUS'/>");
        await stranger.ReadAsync();
        await stranger.OpenAsync();
        await stranger.BindAsync(null);
        var alice = await Own(DemoClient.OnlineAsync(server, "alice"));

        await stranger.SendAsync($"<presence to='{alice.Jid}'/>");
        (await alice.ReadAsync()).Attribute("from")!.Value.ShouldBe(stranger.Jid);
        stranger.Drop();

        (await alice.ReadAsync()).Attribute("type")!.Value.ShouldBe("unavailable");
    }

    [Theory]
    [InlineData("bob@localhost", "bob@localhost/b", null)]
    [InlineData("bob@localhost/none", "bob@localhost/none", "unavailable")]
    [InlineData("nobody@localhost", "nobody@localhost", "unsubscribed")]
    public async Task Probe_Answer_TellsWhatMayBeKnown(string to, string from, string? type)
    {
        var server = await StartAsync();
        await Own(DemoClient.OnlineAsync(server, "bob", "b"));
        var alice = await Own(DemoClient.OnlineAsync(server, "alice"));

        await alice.SendAsync($"<presence type='probe' to='{to}'/>");

        var answer = await alice.ReadAsync();
        answer.Attribute("from")!.Value.ShouldBe(from);
        answer.Attribute("type")?.Value.ShouldBe(type);
    }

    [Fact]
    public async Task Message_ToBareJid_ReachesAllResourcesButNegativeOnes()
    {
        var server = await StartAsync();
        var alice = await Own(DemoClient.OnlineAsync(server, "alice", "a"));
        var home = await Own(DemoClient.OnlineAsync(server, "bob", "home"));
        var work = await Own(DemoClient.OnlineAsync(server, "bob", "work", priority: 5));
        var robot = await Own(DemoClient.OnlineAsync(server, "bob", "robot", priority: -1));
        await home.SettleAsync();
        await work.SettleAsync();

        await alice.SendAsync("<message to='BOB@localhost' type='chat' id='m1'><body>hello</body></message>");
        await alice.SettleAsync();

        foreach (var receiver in new[] { home, work })
        {
            var message = (await receiver.SettleAsync()).ShouldHaveSingleItem();
            message.Attribute("from")!.Value.ShouldBe("alice@localhost/a");
            message.Attribute("id")!.Value.ShouldBe("m1");
            message.Element(DemoClient.Client + "body")!.Value.ShouldBe("hello");
        }

        (await robot.SettleAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Message_ToFullJid_ReachesThatResourceOnlyAndKeepsItsContent()
    {
        var server = await StartAsync();
        var alice = await Own(DemoClient.OnlineAsync(server, "alice", "a"));
        var home = await Own(DemoClient.OnlineAsync(server, "bob", "home"));
        var work = await Own(DemoClient.OnlineAsync(server, "bob", "work"));
        await home.SettleAsync();
        const string Payload = "<body xml:lang='de'>a &lt; b &amp;&#10; \U0001F600 <![CDATA[<c>\r\n]]></body><q:x xmlns:q='urn:q' q:a=\"it's\" b='2'><y xmlns=''/><q:z/></q:x>";

        await alice.SendAsync($"<message to='{work.Jid}' type='chat'>{Payload}</message>");
        await alice.SettleAsync();

        var message = (await work.SettleAsync()).ShouldHaveSingleItem();
        var expected = XElement.Parse($"<m xmlns='jabber:client'>{Payload}</m>", LoadOptions.PreserveWhitespace);
        message.Nodes().Select(Normal).ShouldBe(expected.Nodes().Select(Normal));
        (await home.SettleAsync()).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("bob@localhost", null, "service-unavailable")]
    [InlineData("bob@localhost/gone", "chat", "service-unavailable")]
    [InlineData("nobody@localhost", "chat", "service-unavailable")]
    [InlineData("localhost", "chat", "service-unavailable")]
    [InlineData("bob@example.org", "chat", "remote-server-not-found")]
    [InlineData("@", "chat", "jid-malformed")]
    [InlineData("alice@localhost", "groupchat", "service-unavailable")]
    [InlineData("bob@localhost", "headline", null)]
    [InlineData("bob@localhost", "error", null)]
    public async Task Message_ThatReachesNobody_IsAnsweredAsTheRulesSay(string to, string? type, string? condition)
    {
        var alice = await Own(DemoClient.OnlineAsync(await StartAsync(), "alice"));

        await alice.SendAsync($"<message to='{to}' id='m'{(type is null ? "" : $" type='{type}'")}><body>x</body></message>");

        var answers = await alice.SettleAsync();
        if (condition is null)
        {
            answers.ShouldBeEmpty();
            return;
        }

        var error = answers.ShouldHaveSingleItem();
        DemoClient.ConditionOf(error).ShouldBe(condition);
        error.Attribute("id")!.Value.ShouldBe("m");
        error.Attribute("from")!.Value.ShouldBe(to);
    }

    [Theory]
    [InlineData("get", null, "<ping xmlns='urn:xmpp:ping'/>")]
    [InlineData("get", "localhost", "<ping xmlns='urn:xmpp:ping'/>")]
    [InlineData("set", null, "<session xmlns='urn:ietf:params:xml:ns:xmpp-session'/>")]
    [InlineData("get", "localhost", "<query xmlns='http://jabber.org/protocol/disco#items'/>")]
    [InlineData("get", "bob@localhost", "<query xmlns='http://jabber.org/protocol/disco#info'/>")]
    [InlineData("get", "localhost", "<query xmlns='jabber:iq:version'/>")]
    public async Task Iq_Known_HasAResult(string type, string? to, string payload)
    {
        var alice = await Own(DemoClient.LoginAsync(await StartAsync(), "alice"));
        var result = await alice.AskAsync(type, to, payload);
        result.Attribute("type")!.Value.ShouldBe("result");
        result.Attribute("from")?.Value.ShouldBe(to);
    }

    [Fact]
    public async Task Disco_OfTheServer_ListsWhatWorksAndNothingElse()
    {
        var alice = await Own(DemoClient.LoginAsync(await StartAsync(), "alice"));
        var info = await alice.AskAsync("get", "localhost", "<query xmlns='http://jabber.org/protocol/disco#info'/>");
        var features = info.Descendants().Select(e => e.Attribute("var")?.Value).OfType<string>().ToList();

        features.ShouldContain("urn:xmpp:ping");
        features.ShouldNotContain("urn:xmpp:carbons:2");
        info.Descendants().Count(e => e.Name.LocalName == "identity" && e.Attribute("category")!.Value == "server").ShouldBe(1);
    }

    [Theory]
    [InlineData("set", null, "<enable xmlns='urn:xmpp:carbons:2'/>", "service-unavailable")]
    [InlineData("set", null, "<query xmlns='urn:xmpp:mam:2'/>", "service-unavailable")]
    [InlineData("get", null, "<blocklist xmlns='urn:xmpp:blocking'/>", "service-unavailable")]
    [InlineData("get", null, "<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='storage:bookmarks'/></pubsub>", "service-unavailable")]
    [InlineData("get", null, "<vCard xmlns='vcard-temp'/>", "item-not-found")]
    [InlineData("get", "bob@localhost", "<vCard xmlns='vcard-temp'/>", "service-unavailable")]
    [InlineData("get", "nobody@localhost", "<query xmlns='http://jabber.org/protocol/disco#info'/>", "service-unavailable")]
    [InlineData("get", "bob@localhost", "<query xmlns='jabber:iq:roster'/>", "service-unavailable")]
    [InlineData("set", "localhost", "<ping xmlns='urn:xmpp:ping'/>", "feature-not-implemented")]
    [InlineData("set", null, "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>", "not-allowed")]
    [InlineData("get", "example.org", "<ping xmlns='urn:xmpp:ping'/>", "remote-server-not-found")]
    [InlineData("get", "bob@localhost/gone", "<ping xmlns='urn:xmpp:ping'/>", "service-unavailable")]
    [InlineData("get", null, "", "bad-request")]
    [InlineData("get", null, "<ping xmlns='urn:xmpp:ping'/><ping xmlns='urn:xmpp:ping'/>", "bad-request")]
    [InlineData("put", null, "<ping xmlns='urn:xmpp:ping'/>", "bad-request")]
    [InlineData("set", null, "<query xmlns='jabber:iq:roster'/>", "bad-request")]
    [InlineData("set", null, "<query xmlns='jabber:iq:roster'><item jid='none@localhost' subscription='remove'/></query>", "item-not-found")]
    public async Task Iq_Other_HasAnError(string type, string? to, string payload, string condition)
    {
        var alice = await Own(DemoClient.LoginAsync(await StartAsync(), "alice"));
        var result = await alice.AskAsync(type, to, payload);
        result.Attribute("type")!.Value.ShouldBe("error");
        DemoClient.ConditionOf(result).ShouldBe(condition);
    }

    [Theory]
    [InlineData("<iq type='result' id='x'/>")]
    [InlineData("<iq type='error' id='x' to='localhost'/>")]
    [InlineData("<iq type='result' id='x' to='bob@localhost/gone'/>")]
    [InlineData("<iq type='error' id='x' to='bob@example.org'/>")]
    [InlineData("<iq type='result'/>")]
    public async Task Iq_ThatIsAnAnswer_IsNeverAnswered(string iq)
    {
        var alice = await Own(DemoClient.LoginAsync(await StartAsync(), "alice"));
        await alice.SendAsync(iq);
        (await alice.SettleAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Iq_ToAResource_GoesThereAndBack()
    {
        var server = await StartAsync();
        var alice = await Own(DemoClient.LoginAsync(server, "alice", "a"));
        var bob = await Own(DemoClient.LoginAsync(server, "bob", "b"));

        await alice.SendAsync("<iq type='get' id='v1' to='bob@localhost/b'><query xmlns='jabber:iq:version'/></iq>");
        (await bob.ReadAsync()).Attribute("from")!.Value.ShouldBe("alice@localhost/a");
        await bob.SendAsync("<iq type='result' id='v1' to='alice@localhost/a'><query xmlns='jabber:iq:version'><name>n</name></query></iq>");

        var answer = await alice.ReadAsync();
        answer.Attribute("type")!.Value.ShouldBe("result");
        answer.Attribute("from")!.Value.ShouldBe("bob@localhost/b");
    }

    private static XName Roster(string name) => XName.Get(name, "jabber:iq:roster");

    /// <summary>Equal for equal names, attributes and text, whatever the prefixes.</summary>
    private static string Normal(XNode node) => node is XElement element
        ? $"<{element.Name}{string.Concat(element.Attributes().Where(a => !a.IsNamespaceDeclaration).OrderBy(a => a.Name.ToString(), StringComparer.Ordinal).Select(a => $" {a.Name}={a.Value}"))}>"
            + (element.HasElements ? string.Concat(element.Nodes().Select(Normal)) : element.Value) + "</>"
        : node.ToString();
}
