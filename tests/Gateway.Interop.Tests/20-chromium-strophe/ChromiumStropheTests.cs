using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Gateway.Interop.Tests.Support;
using Microsoft.Playwright;

namespace Gateway.Interop.Tests.ChromiumStrophe;

/// <summary>strophe.js where it lives: in pages of Chromium, served from another origin than the gateway's.</summary>
[Collection(InteropGroup.Name)]
public sealed class ChromiumStropheTests(InteropFixture fixture, ChromiumFixture chromium)
{
    private static readonly string[] Transports = ["bosh", "websocket"];

    /// <summary>Markup, quotes, white space at both ends, line breaks, CJK, astral, joined, combining, right to left, separators of lines.</summary>
    private static readonly string[] Texts =
    [
        "<b> & &amp; ]]> \"double\" 'single'", " \t tab,\nline,\n\n blank ends \n ",
        "\u4F60\u597D \U00010348 \U0001F469\u200D\U0001F680 e\u0301 \u05E9\u05DC\u05D5\u05DD \u0085 \u2028 \uFFFD",
    ];

    [Theory]
    [InlineData("strophe5", "prosody")]
    [InlineData("strophe16", "prosody")]
    [InlineData("strophe12", "prosody")]
    [InlineData("strophe5", "ejabberd")]
    public Task EveryText_AmongPagesAndANativePeer_ArrivesOnceAndExact(string library, string server) =>
        InAContextAsync(context => TalkAsync(context, library, server, transport => fixture.Endpoint(transport, server)));

    /// <summary>RFC 8441: Chromium takes the HTTP/2 connection that it has for the WebSocket too.</summary>
    [Fact]
    [Trait("Requirement", "WS-012")]
    public Task TlsPort_OverHttp2_CarriesBoshAndWebSocket() => InAContextAsync(async context =>
    {
        using var directory = new RunDirectory();
        using var certificates = new CertificateFiles(directory.Sub("certificates"));
        var (certificate, key, _) = certificates.Issue("localhost");
        var authority = string.Create(CultureInfo.InvariantCulture, $"localhost:{Loopback.FreePorts(1)[0]}");
        await using var gateway = await fixture.StartGatewayAsync(
            ["prosody"],
            $"--Kestrel:Endpoints:Https:Url=https://{authority}",
            $"--Kestrel:Endpoints:Https:Certificate:Path={certificate}",
            $"--Kestrel:Endpoints:Https:Certificate:KeyPath={key}");
        var handshakes = new ConcurrentQueue<int>();
        var protocols = new ConcurrentDictionary<string, bool>();
        try
        {
            await TalkAsync(
                context, "strophe5", "prosody",
                transport => new Uri(transport == "bosh" ? $"https://{authority}/http-bind" : $"wss://{authority}/xmpp-websocket"),
                page => PrepareAsync(page, $"https://{authority}/http-bind", handshakes, protocols));
        }
        catch
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"--- gateway\n{gateway.Process.Log()}");
            throw;
        }

        protocols.Keys.ShouldBe(["h2"]);
        handshakes.ToArray().ShouldBe([200], "101 would be an upgrade of HTTP/1.1");
    });

    private Task InAContextAsync(Func<IBrowserContext, Task> body) => fixture.LoggedAsync(() => chromium.WithContextAsync(body));

    private async Task TalkAsync(
        IBrowserContext context, string library, string server, Func<string, Uri> endpoint, Func<StrophePage, Task>? prepare = null)
    {
        await using var peer = await fixture.LogInAsync(DriverCatalog.Login("slixmpp", "tcp"), server, user: "carol");
        var pages = await Task.WhenAll(Transports.Select(async transport =>
        {
            var page = await StrophePage.OpenAsync(context, chromium, library);
            await (prepare?.Invoke(page) ?? Task.CompletedTask);
            await page.LogInAsync(endpoint(transport), $"alice@{fixture.Server(server).Domain}/{library}-{transport}");
            return page;
        }));
        foreach (var (page, other) in pages.Zip(pages.Reverse()))
        {
            foreach (var text in Texts)
            {
                await page.SendAsync(other.Jid, text);
                await page.SendAsync(peer.Jid, text);
                await peer.SendAsync(page.Jid, text);
            }

            await page.SendAsync(peer.Jid, "last");
        }

        foreach (var (page, other) in pages.Zip(pages.Reverse()))
        {
            await peer.MessageAsync(page.Jid, "last");
            peer.Messages.Where(message => message.First == page.Jid).Select(message => message.Body).ShouldBe([.. Texts, "last"]);

            // What was doubled would lie before this in the order of the page's stream.
            await page.SeesAsync("message", other.Jid, Texts[^1]);
            await peer.SendAsync(page.Jid, "last");
            await page.ReadsAsync(peer.Jid, "last");
            var messages = await page.MessagesAsync();
            messages.Where(message => message.From == other.Jid).Select(message => message.Body).ShouldBe(Texts);
            messages.Where(message => message.From == peer.Jid).Select(message => message.Body).ShouldBe([.. Texts, "last"]);
        }

        foreach (var page in pages)
        {
            await page.DisconnectAsync();
            await peer.WaitAsync(
                lines => lines.FirstOrDefault(line => line is { Name: "presence", Second: "unavailable" } && line.First == page.Jid), "unavailable");
            await page.Page.CloseAsync();
        }
    }

    /// <summary>
    /// Notes what the network panel would show. Chromium takes an HTTP/2 connection for a WebSocket only if it is there already and was
    /// used with credentials, as cookies are: the requests of strophe.js are without.
    /// </summary>
    private static async Task PrepareAsync(
        StrophePage page, string url, ConcurrentQueue<int> handshakes, ConcurrentDictionary<string, bool> protocols)
    {
        var devTools = await page.Page.Context.NewCDPSessionAsync(page.Page);
        devTools.Event("Network.webSocketHandshakeResponseReceived").OnEvent += (_, message) =>
            handshakes.Enqueue(message!.Value.GetProperty("response").GetProperty("status").GetInt32());
        devTools.Event("Network.responseReceived").OnEvent += (_, message) => Note(message!.Value.GetProperty("response"));
        await devTools.SendAsync("Network.enable");
        await page.Page.EvaluateAsync("url => fetch(url, { mode: 'no-cors', credentials: 'include' }).then(answer => answer.type)", url);

        void Note(JsonElement response)
        {
            if (response.GetProperty("url").GetString() == url)
            {
                protocols[response.GetProperty("protocol").GetString()!] = true;
            }
        }
    }
}
