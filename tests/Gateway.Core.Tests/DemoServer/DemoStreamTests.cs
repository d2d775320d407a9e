using System.Security.Authentication;
using System.Text;
using System.Xml.Linq;
using Gateway.DemoServer;
using Gateway.TestKit;

namespace Gateway.Core.Tests.DemoServer;

public sealed class DemoStreamTests : DemoServerTest
{
    [Fact]
    public async Task Stream_BeforeTls_OffersOnlyStartTlsAndRequiresIt()
    {
        var client = await Own(DemoClient.ConnectAsync(await StartAsync()));
        var features = await client.OpenAsync();

        features.Elements().ShouldHaveSingleItem().Name.ShouldBe(DemoClient.Tls + "starttls");
        features.Descendants(DemoClient.Tls + "required").ShouldHaveSingleItem();
        client.Header.Name.ShouldBe(DemoClient.Streams + "stream");
        client.Header.Attribute("from")!.Value.ShouldBe("localhost");
        client.Header.Attribute("version")!.Value.ShouldBe("1.0");
        client.Header.Attribute("id")!.Value.Length.ShouldBeGreaterThan(8);

        await client.SendAsync($"<auth xmlns='{DemoClient.Sasl}' mechanism='PLAIN'>{DemoClient.Base64("\0alice\0demo")}</auth>");
        await client.ReadErrorAsync("policy-violation");
    }

    [Fact]
    public async Task StartTls_WithDataBehindIt_IsRefused()
    {
        var client = await Own(DemoClient.ConnectAsync(await StartAsync()));
        await client.OpenAsync();
        await client.SendAsync("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/><iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>");
        await client.ReadErrorAsync("policy-violation");
    }

    [Fact]
    public async Task Certificate_OfAnotherServer_IsNotTrusted()
    {
        var one = await StartAsync();
        var other = await StartAsync();
        one.Authority.Thumbprint.ShouldNotBe(other.Authority.Thumbprint);
        one.Authority.HasPrivateKey.ShouldBeFalse();

        await using var client = await DemoClient.ConnectAsync(one);
        await client.OpenAsync();
        await client.SendAsync("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
        await client.ReadAsync();
        await Should.ThrowAsync<AuthenticationException>(() => client.HandshakeAsync(other.Authority));
    }

    [Theory]
    [InlineData("<stream:stream to='example.org' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>", "host-unknown")]
    [InlineData("<stream:stream version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>", "improper-addressing")]
    [InlineData("<stream:stream to='localhost' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>", "unsupported-version")]
    [InlineData("<stream:stream to='localhost' version='1.0' xmlns='jabber:client' xmlns:stream='urn:other'>", "invalid-namespace")]
    [InlineData("<stream:stream to='localhost' version='1.0' xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams'>", "invalid-namespace")]
    [InlineData("<?xml version='1.0'?><!DOCTYPE a><a>", "restricted-xml")]
    [InlineData("GET / HTTP/1.1\r\n\r\n", "bad-format", "not-well-formed")]
    public async Task Header_Wrong_IsAnsweredWithAHeaderAndTheError(string header, params string[] conditions)
    {
        var client = await Own(DemoClient.ConnectAsync(await StartAsync()));

        var error = await client.OpenAsync(header: header);

        client.Header.Name.ShouldBe(DemoClient.Streams + "stream");
        error.Name.ShouldBe(DemoClient.Streams + "error");
        error.Elements().First().Name.LocalName.ShouldBeOneOf(conditions);
        (await client.TryReadAsync().WithinAsync()).ShouldBeNull();
    }

    [Theory]
    [InlineData("<message><body></message>", "not-well-formed")]
    [InlineData("<message>&nbsp;</message>", "restricted-xml", "not-well-formed")]
    [InlineData("<message><!-- x --></message>", "restricted-xml")]
    [InlineData("<q:message/>", "not-well-formed")]
    [InlineData("text", "bad-format")]
    [InlineData("<enable xmlns='urn:xmpp:sm:3'/>", "unsupported-stanza-type")]
    [InlineData("<message xmlns='jabber:server'/>", "unsupported-stanza-type")]
    [InlineData("<message from='bob@localhost/x' to='bob@localhost'/>", "invalid-from")]
    public async Task Input_Bad_EndsTheStreamByItsName(string input, params string[] conditions)
    {
        var client = await Own(DemoClient.OnlineAsync(await StartAsync(), "alice"));
        await client.SendAsync(input);
        var error = await client.ReadUntilAsync(e => e.Name == DemoClient.Streams + "error");
        error.Elements().First().Name.LocalName.ShouldBeOneOf(conditions);
        (await client.TryReadAsync().WithinAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task Input_NotUtf8_EndsTheStream()
    {
        var client = await Own(DemoClient.OnlineAsync(await StartAsync(), "alice"));
        await client.SendAsync([.. "<message><body>"u8, 0xc3, 0x28, .. "</body></message>"u8]);
        await client.ReadErrorAsync("unsupported-encoding");
    }

    [Fact]
    public async Task Stanza_AtTheLimit_PassesAndOneByteMoreEndsTheStream()
    {
        var server = await StartAsync(new DemoServerOptions { MaxStanzaBytes = 20_000 });
        var client = await Own(DemoClient.OnlineAsync(server, "alice"));

        await client.SendAsync(Sized(20_000));
        var back = await client.ReadAsync();
        back.Element(DemoClient.Client + "body")!.Value.Length.ShouldBeGreaterThan(19_000);

        await client.SendAsync(Sized(20_001));
        var error = await client.ReadErrorAsync("policy-violation");
        error.Elements().ShouldContain(e => e.Name == XName.Get("stanza-too-big", "urn:xmpp:errors"));
    }

    [Fact]
    public async Task Close_FromClient_IsAnswered()
    {
        var server = await StartAsync();
        var client = await Own(DemoClient.OnlineAsync(server, "alice"));
        await client.SendAsync("</stream:stream>");
        (await client.TryReadAsync().WithinAsync()).ShouldBeNull();
        await client.DisposeAsync();
        await TestTimeout.UntilAsync(() => server.ConnectionCount == 0);
    }

    [Fact]
    public async Task Server_Stops_TellsItsClients()
    {
        var server = await StartAsync();
        var client = await Own(DemoClient.OnlineAsync(server, "alice"));

        var stopping = server.DisposeAsync();
        await client.ReadErrorAsync("system-shutdown");
        await client.DisposeAsync();

        await stopping.WithinAsync();
        server.ConnectionCount.ShouldBe(0);
    }

    [Fact]
    public async Task Connections_OverTheLimit_AreClosed()
    {
        var server = await StartAsync(new DemoServerOptions { MaxConnections = 1 });
        var first = await Own(DemoClient.OnlineAsync(server, "alice"));
        var second = await Own(DemoClient.ConnectAsync(server));

        await Should.ThrowAsync<Exception>(() => second.OpenAsync());

        (await first.SettleAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Reader_ThatStalls_LosesItsConnection()
    {
        var server = await StartAsync(new DemoServerOptions { MaxQueuedBytes = 256 * 1024 });
        var alice = await Own(DemoClient.OnlineAsync(server, "alice"));
        var bob = await Own(DemoClient.OnlineAsync(server, "bob", receiveBuffer: 4096));
        (await alice.ReadAsync()).Attribute("from")!.Value.ShouldBe(bob.Jid);

        // The sockets' own buffers take some megabytes first.
        var body = new string('x', 60_000);
        var gone = alice.ReadUntilAsync(e => e.Attribute("type")?.Value == "unavailable");
        for (var i = 0; i < 2000 && !gone.IsCompleted; i++)
        {
            await alice.SendAsync($"<message to='{bob.Jid}'><body>{body}</body></message>");
        }

        (await gone).Attribute("from")!.Value.ShouldBe(bob.Jid);
        (await alice.SettleAsync()).ShouldAllBe(e => e.Name.LocalName == "message");
    }

    private static string Sized(int bytes)
    {
        const string Start = "<message to='alice@localhost'><body>";
        const string End = "</body></message>";
        return Start + new string('x', bytes - Encoding.UTF8.GetByteCount(Start + End)) + End;
    }
}
