using Microsoft.Playwright;

namespace Gateway.Interop.Tests.Demo;

/// <summary>Converse.js in a browser: every selector of it is here.</summary>
internal sealed class ConversePage(IPage page)
{
    private const string Jid = "form#converse-login input[name=jid]";
    private const string PasswordField = "form#converse-login input[name=password]";
    private const string Submit = "form#converse-login button[type=submit]";
    private const string Roster = "#converse-roster, converse-roster";
    private const string MessageField = "textarea.chat-textarea";
    private const string MessageText = "converse-chat-message .chat-msg__text";

    public IPage Page => page;

    public async Task LoginAsync(Uri url, string jid, string password)
    {
        await page.GotoAsync(url.ToString());
        await page.Locator(Jid).FillAsync(jid);
        await page.Locator(PasswordField).FillAsync(password);
        await page.Locator(Submit).ClickAsync();
        await page.Locator(Roster).First.WaitForAsync();
    }

    /// <summary>Until the roster shows the contact with this presence.</summary>
    public Task SeesAsync(string contact, string show) =>
        Contact(contact).Locator($"[data-status={show}], .chat-status--{show}, .{show}").First.WaitForAsync();

    public Task OpenChatAsync(string contact) => Contact(contact).Locator("a").First.ClickAsync();

    public async Task SendAsync(string text)
    {
        var field = page.Locator(MessageField).First;
        await field.FillAsync(text);
        await field.PressAsync("Enter");
    }

    public Task ReadsAsync(string text) =>
        page.Locator(MessageText).GetByText(text, new() { Exact = true }).First.WaitForAsync();

    private ILocator Contact(string contact) =>
        page.Locator("converse-roster-contact").Filter(new() { HasText = contact }).First;
}
