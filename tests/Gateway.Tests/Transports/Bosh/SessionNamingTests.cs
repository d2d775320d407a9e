using System.Text.RegularExpressions;

namespace Gateway.Tests.Transports.Bosh;

/// <summary>From a request to its session, or to a new one.</summary>
public partial class SessionNamingTests
{
    private const string Ns = "xmlns='http://jabber.org/protocol/httpbind'";
    private const string Creation = $"<body rid='100' to='example.com' wait='5' hold='1' ver='1.6' {Ns}/>";

    [GeneratedRegex("sid='([^']*)'")]
    private static partial Regex SidPattern();

    private static async Task<string> CreateAsync(BoshServer server) => SidPattern().Match((await server.PostAsync(Creation)).Body).Groups[1].Value;

    [Fact]
    [Trait("Requirement", "BOSH-031")]
    public async Task NoSid_MakesASession_ASidFindsItAndMakesNone()
    {
        await using var server = await BoshServer.StartAsync();
        var first = await CreateAsync(server);
        var second = await CreateAsync(server);
        first.ShouldNotBe(second);
        server.Registry.Count.ShouldBe(2);

        // The same attributes with a sid are another request of that session.
        (await server.PostAsync($"<body rid='101' sid='{first}' to='example.com' wait='5' hold='1' ver='1.6' pause='1' {Ns}/>")).Body.ShouldBe($"<body {Ns}/>");
        (await server.PostAsync($"<body rid='100' sid='' to='example.com' wait='5' hold='1' ver='1.6' {Ns}/>")).Body.ShouldContain("item-not-found");
        (await server.PostAsync($"<body rid='100' sid='{first}x' to='example.com' wait='5' hold='1' ver='1.6' {Ns}/>")).Body.ShouldContain("item-not-found");
        server.Registry.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData("<!-- a -->")]
    [InlineData("<?pi?>")]
    [InlineData("<!DOCTYPE body>")]
    [InlineData("<?xml version='1.1'?>")]
    [InlineData("<?xml version='1.0' encoding='utf-16'?>")]
    [Trait("Requirement", "BOSH-020")]
    [Trait("Requirement", "BOSH-103")]
    public async Task RefusedProlog_EndsTheSessionThatTheTagNames(string prolog)
    {
        await using var server = await BoshServer.StartAsync();
        var other = await CreateAsync(server);
        var sid = await CreateAsync(server);
        var held = server.PostAsync($"<body rid='101' sid='{sid}' {Ns}/>");
        (await server.PostAsync($"{prolog}<body rid='102' sid='{sid}' {Ns}/>")).Body.ShouldBe($"<body type='terminate' condition='bad-request' {Ns}/>");
        (await held).Body.ShouldContain("type='terminate'");
        (await server.PostAsync($"<body rid='101' sid='{other}' pause='1' {Ns}/>")).Body.ShouldBe($"<body {Ns}/>");
    }

    [Fact]
    [Trait("Requirement", "BOSH-103")]
    public async Task RefusedProlog_WithoutASession_TouchesNone()
    {
        await using var server = await BoshServer.StartAsync();
        var sid = await CreateAsync(server);
        (await server.PostAsync($"<!-- <body sid='{sid}' {Ns}/> --><body rid='1' {Ns}/>")).Body.ShouldContain("bad-request");
        (await server.PostAsync($"<body rid='101' sid='{sid}' pause='1' {Ns}/>")).Body.ShouldBe($"<body {Ns}/>");
    }
}
