using System.Collections.Concurrent;
using Gateway.Interop.Tests.Demo;
using Gateway.Interop.Tests.Support;
using Microsoft.Playwright;

namespace Gateway.Interop.Tests.ConverseReload;

/// <summary>
/// The page of Converse.js is loaded anew: over WebSocket it resumes (XEP-0198), over BOSH it goes on with the sid that it kept. Its
/// contacts do not see it leave, and what they wrote meanwhile is there once.
/// </summary>
[Collection(InteropGroup.Name)]
public sealed class ConverseReloadTests(InteropFixture fixture, ChromiumFixture chromium)
{
    [Theory]
    [CombinedData("websocket,bosh", "prosody,ejabberd")]
    [Trait("Requirement", "BOSH-058")]
    [Trait("Requirement", "WS-048")]
    public Task Reload_WithAMessageMeanwhile_GoesOnInTheSameSession(string transport, string server) =>
        fixture.LoggedAsync(() => chromium.WithContextAsync(async context =>
        {
            var domain = fixture.Server(server).Domain;
            var (alice, carol) = ($"alice@{domain}", $"carol@{domain}");
            await using var peer = await fixture.LogInAsync(DriverCatalog.Login("slixmpp", "tcp"), server, user: "carol");
            var converse = new ConversePage(await context.NewPageAsync());
            var sent = new ConcurrentQueue<string>();
            var received = new ConcurrentQueue<string>();
            Listen(converse.Page, sent, received);
            var endpoint = Uri.EscapeDataString(fixture.Endpoint(transport, server).ToString());
            await converse.LoginAsync(chromium.Page($"converse.html?{transport}={endpoint}"), alice, XmppServer.Password);
            await converse.SeesOnlineAsync(carol);
            await converse.OpenChatAsync(carol);
            await peer.SendAsync(alice, "text before");
            await converse.ReadsAsync("text before");

            await fixture.HoldsAsync(transport == "bosh" ? 1 : 0);
            sent.Clear();
            received.Clear();
            await converse.Page.ReloadAsync(async () =>
            {
                await fixture.HoldsAsync(0);
                await peer.SendAsync(alice, "text meanwhile");
            });
            await converse.IsInAsync();
            await converse.OpenChatAsync(carol);
            await converse.ReadsAsync("text meanwhile");
            await peer.SendAsync(alice, "text after");
            await converse.ReadsAsync("text after");

            // With the old session resumed, Converse writes the new resource that it did not get into `from`: ejabberd ends the stream.
            if ((transport, server) != ("websocket", "ejabberd"))
            {
                await converse.SendAsync("text of the page");
                await peer.WaitAsync(
                    lines => lines.FirstOrDefault(line => line.Name == "message" && line.Body == "text of the page"), "message of the page");
            }

            await converse.ShowsOnceAsync("text meanwhile");
            await converse.ShowsOnceAsync("text after");

            // Whether the page still has it is up to its own store, which it writes later than it shows; that it does not come again is up to the gateway.
            (await converse.CountAsync("text before")).ShouldBeLessThanOrEqualTo(1);

            peer.Events.ShouldNotContain(line => line.Name == "presence" && line.First.StartsWith($"{alice}/", StringComparison.Ordinal) && line.Second == "unavailable");
            if (transport == "websocket")
            {
                received.Count(frame => frame.StartsWith("<resumed", StringComparison.Ordinal)).ShouldBe(1);
            }
            else
            {
                sent.ShouldNotContain(body => body.Contains("<auth", StringComparison.Ordinal), "a new session instead of the old one");
            }
        }));

    private static void Listen(IPage page, ConcurrentQueue<string> sent, ConcurrentQueue<string> received)
    {
        page.Request += (_, request) =>
        {
            if (request.PostData is { } body)
            {
                sent.Enqueue(body);
            }
        };
        page.WebSocket += (_, socket) =>
        {
            socket.FrameSent += (_, frame) => sent.Enqueue(frame.Text ?? "");
            socket.FrameReceived += (_, frame) => received.Enqueue(frame.Text ?? "");
        };
    }
}
