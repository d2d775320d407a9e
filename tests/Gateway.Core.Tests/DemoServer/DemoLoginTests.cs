using System.Security.Cryptography;
using System.Xml.Linq;
using Gateway.DemoServer;
using Gateway.DemoServer.Sasl;
using Gateway.TestKit;

namespace Gateway.Core.Tests.DemoServer;

public sealed class DemoLoginTests : DemoServerTest
{
    [Theory]
    [InlineData("SCRAM-SHA-256", "alice")]
    [InlineData("SCRAM-SHA-1", "bob")]
    [InlineData("SCRAM-SHA-256", "ALICE")]
    public async Task Scram_RightPassword_LogsInAndProvesTheServer(string mechanism, string user)
    {
        var client = await Own(DemoClient.ConnectTlsAsync(await StartAsync()));

        (await client.ScramAsync(mechanism, user, "demo")).Name.ShouldBe(DemoClient.Sasl + "success");
        await client.OpenAsync();
        await client.BindAsync("home");

        client.Jid.ShouldBe(user.ToLowerInvariant() + "@localhost/home");
    }

    [Fact]
    public async Task Plain_WithoutInitialResponse_GetsAnEmptyChallengeFirst()
    {
        var client = await Own(DemoClient.ConnectTlsAsync(await StartAsync()));
        await client.SendAsync($"<auth xmlns='{DemoClient.Sasl}' mechanism='PLAIN'/>");
        var challenge = await client.ReadAsync();
        challenge.Name.ShouldBe(DemoClient.Sasl + "challenge");
        challenge.Value.ShouldBeEmpty();

        await client.SendAsync($"<response xmlns='{DemoClient.Sasl}'>{DemoClient.Base64("\0alice\0demo")}</response>");

        (await client.ReadAsync()).Name.ShouldBe(DemoClient.Sasl + "success");
    }

    [Fact]
    public async Task Anonymous_Allowed_GetsAnAccountOfItsOwn()
    {
        var server = await StartAsync();
        var first = await LoginAnonymouslyAsync(server);
        var second = await LoginAnonymouslyAsync(server);

        first.BareJid.ShouldNotBe(second.BareJid);
        first.BareJid.ShouldEndWith("@localhost");
        var roster = await first.AskAsync("get", null, "<query xmlns='jabber:iq:roster'/>");
        roster.Descendants().Count(e => e.Name.LocalName == "item").ShouldBe(0);
    }

    [Fact]
    public async Task Anonymous_NotAllowed_IsNotOfferedAndRefused()
    {
        var client = await Own(DemoClient.ConnectAsync(await StartAsync(new DemoServerOptions { AllowAnonymous = false })));
        await client.OpenAsync();
        await client.StartTlsAsync();
        var features = await client.OpenAsync();
        features.Descendants(DemoClient.Sasl + "mechanism").Select(m => m.Value).ShouldBe(["SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN"]);

        await client.SendAsync($"<auth xmlns='{DemoClient.Sasl}' mechanism='ANONYMOUS'/>");

        DemoClient.ConditionOf(await client.ReadAsync()).ShouldBe("invalid-mechanism");
    }

    [Theory]
    [InlineData("SCRAM-SHA-256")]
    [InlineData("SCRAM-SHA-1")]
    public async Task Scram_WrongPasswordOrUnknownUser_IsNotAuthorizedAndMayTryAgain(string mechanism)
    {
        var client = await Own(DemoClient.ConnectTlsAsync(await StartAsync()));

        DemoClient.ConditionOf(await client.ScramAsync(mechanism, "alice", "wrong")).ShouldBe("not-authorized");
        DemoClient.ConditionOf(await client.ScramAsync(mechanism, "nobody", "demo")).ShouldBe("not-authorized");
        (await client.ScramAsync(mechanism, "alice", "demo")).Name.ShouldBe(DemoClient.Sasl + "success");
    }

    [Fact]
    public async Task Plain_WrongPasswordFiveTimes_EndsTheStream()
    {
        var client = await Own(DemoClient.ConnectTlsAsync(await StartAsync()));
        for (var i = 0; i < 5; i++)
        {
            DemoClient.ConditionOf(await client.PlainAsync("alice", "wrong")).ShouldBe("not-authorized");
        }

        await client.ReadErrorAsync("policy-violation");
    }

    [Theory]
    [InlineData("alice@localhost", "success")]
    [InlineData("bob@localhost", "invalid-authzid")]
    public async Task Sasl_AuthorizationIdentity_MustBeTheAccountItself(string authzid, string expected)
    {
        var server = await StartAsync();
        var plain = await Own(DemoClient.ConnectTlsAsync(server));
        var scram = await Own(DemoClient.ConnectTlsAsync(server));

        Outcome(await plain.PlainAsync("alice", "demo", authzid)).ShouldBe(expected);
        Outcome(await scram.ScramAsync("SCRAM-SHA-256", "alice", "demo", authzid)).ShouldBe(expected);
    }

    [Theory]
    [InlineData("<auth mechanism='SCRAM-SHA-256'>###</auth>", "incorrect-encoding")]
    [InlineData("<auth mechanism='SCRAM-SHA-256'>cD10bHMtdW5pcXVlLCxuPWEscj1i</auth>", "malformed-request")] // p=tls-unique,,n=a,r=b
    [InlineData("<auth mechanism='SCRAM-SHA-256'>biwsbT1lLG49YSxyPWI=</auth>", "malformed-request")] // n,,m=e,n=a,r=b
    [InlineData("<auth mechanism='PLAIN'>YWxpY2U=</auth>", "malformed-request")]
    [InlineData("<auth mechanism='X-OTHER'>=</auth>", "invalid-mechanism")]
    [InlineData("<auth/>", "invalid-mechanism")]
    [InlineData("<response>YQ==</response>", "malformed-request")]
    [InlineData("<abort/>", "aborted")]
    public async Task Sasl_BadMessage_FailsByItsName(string message, string condition)
    {
        var client = await Own(DemoClient.ConnectTlsAsync(await StartAsync()));

        var element = XElement.Parse(message);
        element.Name = DemoClient.Sasl + element.Name.LocalName;
        await client.SendAsync(element.ToString(SaveOptions.DisableFormatting));

        DemoClient.ConditionOf(await client.ReadAsync()).ShouldBe(condition);
        (await client.PlainAsync("alice", "demo")).Name.ShouldBe(DemoClient.Sasl + "success");
    }

    [Fact]
    public async Task Stanza_BeforeLogin_EndsTheStream()
    {
        var client = await Own(DemoClient.ConnectTlsAsync(await StartAsync()));
        await client.SendAsync("<message to='bob@localhost'><body>x</body></message>");
        await client.ReadErrorAsync("not-authorized");
    }

    [Fact]
    public async Task Stanza_BeforeBinding_EndsTheStream()
    {
        var client = await Own(DemoClient.ConnectTlsAsync(await StartAsync()));
        await client.PlainAsync("alice", "demo");
        await client.OpenAsync();
        await client.SendAsync("<presence/>");
        await client.ReadErrorAsync("not-authorized");
    }

    [Fact]
    public async Task Bind_ResourceInUse_GivesTheNewcomerAnother()
    {
        var server = await StartAsync();
        var first = await Own(DemoClient.LoginAsync(server, "alice", "home"));
        var second = await Own(DemoClient.LoginAsync(server, "alice", "home"));

        first.Jid.ShouldBe("alice@localhost/home");
        second.BareJid.ShouldBe("alice@localhost");
        second.Jid.ShouldNotBe(first.Jid);
        (await first.SettleAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Setup_TakesTooLong_EndsWithConnectionTimeout()
    {
        var time = new ManualTimeProvider();
        var client = await Own(DemoClient.ConnectAsync(await StartAsync(new DemoServerOptions { TimeProvider = time })));
        await client.OpenAsync();

        time.Advance(TimeSpan.FromSeconds(60));

        await client.ReadErrorAsync("connection-timeout");
    }

    [Fact]
    public async Task Setup_Done_IsNoLongerTimed()
    {
        var time = new ManualTimeProvider();
        var client = await Own(DemoClient.LoginAsync(await StartAsync(new DemoServerOptions { TimeProvider = time }), "alice"));
        await client.SettleAsync();

        time.Advance(TimeSpan.FromHours(1));

        (await client.SettleAsync()).ShouldBeEmpty();
    }

    // RFC 5802 §5 and RFC 7677 §3: the published exchanges of user "user" with password "pencil".
    [Theory]
    [InlineData("SHA1", "QSXCR+Q6sek8bf92", "fyko+d2lbbFgONRv9qkxdawL", "3rfcNHYJY1ZVvWVs7j", "v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=", "rmF9pqV8S7suAoZWja4dJRkFsKQ=")]
    [InlineData("SHA256", "W22ZaJ0SNY7soEsUEjb6gQ==", "rOprNGfwEbeRWgbNEkqO", "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0", "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=", "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")]
    public void ScramCredentials_PublishedExchange_Fits(string hash, string salt, string clientNonce, string serverNonce, string proof, string signature)
    {
        var credentials = ScramCredentials.Create(new HashAlgorithmName(hash), "pencil", Convert.FromBase64String(salt));
        var nonce = clientNonce + serverNonce;
        var authMessage = $"n=user,r={clientNonce},r={nonce},s={salt},i=4096,c=biws,r={nonce}";

        credentials.Verify(authMessage, Convert.FromBase64String(proof)).ShouldBeTrue();
        credentials.Verify(authMessage + "x", Convert.FromBase64String(proof)).ShouldBeFalse();
        Convert.ToBase64String(credentials.ServerSignature(authMessage)).ShouldBe(signature);
    }

    private static string Outcome(XElement element) => element.Name.LocalName == "success" ? "success" : DemoClient.ConditionOf(element);

    private async Task<DemoClient> LoginAnonymouslyAsync(DemoXmppServer server)
    {
        var client = await Own(DemoClient.ConnectTlsAsync(server));
        await client.SendAsync($"<auth xmlns='{DemoClient.Sasl}' mechanism='ANONYMOUS'>=</auth>");
        (await client.ReadAsync()).Name.ShouldBe(DemoClient.Sasl + "success");
        await client.OpenAsync();
        await client.BindAsync(null);
        return client;
    }
}
