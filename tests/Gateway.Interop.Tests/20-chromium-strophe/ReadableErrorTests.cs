using Gateway.Interop.Tests.Support;

namespace Gateway.Interop.Tests.ChromiumStrophe;

/// <summary>What goes wrong is told to a page of another origin too: a browser hides every answer without CORS headers.</summary>
[Collection(InteropGroup.Name)]
public sealed class ReadableErrorTests(InteropFixture fixture, ChromiumFixture chromium)
{
    [Theory]
    [InlineData("POST", "<body", "200 <body type='terminate' condition='bad-request' xmlns='http://jabber.org/protocol/httpbind'/>")]
    [InlineData(
        "POST", "<body rid='1' sid='nobody' xmlns='http://jabber.org/protocol/httpbind'/>",
        "200 <body type='terminate' condition='item-not-found' xmlns='http://jabber.org/protocol/httpbind'/>")]
    [InlineData("POST", "more than MaxStanzaBytes", "413 ")]
    [InlineData("GET", null, "405 This is the BOSH address")]
    [Trait("Requirement", "EDGE-048")]
    [Trait("Requirement", "EDGE-049")]
    public Task ErrorAnswer_ToAPageOfAnotherOrigin_IsReadable(string method, string? body, string expected) =>
        fixture.LoggedAsync(() => chromium.WithContextAsync(async context =>
        {
            var page = await StrophePage.OpenAsync(context, chromium, "strophe5");
            var answer = await page.Page.EvaluateAsync<string>(
                """
                async ([url, method, body]) => {
                  const answer = await fetch(url, { method, body, headers: body ? { 'content-type': 'text/xml; charset=utf-8' } : {} });
                  return `${answer.status} ${await answer.text()}`;
                }
                """,
                new[] { fixture.Endpoint("bosh", "prosody").ToString(), method, body?.Replace("more than", new string('x', 300_000), StringComparison.Ordinal) });
            answer.ShouldStartWith(expected);
        }));

    [Theory]
    [InlineData("strophe5")]
    [InlineData("strophe16")]
    [InlineData("strophe12")]
    public Task UnknownDomain_OverBosh_IsTheConditionThatThePageSees(string library) =>
        fixture.LoggedAsync(() => chromium.WithContextAsync(async context =>
        {
            var page = await StrophePage.OpenAsync(context, chromium, library);
            await page.UseAsync(fixture.Endpoint("bosh", "prosody"));
            await page.StartLoginAsync("alice@elsewhere.test");
            await page.SeesAsync("error", "host-unknown");
        }));
}
