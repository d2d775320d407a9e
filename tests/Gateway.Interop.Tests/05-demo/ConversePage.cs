using Microsoft.Playwright;

namespace Gateway.Interop.Tests.Demo;

/// <summary>Converse.js 14 in a browser: every selector of it is here.</summary>
internal sealed class ConversePage(IPage page)
{
    private const string Jid = "form#converse-login input[name=jid]";
    private const string PasswordField = "form#converse-login input[name=password]";
    private const string Submit = "form#converse-login button[type=submit]";
    private const string MessageField = "textarea.chat-textarea";
    private const string MessageText = "converse-chat-message .chat-msg__text";

    public IPage Page => page;

    public async Task LoginAsync(Uri url, string jid, string password)
    {
        await page.GotoAsync(url.ToString());
        await page.Locator(Jid).FillAsync(jid);
        await page.Locator(PasswordField).FillAsync(password);
        await page.Locator(Submit).ClickAsync();
        await IsInAsync();
    }

    /// <summary>Until the roster shows that the contact is online.</summary>
    public Task SeesOnlineAsync(string contact) => page.Locator($"{Contact(contact)} .contact-name--online").First.WaitForAsync();

    public async Task OpenChatAsync(string contact)
    {
        await page.Locator(Contact(contact)).First.ClickAsync();
        await Field().WaitForAsync();
    }

    public async Task SendAsync(string text)
    {
        await Field().FillAsync(text);
        await Field().PressAsync("Enter");
    }

    public Task ReadsAsync(string text) => Messages(text).First.WaitForAsync();

    /// <summary>Until the page shows one message with that text, and not two.</summary>
    public Task ShowsOnceAsync(string text) => Assertions.Expect(Messages(text)).ToHaveCountAsync(1);

    /// <summary>How many messages with that text the page shows.</summary>
    public Task<int> CountAsync(string text) => Messages(text).CountAsync();

    /// <summary>Until the roster is there, logged in or gone on.</summary>
    public Task IsInAsync() => page.Locator("converse-roster").First.WaitForAsync();

    private static string Contact(string jid) => $"a.open-chat[data-jid=\"{jid}\"]";

    private ILocator Messages(string text) => page.Locator(MessageText).Filter(new() { HasTextString = text, Visible = true });

    private ILocator Field() => page.Locator(MessageField).Filter(new() { Visible = true }).First;
}
