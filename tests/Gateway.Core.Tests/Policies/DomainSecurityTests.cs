using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Gateway.Core.Policies;
using Gateway.Xmpp.Buffers;
using Gateway.Xmpp.Streams;

namespace Gateway.Core.Tests.Policies;

/// <summary>What the configured rules of a domain let through (edge-security.md sections 1 and 2).</summary>
public sealed class DomainSecurityTests
{
    private const string BindingTypes = "<sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'><channel-binding type='tls-server-end-point'/><channel-binding type='tls-exporter'/></sasl-channel-binding>";

    private static string Offer(bool binds)
    {
        var plus = binds ? "<mechanism>SCRAM-SHA-1-PLUS</mechanism>" : "";
        var tokens = binds ? "<mechanism>HT-SHA-256-EXPR</mechanism><mechanism>HT-SHA-256-UNIQ</mechanism><mechanism>HT-SHA-256-ENDP</mechanism>" : "";
        return "<stream:features xmlns:stream='http://etherx.jabber.org/streams'>"
            + $"<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>SCRAM-SHA-1</mechanism>{plus}</mechanisms>{(binds ? BindingTypes : "")}"
            + $"<authentication xmlns='urn:xmpp:sasl:2'><mechanism>SCRAM-SHA-1</mechanism>{plus}<inline><fast xmlns='urn:xmpp:fast:0'><mechanism>HT-SHA-256-NONE</mechanism>{tokens}</fast></inline></authentication>"
            + "<limits xmlns='urn:xmpp:stream-limits:0'><max-bytes>1</max-bytes></limits></stream:features>";
    }

    private static string Relayed(string features, SecurityOptions options)
    {
        using var output = new PooledByteWriter();
        StreamFeatures.WriteForClient(output, Encoding.UTF8.GetBytes(features), new DomainSecurity(options, isBackendExposed: false).Features, 65536);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    [Theory]
    [InlineData(false, ChannelBindingOffers.Relay, true)]
    [InlineData(true, ChannelBindingOffers.Relay, true)]
    [InlineData(false, ChannelBindingOffers.Strip, false)]
    [InlineData(true, ChannelBindingOffers.Strip, false)]
    [Trait("Requirement", "EDGE-002")]
    [Trait("Requirement", "EDGE-005")]
    [Trait("Requirement", "EDGE-012")]
    public void Offers_OfEachBackendUnderEachPolicy_AreThoseOfTheMatrix(bool binds, ChannelBindingOffers policy, bool mayBind) =>
        Relayed(Offer(binds), new SecurityOptions { ChannelBinding = policy }).ShouldBe(Offer(binds && mayBind));

    [Theory]
    [InlineData(ChannelBindingOffers.Relay, true)]
    [InlineData(ChannelBindingOffers.Strip, false)]
    [Trait("Requirement", "EDGE-008")]
    [Trait("Requirement", "EDGE-012")]
    public void Offers_Relayed_KeepTheHashThatClientsCheck(ChannelBindingOffers policy, bool isKept)
    {
        var features = XElement.Parse(Relayed(Offer(binds: true), new SecurityOptions { ChannelBinding = policy }));
        var mechanisms = features.Element("{urn:ietf:params:xml:ns:xmpp-sasl}mechanisms")!.Elements().Select(e => e.Value);
        var types = features.Element("{urn:xmpp:sasl-cb:0}sasl-channel-binding")?.Elements().Select(e => e.Attribute("type")!.Value);

        // XEP-0474 §4.1, and its vector.
        var text = string.Join('\x1e', mechanisms.Order(StringComparer.Ordinal)) + (types is null ? "" : '\x1f' + string.Join('\x1e', types.Order(StringComparer.Ordinal)));
        (HashOf(text) == "G6k/rBLDqgOhRRaCuuatSDFkJ08=").ShouldBe(isKept);
    }

    [Theory]
    [InlineData("EXTERNAL", false)]
    [InlineData("external", false)]
    [InlineData("PLAIN", true)]
    [InlineData("ANONYMOUS", true)]
    [InlineData("SCRAM-SHA-1-PLUS", true)]
    [InlineData("HT-SHA-256-UNIQ", true)]
    [InlineData("", true)]
    [Trait("Requirement", "EDGE-013")]
    [Trait("Requirement", "EDGE-015")]
    public void Mechanism_NothingConfigured_OnlyExternalIsRefused(string mechanism, bool expected) =>
        DomainSecurity.Default.Allows(mechanism).ShouldBe(expected);

    [Theory]
    [InlineData("PLAIN", false)]
    [InlineData("plain", false)]
    [InlineData("LOGIN", false)]
    [InlineData("X-OAUTH2", false)]
    [InlineData("OAUTHBEARER", false)]
    [InlineData("SCRAM-SHA-1", true)]
    [InlineData("ANONYMOUS", true)]
    [Trait("Requirement", "EDGE-014")]
    public void Mechanism_BackendLegCanBeRead_NothingInClearTextIsAllowed(string mechanism, bool expected) =>
        new DomainSecurity(new SecurityOptions(), isBackendExposed: true).Allows(mechanism).ShouldBe(expected);

    [Theory]
    [InlineData("A", false)]
    [InlineData("B", true)]
    [InlineData("C", false)]
    [InlineData("EXTERNAL", false)]
    [Trait("Requirement", "EDGE-016")]
    public void Mechanism_Lists_DenialWins(string mechanism, bool expected) =>
        new DomainSecurity(new SecurityOptions { AllowMechanisms = ["A", "B", "EXTERNAL"], DenyMechanisms = ["A"] }, isBackendExposed: false).Allows(mechanism).ShouldBe(expected);

    [Fact]
    [Trait("Requirement", "EDGE-009")]
    public void Removals_AreToldAndNoneByDefault()
    {
        DomainSecurity.Default.Removals.ShouldBeEmpty();
        var told = new DomainSecurity(
            new SecurityOptions { AllowMechanisms = ["SCRAM-SHA-1"], DenyMechanisms = ["LOGIN"], ChannelBinding = ChannelBindingOffers.Strip }, isBackendExposed: true).Removals;
        told.ShouldBe(["PLAIN, LOGIN, X-OAUTH2, OAUTHBEARER (the backend is reached without TLS)", "LOGIN", "all but SCRAM-SHA-1", "all that bind to a channel"]);
    }

#pragma warning disable CA5350 // the vector's hash
    private static string HashOf(string text) => Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(text)));
#pragma warning restore CA5350
}
