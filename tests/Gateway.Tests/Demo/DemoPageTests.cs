using System.Net;
using Gateway.Demo;

namespace Gateway.Tests.Demo;

public sealed class DemoPageTests : IAsyncLifetime
{
    private readonly HttpClient _client = new();
    private WebApplication _app = null!;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.UseDemoPage();
        await _app.StartAsync(TestContext.Current.CancellationToken);
        _client.BaseAddress = new Uri(_app.Urls.First());
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _app.DisposeAsync();
    }

    [Fact]
    public async Task Root_Get_IsThePageWithAPolicyForItsOwnFilesOnly()
    {
        using var response = await GetAsync("/");

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("text/html");
        var policy = string.Join(' ', response.Headers.GetValues("Content-Security-Policy"));
        policy.ShouldContain("default-src 'none'");
        policy.ShouldContain("script-src 'self';");
        policy.ShouldContain("connect-src 'self';");
        policy.ShouldNotContain("http");
        response.Headers.GetValues("X-Content-Type-Options").ShouldBe(["nosniff"]);
        var page = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        page.ShouldContain("alice@localhost");
        page.ShouldContain("bob@localhost");
        page.ShouldContain("?transport=websocket");
        page.ShouldContain("?transport=bosh");
    }

    [Theory]
    [InlineData("/demo.js", "text/javascript")]
    [InlineData("/demo.css", "text/css")]
    [InlineData("/icon.svg", "image/svg+xml")]
    public async Task File_OfThePage_HasItsTypeAndTheSamePolicy(string path, string type)
    {
        using var response = await GetAsync(path);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Content.Headers.ContentType!.MediaType.ShouldBe(type);
        response.Headers.Contains("Content-Security-Policy").ShouldBeTrue();
        response.Headers.CacheControl!.NoCache.ShouldBeTrue();
        response.Headers.ETag.ShouldNotBeNull();
    }

    [Theory]
    [InlineData("/converse/converse.min.js", "text/javascript")]
    [InlineData("/converse/converse.min.css", "text/css")]
    [InlineData("/converse/emoji.json", "application/json")]
    [InlineData("/converse/webfonts/muli.ttf", "application/x-font-ttf")]
    public async Task File_OfTheClient_IsServed(string path, string type)
    {
        Assert.SkipUnless(DemoPage.HasClient, "built without npm: there is no chat client");
        using var response = await GetAsync(path);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Content.Headers.ContentType!.MediaType.ShouldBe(type);
    }

    [Theory]
    [InlineData("/appsettings.json")]
    [InlineData("/Gateway.dll")]
    [InlineData("/..%2fappsettings.json")]
    [InlineData("/%2e%2e/appsettings.json")]
    [InlineData("/converse/")]
    [InlineData("/converse/converse.min.js.map")]
    [InlineData("/package.json")]
    public async Task Path_OfAnythingElse_IsNotServed(string path)
    {
        using var response = await GetAsync(path);
        response.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Root_Post_IsNotServed()
    {
        using var content = new StringContent("x");
        using var response = await _client.PostAsync(new Uri("/", UriKind.Relative), content, TestContext.Current.CancellationToken);
        response.StatusCode.ShouldNotBe(HttpStatusCode.OK);
    }

    private Task<HttpResponseMessage> GetAsync(string path) => _client.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
}
