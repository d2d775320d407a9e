using Microsoft.Playwright;

namespace Gateway.Interop.Tests.Support;

/// <summary>A page of Chromium with one connection of strophe.js (clients/pages/strophe.js).</summary>
internal sealed class StrophePage(IPage page)
{
    private const float PollMilliseconds = 50;

    public IPage Page => page;

    /// <summary>The full JID that the server bound.</summary>
    public string Jid { get; private set; } = "";

    public static async Task<StrophePage> OpenAsync(IBrowserContext context, ChromiumFixture chromium, string library)
    {
        var page = await context.NewPageAsync();
        await page.GotoAsync(chromium.Page($"strophe.html?library={library}").ToString());
        return await new StrophePage(page).LoadedAsync();
    }

    /// <summary>The page anew; what it has seen it still has, but no connection. `meanwhile` runs when the old one is gone.</summary>
    public async Task ReloadAsync(Func<Task> meanwhile)
    {
        await page.ReloadAsync(meanwhile);
        await LoadedAsync();
    }

    /// <summary>A connection that does nothing yet; `options` are strophe's.</summary>
    public Task UseAsync(Uri endpoint, object? options = null) =>
        page.EvaluateAsync("([url, options]) => session.open(url, options ?? {})", new[] { endpoint.ToString(), options });

    public async Task LogInAsync(Uri endpoint, string jid, object? options = null)
    {
        await UseAsync(endpoint, options);
        await StartLoginAsync(jid);
        Jid = (await SeesAsync("online"))[1];
    }

    public Task StartLoginAsync(string jid) =>
        page.EvaluateAsync("([jid, password]) => session.logIn(jid, password)", new[] { jid, XmppServer.Password });

    public Task SendAsync(string to, string body) => page.EvaluateAsync("([to, body]) => session.send(to, body)", new[] { to, body });

    /// <summary>strophe's own logout, and its end.</summary>
    public async Task DisconnectAsync()
    {
        await page.EvaluateAsync("session.disconnect()");
        await SeesAsync("offline");
    }

    /// <summary>The sid and the next rid of a BOSH session, for another page; this one is closed, without a goodbye.</summary>
    public async Task<(string Sid, string Rid)> HandOverAsync()
    {
        var session = await page.EvaluateAsync<string[]>("session.handOver()");
        await page.CloseAsync();
        return (session[0], session[1]);
    }

    /// <summary>Goes on with a session that another page has opened.</summary>
    public async Task AttachAsync(string jid, string sid, string rid)
    {
        await page.EvaluateAsync("([jid, sid, rid]) => session.attach(jid, sid, Number(rid))", new[] { jid, sid, rid });
        Jid = (await SeesAsync("attached"))[1];
    }

    /// <summary>Goes on with the session that strophe keeps in sessionStorage.</summary>
    public async Task RestoreAsync()
    {
        await page.EvaluateAsync("session.restore()");
        await SeesAsync("attached", Jid);
    }

    public Task<string[]> ReadsAsync(string from, string body) => SeesAsync("message", from, body);

    /// <summary>The first line that begins with these fields, as soon as it is there.</summary>
    public async Task<string[]> SeesAsync(params string[] fields)
    {
        const string Find = "globalThis.session?.seen.find(line => fields.every((field, index) => line[index] === field))";
        try
        {
            await page.WaitForFunctionAsync($"fields => {Find}", fields, new() { PollingInterval = PollMilliseconds });
        }
        catch (TimeoutException timeout)
        {
            throw new TimeoutException($"no {string.Join(' ', fields)}; the page has seen:\n{string.Join('\n', await LinesAsync())}", timeout);
        }

        return await page.EvaluateAsync<string[]>($"fields => {Find}", fields);
    }

    /// <summary>Every message so far as sender and text, in the order of arrival.</summary>
    public async Task<(string From, string Body)[]> MessagesAsync() =>
        [.. (await SeenAsync()).Where(line => line[0] == "message").Select(line => (line[1], line[2]))];

    private async Task<StrophePage> LoadedAsync()
    {
        await page.WaitForFunctionAsync("globalThis.session", null, new() { PollingInterval = PollMilliseconds });
        return this;
    }

    private async Task<IEnumerable<string>> LinesAsync() => (await SeenAsync()).Select(line => string.Join(' ', line));

    private Task<string[][]> SeenAsync() => page.EvaluateAsync<string[][]>("session.seen");
}
