using System.Collections.Concurrent;
using Gateway.Interop.Tests.Support;
using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(ChromiumFixture))]

namespace Gateway.Interop.Tests.Support;

/// <summary>One Chromium for the whole run, started by the first test that wants it, and the site of its pages.</summary>
public sealed class ChromiumFixture : IAsyncLifetime
{
    /// <summary>Of one step of a page, in milliseconds.</summary>
    private const float StepMilliseconds = 30_000;

    private static readonly string[] Arguments =
    [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync",
    ];

    private readonly ConcurrentQueue<string> _console = new();
    private readonly SemaphoreSlim _starting = new(1);
    private IPlaywright? _playwright;
    private IBrowser? _browser;
    private PageSite? _site;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
        if (_site is not null)
        {
            await _site.DisposeAsync();
        }

        _starting.Dispose();
    }

    /// <summary>A user of the browser with storage of its own, who believes every certificate. What its pages complain of is in the test's output when it fails.</summary>
    internal async Task WithContextAsync(Func<IBrowserContext, Task> body)
    {
        Needs.Tools("chromium");
        var browser = await BrowserAsync();
        await using var context = await browser.NewContextAsync(new() { IgnoreHTTPSErrors = true });
        context.SetDefaultTimeout(StepMilliseconds);
        context.Console += (_, message) => Note(message);
        context.WebError += (_, error) => _console.Enqueue($"page error: {error.Error}");
        context.RequestFailed += (_, request) => _console.Enqueue($"{request.Method} {request.Url}: {request.Failure}");
        _console.Clear();
        try
        {
            await body(context);
        }
        catch
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"--- browser\n{string.Join('\n', _console)}");
            throw;
        }
    }

    /// <summary>The address of a page of clients/pages.</summary>
    internal Uri Page(string nameAndQuery) => new(_site!.Url, $"pages/{nameAndQuery}");

    private void Note(IConsoleMessage message)
    {
        if (message.Type != "debug") // strophe.js tells every step of every request
        {
            _console.Enqueue($"{message.Type}: {message.Text}");
        }
    }

    private async Task<IBrowser> BrowserAsync()
    {
        await _starting.WaitAsync();
        try
        {
            if (_browser is null)
            {
                _site = new PageSite();
                _playwright = await Playwright.CreateAsync();
                _browser = await _playwright.Chromium.LaunchAsync(new()
                {
                    ExecutablePath = Needs.Find("chromium"),
                    Args = Arguments,
                    Timeout = StepMilliseconds,
                });
            }

            return _browser;
        }
        finally
        {
            _starting.Release();
        }
    }
}
