using System.Text;
using Gateway.Xmpp.Buffers;
using Gateway.Xmpp.Streams;

namespace Gateway.Xmpp.Tests.Streams;

/// <summary>What rules keep back from stream features, and that all else stays as it is.</summary>
public sealed class StreamFeaturesRulesTests
{
    private const string Start = "<stream:features xmlns:stream='http://etherx.jabber.org/streams'>";
    private const string Limits = "<limits xmlns='urn:xmpp:stream-limits:0'><max-bytes>1000</max-bytes></limits>";
    private const string End = Limits + "</stream:features>";
    private const string Binding = "<sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'><channel-binding type='tls-exporter'/></sasl-channel-binding>";

    private static readonly StreamFeaturesRules None = new() { AllowsMechanism = _ => true };

    private static string Mechanisms(params string[] names) =>
        $"<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>{string.Concat(names.Select(n => $"<mechanism>{n}</mechanism>"))}</mechanisms>";

    private static string Authentication(string inline, params string[] names) =>
        $"<authentication xmlns='urn:xmpp:sasl:2'>{string.Concat(names.Select(n => $"<mechanism>{n}</mechanism>"))}{inline}</authentication>";

    private static string Fast(string attributes, params string[] names) =>
        $"<fast xmlns='urn:xmpp:fast:0'{attributes}>{string.Concat(names.Select(n => $"<mechanism>{n}</mechanism>"))}</fast>";

    private static StreamFeaturesRules Without(params string[] names) => new() { AllowsMechanism = name => !names.Contains(name) };

    [Theory]
    [InlineData("<sm xmlns='urn:xmpp:sm:3'/><csi xmlns='urn:xmpp:csi:0'/><ver xmlns='urn:xmpp:features:rosterver'/>")]
    [InlineData("\n <mechanisms xmlns=\"urn:ietf:params:xml:ns:xmpp-sasl\">\n  <mechanism>B</mechanism> <mechanism>A</mechanism><hostname xmlns='urn:xmpp:domain-based-name:1'>h</hostname></mechanisms>\n")]
    [InlineData("<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>")]
    [InlineData(Binding + "<register xmlns='http://jabber.org/features/iq-register'/>")]
    [InlineData("<authentication xmlns='urn:xmpp:sasl:2'><mechanism>S-PLUS</mechanism><inline><bind xmlns='urn:xmpp:bind:0'><inline><feature var='urn:xmpp:sm:3'/></inline></bind>"
        + "<sm xmlns='urn:xmpp:sm:3'/><fast xmlns='urn:xmpp:fast:0'><mechanism>HT-SHA-256-EXPR</mechanism></fast></inline><upgrade xmlns='urn:xmpp:sasl:upgrade:0'>U</upgrade></authentication>")]
    [InlineData("<m:mechanisms xmlns:m='urn:ietf:params:xml:ns:xmpp-sasl' a=\"b\"><m:mechanism x='y'> SCRAM-SHA-1&#x2D;PLUS\n</m:mechanism><m:mechanism>A</m:mechanism></m:mechanisms>")]
    [Trait("Requirement", "EDGE-002")]
    [Trait("Requirement", "EDGE-006")]
    [Trait("Requirement", "XS-018")]
    [Trait("Requirement", "XS-054")]
    public void NothingKeptBack_StaysAsItIs(string features) => ForClient(features, None).ShouldBe(Start + features + End);

    [Fact]
    [Trait("Requirement", "EDGE-013")]
    [Trait("Requirement", "EDGE-016")]
    public void Mechanism_NotAllowed_IsTakenOutOfBothProfilesAndOfTokens()
    {
        var rules = Without("B", "HT-B");
        ForClient(Mechanisms("A", "B", "C") + Authentication($"<inline>{Fast("", "HT-A", "HT-B")}</inline>", "B", "A"), rules)
            .ShouldBe(Start + Mechanisms("A", "C") + Authentication($"<inline>{Fast("", "HT-A")}</inline>", "A") + End);
    }

    [Theory]
    [InlineData("<mechanism>\n B </mechanism>")]
    [InlineData("<mechanism>&#66;</mechanism>")]
    [InlineData("<mechanism><![CDATA[B]]></mechanism>")]
    [InlineData("<mechanism a='>'>B</mechanism>")]
    [InlineData("<s:mechanism xmlns:s='urn:ietf:params:xml:ns:xmpp-sasl'>B</s:mechanism>")]
    [Trait("Requirement", "EDGE-013")]
    public void Mechanism_HoweverItIsWritten_IsRecognised(string mechanism) =>
        ForClient($"<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>{mechanism}<mechanism>A</mechanism></mechanisms>", Without("B"))
            .ShouldBe(Start + Mechanisms("A") + End);

    [Fact]
    [Trait("Requirement", "EDGE-018")]
    public void List_OfWhichNothingIsLeft_GoesAsAWhole()
    {
        var rules = Without("B");
        ForClient(Mechanisms("B") + "<a xmlns='u'/>", rules).ShouldBe(Start + "<a xmlns='u'/>" + End);
        ForClient(Authentication("<inline><sm xmlns='urn:xmpp:sm:3'/></inline>", "B"), rules).ShouldBe(Start + End);
        ForClient(Authentication($"<inline>{Fast(" tls-0rtt='true'", "B")}</inline>", "A"), rules).ShouldBe(Start + Authentication("<inline></inline>", "A") + End);
        ForClient(Authentication($"<inline>{Fast("", "A")}</inline>", "B"), rules).ShouldBe(Start + End);
    }

    [Theory]
    [InlineData(" tls-0rtt='true'", "")]
    [InlineData(" tls-0rtt = \"1\" a='b'", " a='b'")]
    [InlineData(" a='b'\n tls-0rtt='false'", " a='b'")]
    [InlineData(" count='5'", " count='5'")]
    [Trait("Requirement", "EDGE-019")]
    public void EarlyData_IsNotOffered(string attributes, string left) =>
        ForClient(Authentication($"<inline>{Fast(attributes, "HT")}</inline>", "A"), None)
            .ShouldBe(Start + Authentication($"<inline>{Fast(left, "HT")}</inline>", "A") + End);

    [Theory]
    [InlineData("<register xmlns='http://jabber.org/features/iq-register'/>")]
    [InlineData("<register xmlns='urn:xmpp:ibr-token:0'/>")]
    [InlineData("<register xmlns='urn:xmpp:register:0'><challenge type='jabber:x:data'/></register>")]
    [InlineData("<recovery xmlns='urn:xmpp:register:0'/>")]
    [Trait("Requirement", "EDGE-021")]
    public void Registration_Blocked_IsNotOffered(string offer)
    {
        ForClient(offer + Mechanisms("A"), None with { RemovesRegistration = true }).ShouldBe(Start + Mechanisms("A") + End);
        ForClient(offer + Mechanisms("A"), None).ShouldBe(Start + offer + Mechanisms("A") + End);
    }

    [Fact]
    [Trait("Requirement", "EDGE-005")]
    public void ChannelBinding_Stripped_ItsTypesGoToo() =>
        ForClient(Binding + Mechanisms("A"), None with { RemovesChannelBinding = true }).ShouldBe(Start + Mechanisms("A") + End);

    [Theory]
    [InlineData(Binding, true)]
    [InlineData("<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>A</mechanism><mechanism>A-PLUS</mechanism></mechanisms>", true)]
    [InlineData("<authentication xmlns='urn:xmpp:sasl:2'><mechanism>A-PLUS</mechanism></authentication>", true)]
    [InlineData("<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>A</mechanism></mechanisms>", false)]
    [Trait("Requirement", "EDGE-004")]
    public void ChannelBinding_Offered_IsSeenWhateverIsKeptBack(string features, bool expected)
    {
        using var output = new PooledByteWriter();
        StreamFeatures.WriteForClient(output, Encoding.UTF8.GetBytes(Start + features + End), None, 65536).ShouldBe(expected);
        StreamFeatures.WriteForClient(output, Encoding.UTF8.GetBytes(Start + features + End), Without("A-PLUS") with { RemovesChannelBinding = true }, 65536).ShouldBe(expected);
    }

    [Theory]
    [InlineData("<limits xmlns='urn:xmpp:stream-limits:0'/>", "<limits xmlns='urn:xmpp:stream-limits:0'>")]
    [InlineData("<limits xmlns='urn:xmpp:stream-limits:0'><idle-seconds>60</idle-seconds></limits>", "<limits xmlns='urn:xmpp:stream-limits:0'><idle-seconds>60</idle-seconds>")]
    [Trait("Requirement", "XS-063")]
    public void Limits_WithoutASize_GetTheGatewaysOwn(string limits, string before) =>
        Write(Start + limits + "</stream:features>", None).ShouldBe(Start + before + "<max-bytes xmlns='urn:xmpp:stream-limits:0'>65536</max-bytes></limits></stream:features>");

    [Fact]
    public void Nesting_DeeperThanAnyOffer_StaysAsItIs()
    {
        var deep = string.Concat(Enumerable.Repeat("<inline xmlns='urn:xmpp:sasl:2'><fast xmlns='urn:xmpp:fast:0'>", 40))
            + string.Concat(Enumerable.Repeat("</fast></inline>", 40));
        ForClient(Authentication(deep, "A"), Without("B")).ShouldBe(Start + Authentication(deep, "A") + End);
    }

    private static string ForClient(string features, StreamFeaturesRules rules) => Write(Start + features + End, rules);

    private static string Write(string features, StreamFeaturesRules rules)
    {
        using var output = new PooledByteWriter();
        StreamFeatures.WriteForClient(output, Encoding.UTF8.GetBytes(features), rules, 65536);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
