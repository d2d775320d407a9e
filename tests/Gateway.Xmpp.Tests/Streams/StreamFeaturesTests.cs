using System.Text;
using Gateway.Xmpp.Buffers;
using Gateway.Xmpp.Streams;

namespace Gateway.Xmpp.Tests.Streams;

public sealed class StreamFeaturesTests
{
    private const string Start = "<stream:features xmlns:stream='http://etherx.jabber.org/streams'>";
    private const string End = "</stream:features>";
    private const string StartTls = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>";
    private const string Compression = "<compression xmlns='http://jabber.org/features/compress'><method>zlib</method></compression>";
    private const string Mechanisms = "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>SCRAM-SHA-1</mechanism></mechanisms>";
    private const string Limits = "<limits xmlns='urn:xmpp:stream-limits:0'><max-bytes>1000</max-bytes></limits>";

    [Theory]
    [InlineData(Start + StartTls + End, true)]
    [InlineData(Start + "<starttls xmlns=\"urn:ietf:params:xml:ns:xmpp-tls\"/>" + End, true)]
    [InlineData(Start + Mechanisms + "\n" + StartTls + End, true)]
    [InlineData(Start + "<t:starttls xmlns:t='urn:ietf:params:xml:ns:xmpp-tls'/>" + End, true)]
    [InlineData("<stream:features xmlns:stream='http://etherx.jabber.org/streams' xmlns:t='urn:ietf:params:xml:ns:xmpp-tls'><t:starttls/></stream:features>", true)]
    [InlineData(Start + "<starttls xmlns='&#117;rn:ietf:params:xml:ns:xmpp-tls'/>" + End, true)]
    [InlineData(Start + "<starttls xmlns='urn:other'/>" + End, false)]
    [InlineData(Start + "<x xmlns='u'>" + StartTls + "</x>" + End, false)]
    [InlineData(Start + Mechanisms + End, false)]
    [InlineData("<stream:features xmlns:stream='http://etherx.jabber.org/streams'/>", false)]
    public void StartTls_IsSeen(string features, bool expected) => StreamFeatures.OffersStartTls(Encoding.UTF8.GetBytes(features)).ShouldBe(expected);

    [Theory]
    [InlineData(StartTls)]
    [InlineData(Compression)]
    [InlineData(StartTls + Compression)]
    [InlineData("<t:starttls xmlns:t='urn:ietf:params:xml:ns:xmpp-tls'/>")]
    [InlineData("<starttls xmlns='urn:ietf:params:xml:ns:xmpp&#x2d;tls'/>")]
    [InlineData("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/><compression xmlns='http://jabber.org/features/compress'/>")]
    [Trait("Requirement", "BOSH-113")]
    [Trait("Requirement", "WS-040")]
    [Trait("Requirement", "XS-025")]
    public void StartTlsAndCompression_AreTakenOut(string removed)
    {
        ForClient(Start + removed + Mechanisms + Limits + End).ShouldBe(Start + Mechanisms + Limits + End);
        ForClient(Start + Mechanisms + removed + Limits + End).ShouldBe(Start + Mechanisms + Limits + End);
        ForClient(Start + Mechanisms + Limits + removed + End).ShouldBe(Start + Mechanisms + Limits + End);
    }

    [Theory]
    [InlineData("<starttls xmlns='urn:other'/>")]
    [InlineData("<x xmlns='u'>" + StartTls + "</x>")]
    [InlineData("<sm xmlns='urn:xmpp:sm:3'/><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><required/></bind>")]
    [InlineData("\n  <a xmlns='u' b='>'> x <![CDATA[<starttls/>]]></a>\n")]
    [Trait("Requirement", "XS-018")]
    public void AllElse_StaysInItsOrder(string kept) => ForClient(Start + kept + Limits + End).ShouldBe(Start + kept + Limits + End);

    [Theory]
    [InlineData("999", "999")]
    [InlineData("65536", "65536")]
    [InlineData("65537", "65536")]
    [InlineData("2147483647", "65536")]
    [InlineData("4294967296", "65536")]
    [InlineData("99999999999999999999999", "65536")]
    [InlineData(" 65537 ", "65536")]
    [Trait("Requirement", "XS-063")]
    public void MaxBytes_IsNeverAboveTheGatewaysOwn(string offered, string expected) =>
        ForClient($"{Start}<limits xmlns='urn:xmpp:stream-limits:0'><max-bytes>{offered}</max-bytes><idle-seconds>60</idle-seconds></limits>{End}")
            .ShouldBe($"{Start}<limits xmlns='urn:xmpp:stream-limits:0'><max-bytes>{expected}</max-bytes><idle-seconds>60</idle-seconds></limits>{End}");

    [Theory]
    [InlineData(Start + Mechanisms + End, Start + Mechanisms)]
    [InlineData("<stream:features xmlns:stream='http://etherx.jabber.org/streams'/>", Start)]
    [InlineData("<stream:features xmlns:stream='http://etherx.jabber.org/streams' />", "<stream:features xmlns:stream='http://etherx.jabber.org/streams' >")]
    [InlineData(Start + StartTls + End, Start)]
    [Trait("Requirement", "XS-063")]
    public void Limits_Absent_AreAdded(string features, string before) =>
        ForClient(features).ShouldBe(before + "<limits xmlns='urn:xmpp:stream-limits:0'><max-bytes>65536</max-bytes></limits>" + End);

    private static string ForClient(string features)
    {
        using var output = new PooledByteWriter();
        StreamFeatures.WriteForClient(output, Encoding.UTF8.GetBytes(features), new StreamFeaturesRules { AllowsMechanism = _ => true }, 65536);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
