using System.Collections.Concurrent;
using System.Globalization;
using Gateway.Interop.Tests.Support;
using Microsoft.Playwright;

namespace Gateway.Interop.Tests.Demo;

/// <summary>
/// What a newcomer sees: the program started with nothing configured, its page in a browser, alice over WebSocket and
/// bob over BOSH. INTEROP_DEMO_URL points it at a demo that is running already.
/// </summary>
public sealed class DemoTests : IAsyncLifetime
{
    private const string Domain = "localhost";
    private const string Password = "demo";
    private const float StepMilliseconds = 30_000;

    private static readonly string[] BrowserArguments =
    [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync",
    ];

    private readonly RunDirectory _directory = new();
    private readonly ConcurrentQueue<string> _console = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync()
    {
        _directory.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Converse_AliceOverWebSocketAndBobOverBosh_SeeEachOtherAndTalk()
    {
        Needs.Tools("chromium");
        var running = Environment.GetEnvironmentVariable("INTEROP_DEMO_URL");
        if (running is null && Needs.Direct)
        {
            Assert.Skip("demo mode is the gateway's own: there is nothing to run directly against");
        }

        await using var gateway = running is null ? await GatewayProcess.StartDemoAsync(_directory.Sub("demo")) : null;
        var site = new Uri(running ?? string.Create(CultureInfo.InvariantCulture, $"http://localhost:{gateway!.PublicPort}/"));
        try
        {
            await TalkAsync(site);
        }
        catch
        {
            TestContext.Current.TestOutputHelper?.WriteLine(
                $"--- browser\n{string.Join('\n', _console)}\n--- gateway\n{gateway?.Process.Log()}");
            throw;
        }

        if (gateway is not null)
        {
            (await gateway.StopAsync()).ShouldBeTrue($"the demo did not end with 0 after SIGTERM:\n{gateway.Process.Log()}");
        }
    }

    private async Task TalkAsync(Uri site)
    {
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Needs.Find("chromium"),
            Args = BrowserArguments,
            Timeout = StepMilliseconds,
        });
        await using var aliceContext = await browser.NewContextAsync();
        await using var bobContext = await browser.NewContextAsync();
        var alice = await PageAsync(aliceContext, "alice");
        var bob = await PageAsync(bobContext, "bob");
        var webSockets = new ConcurrentQueue<string>();
        var posts = new ConcurrentQueue<string>();
        alice.Page.WebSocket += (_, socket) => webSockets.Enqueue(socket.Url);
        bob.Page.WebSocket += (_, socket) => webSockets.Enqueue($"bob: {socket.Url}");
        bob.Page.Request += (_, request) => Note(request, posts);

        try
        {
            await alice.LoginAsync(new Uri(site, "?transport=websocket"), $"alice@{Domain}", Password);
            await bob.LoginAsync(new Uri(site, "?transport=bosh"), $"bob@{Domain}", Password);
            await alice.SeesOnlineAsync($"bob@{Domain}");
            await bob.SeesOnlineAsync($"alice@{Domain}");

            await alice.OpenChatAsync($"bob@{Domain}");
            await bob.OpenChatAsync($"alice@{Domain}");
            await alice.SendAsync("Hello Bob, this came over a WebSocket");
            await bob.ReadsAsync("Hello Bob, this came over a WebSocket");
            await bob.SendAsync("Hello Alice, <this> came over BOSH & it works");
            await alice.ReadsAsync("Hello Alice, <this> came over BOSH & it works");
        }
        finally
        {
            await PictureAsync(alice, "demo-alice.png");
            await PictureAsync(bob, "demo-bob.png");
        }

        webSockets.ShouldNotBeEmpty("alice's page opened no WebSocket");
        webSockets.ShouldAllBe(url => url.StartsWith("ws", StringComparison.Ordinal), "bob's page opened a WebSocket");
        posts.ShouldNotBeEmpty("bob's page sent no BOSH request");
    }

    private async Task<ConversePage> PageAsync(IBrowserContext context, string who)
    {
        var page = await context.NewPageAsync();
        page.SetDefaultTimeout(StepMilliseconds);
        page.Console += (_, message) => _console.Enqueue($"{who} {message.Type}: {message.Text}");
        page.PageError += (_, error) => _console.Enqueue($"{who} page error: {error}");
        page.RequestFailed += (_, request) => _console.Enqueue($"{who} {request.Method} {request.Url}: {request.Failure}");
        return new ConversePage(page);
    }

    private static void Note(IRequest request, ConcurrentQueue<string> posts)
    {
        if (request.Method == "POST")
        {
            posts.Enqueue(request.Url);
        }
    }

    private static Task<byte[]> PictureAsync(ConversePage page, string name) =>
        page.Page.ScreenshotAsync(new() { Path = Path.Combine(AppContext.BaseDirectory, "screenshots", name) });
}
