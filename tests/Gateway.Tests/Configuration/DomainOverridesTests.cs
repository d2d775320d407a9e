using Gateway.Configuration;
using Gateway.Core.Policies;

namespace Gateway.Tests.Configuration;

/// <summary>Security, Limits and Bosh, for all domains and inside of one (interface.md section 3).</summary>
public sealed class DomainOverridesTests
{
    private static readonly string[] Minimum = ["--Gateway:Domains:example.org:Backend=b", "--Gateway:Backends:b:Servers:0:Address=10.0.0.5:5222"];

    [Fact]
    [Trait("Requirement", "EDGE-016")]
    [Trait("Requirement", "EDGE-021")]
    public void Domain_SaysWhatDiffers_TheRestIsCommon()
    {
        var options = Bind(
            "--Gateway:Domains:other.org:Backend=b",
            "--Gateway:Security:DenyMechanisms:0=PLAIN",
            "--Gateway:Security:Registration=Block",
            "--Gateway:Domains:other.org:Security:Registration=Allow",
            "--Gateway:Domains:other.org:Security:ChannelBinding=Strip",
            "--Gateway:Limits:MaxStanzaBytes=20000",
            "--Gateway:Limits:MaxDepth=50",
            "--Gateway:Domains:other.org:Limits:MaxStanzaBytes=30000",
            "--Gateway:Bosh:MaxHold=1",
            "--Gateway:Bosh:MaxWait=00:00:40",
            "--Gateway:Domains:other.org:Bosh:MaxWait=00:00:10");

        var (one, other) = (options.Domains.Single(d => d.Name == "example.org"), options.Domains.Single(d => d.Name == "other.org"));
        (one.Security.Options.Registration, one.Security.Options.ChannelBinding).ShouldBe((Permission.Block, ChannelBindingOffers.Relay));
        (other.Security.Options.Registration, other.Security.Options.ChannelBinding).ShouldBe((Permission.Allow, ChannelBindingOffers.Strip));
        one.Security.Allows("PLAIN").ShouldBeFalse();
        other.Security.Allows("PLAIN").ShouldBeFalse();
        other.Security.Allows("SCRAM-SHA-1-PLUS").ShouldBeFalse();
        (one.Limits, one.Bosh).ShouldBe((null, null));
        (other.Limits!.MaxStanzaBytes, other.Limits.MaxDepth).ShouldBe((30000, 50));
        (other.Bosh!.MaxWait, other.Bosh.MaxHold).ShouldBe((TimeSpan.FromSeconds(10), 1));
        new DomainPolicy(options.Domains).WidestLimits(options.Limits).MaxStanzaBytes.ShouldBe(30000);
    }

    [Theory]
    [InlineData("Security:AllowedOrigins:0", "*")]
    [InlineData("Limits:MaxSessions", "1")]
    [InlineData("Limits:AuthFailuresPerHourPerAddress", "1")]
    [InlineData("Bosh:Enabled", "false")]
    [InlineData("Bosh:Paths:0", "/x")]
    public void Domain_WhatIsJudgedBeforeItIsKnown_IsRefused(string key, string value) =>
        Errors($"--Gateway:Domains:example.org:{key}={value}").ShouldHaveSingleItem().ShouldContain("unknown key");

    [Theory]
    [InlineData("plain")]
    [InlineData("SCRAM SHA")]
    [InlineData("")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAA")]
    public void Mechanism_ThatIsNone_IsRefused(string name) =>
        Errors($"--Gateway:Security:AllowMechanisms:0={name}").ShouldHaveSingleItem().ShouldContain("such as SCRAM-SHA-256");

    [Theory]
    [InlineData("None", "10.0.0.5:5222", false)]
    [InlineData("None", "127.0.0.1:5222", true)]
    [InlineData("None", "[::1]:5222", true)]
    [InlineData("None", "localhost:5222", true)]
    [InlineData("None", "xmpp.internal:5222", false)]
    [InlineData("StartTls", "10.0.0.5:5222", true)]
    [InlineData("DirectTls", "10.0.0.5:5223", true)]
    [Trait("Requirement", "EDGE-014")]
    public void PasswordsInClearText_OnlyWhereNobodyReadsThemOnTheWay(string security, string address, bool expected) =>
        Bind($"--Gateway:Backends:b:Security={security}", $"--Gateway:Backends:b:Servers:0:Address={address}").Domains.Single().Security.Allows("PLAIN").ShouldBe(expected);

    private static GatewayOptions Bind(params string[] more) => GatewayOptions.Bind(Configure(more));

    private static IReadOnlyList<string> Errors(params string[] more)
    {
        GatewayOptions.TryBind(Configure(more), out var findings);
        return findings.Errors;
    }

    private static IConfigurationRoot Configure(string[] more) =>
        new ConfigurationBuilder().AddCommandLine(Minimum).AddCommandLine(more).Build();
}
