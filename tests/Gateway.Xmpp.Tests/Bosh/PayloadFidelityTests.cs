using System.Text;
using System.Xml;
using System.Xml.Linq;
using Gateway.Xmpp.Bosh;
using Gateway.Xmpp.Buffers;
using Gateway.Xmpp.Framing;

namespace Gateway.Xmpp.Tests.Bosh;

/// <summary>What is said arrives as it was said: the same document to an XML reader that knows nothing of us, up and down.</summary>
public class PayloadFidelityTests
{
    private const string HttpBind = "http://jabber.org/protocol/httpbind";
    private const string BodyStart = $"<body rid='1' sid='s' xmlns='{HttpBind}' xmlns:w='urn:wrapper' xmlns:stream='http://etherx.jabber.org/streams' xml:lang='en'>";
    private const string StreamStart = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' xmlns:w='urn:wrapper'>";

    public static TheoryData<string> Payloads { get; } =
    [
        "<message xmlns='jabber:client'><body>a\u00e9\u03b1\u4e2d\u05d0\U0001F34C\U0010FFFD \u0085\u2028\u00a0e\u0301\u200f\ufffd\u007f\ud7ff\ue000\t\n</body></message>",
        "<message xmlns='jabber:client'><body>&#9;&#10;&#13;&#x85;&#x1F34C;&#xA0;&lt;&gt;&amp;&apos;&quot;]]&gt;</body></message>",
        "<message xmlns='jabber:client' id='1&#xA;2&#x9;3&#xD;4&#x20;5' type=\"it's\" to='a&quot;b&lt;c&amp;d>e'/>",
        "<message xmlns='jabber:client' id='a literal\nnewline\tand a tab'/>",
        "<message xmlns='jabber:client'><x xmlns=''><y xmlns='urn:y'><z xmlns=''/></y></x></message>",
        "<x xmlns='' a='1'><y/></x>",
        "<w:x w:a='1'><w:y xmlns:w='urn:other' w:b='2'/><z xmlns='urn:z' w:c='3'/></w:x>",
        "<message xmlns='jabber:client'><w:x/><q xmlns='urn:q' w:a='w:b'>w:c</q></message>",
        "<c:message xmlns:c='jabber:client' id='p'><c:body>prefixed</c:body></c:message>",
        "<message xmlns='jabber:client'><body><![CDATA[<b>&amp; ]] > not a tag</b>]]>tail<![CDATA[]]></body></message>",
        "<message xmlns='jabber:client' xml:lang='de-CH'><body>a</body><body xml:lang='fr'>b</body><x xmlns='urn:x' xml:space='preserve'>  </x></message>",
        "<message xmlns='jabber:client'><a><b/>x<c>y</c>z</a> <a ></a ><a\n/>\r\n</message>",
        "<iq xmlns='jabber:client' type='set'><query xmlns='jabber:iq:roster'><item jid='ju\u0308liet@ex\u00e4mple.com'/></query></iq>",
        "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGEAYg==</auth>",
        "<r xmlns='urn:xmpp:sm:3'/>",
    ];

    [Theory]
    [MemberData(nameof(Payloads))]
    [Trait("Requirement", "BOSH-023")]
    [Trait("Requirement", "BOSH-025")]
    public void Up_ArrivesAsItWasSent(string payload)
    {
        var sent = BodyStart + payload + "</body>";
        Meaning(StreamStart + Up(sent) + "</stream:stream>").ShouldBe(Meaning(sent));
    }

    [Theory]
    [MemberData(nameof(Payloads))]
    [Trait("Requirement", "BOSH-026")]
    public void Down_ArrivesAsItWasSent(string payload)
    {
        var sent = Encoding.UTF8.GetBytes(StreamStart + payload + "</stream:stream>");
        var framer = new XmppFramer(FramerMode.Stream, FramingLimits.Default);
        using var output = new PooledByteWriter();
        var header = framer.Read(sent);
        header.Kind.ShouldBe(StreamElementKind.StreamHeader);
        var rest = sent.AsSpan(header.End);
        var element = framer.Read(rest);
        element.Kind.ShouldBe(StreamElementKind.FirstLevelElement);
        NamespaceRebaser.Write(output, rest, element, framer.Scope, RebaseTarget.BoshBody);
        var received = $"<body xmlns='{HttpBind}'>{Encoding.UTF8.GetString(output.WrittenSpan)}</body>";
        Meaning(received).ShouldBe(Meaning(Encoding.UTF8.GetString(sent)));
    }

    [Theory]
    [InlineData("<message><body>a</body><x xmlns='urn:x'><y xmlns='http://jabber.org/protocol/httpbind'/></x></message>")]
    [InlineData("<b:iq xmlns:b='http://jabber.org/protocol/httpbind'><b:query/><query xmlns='jabber:iq:roster'/></b:iq>")]
    [Trait("Requirement", "BOSH-024")]
    public void Up_HttpBindIsClient_EverythingElseStays(string payload)
    {
        var sent = BodyStart + payload + "</body>";
        var expected = XDocument.Parse(sent, LoadOptions.PreserveWhitespace).Root!;
        foreach (var element in expected.Descendants().Where(e => e.Name.NamespaceName == HttpBind).ToList())
        {
            element.Name = XName.Get(element.Name.LocalName, "jabber:client");
        }

        Meaning(StreamStart + Up(sent) + "</stream:stream>").ShouldBe(string.Concat(expected.Elements().Select(Meaning)));
    }

    [Fact]
    [Trait("Requirement", "BOSH-023")]
    public void Up_LargestStanza_KeepsItsBytes()
    {
        const int Most = 256 * 1024;
        const string Start = "<message xmlns='jabber:client'><body>";
        const string End = "</body></message>";
        var stanza = Start + new string('x', Most - Start.Length - End.Length) + End;
        Up(BodyStart + stanza + stanza + "</body>").ShouldBe(stanza + stanza);
    }

    private static string Up(string document)
    {
        var bytes = Encoding.UTF8.GetBytes(document);
        var parser = new BoshBodyParser();
        using var output = new PooledByteWriter();
        List<BoshPayload> payloads = [];
        parser.TryReadTag(bytes, FramingLimits.Default, out _).ShouldBeTrue();
        parser.ReadPayloads(bytes, FramingLimits.Default, output, payloads).ShouldBeTrue();
        payloads.Sum(p => p.Length).ShouldBe(output.WrittenCount);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static string Meaning(string document) =>
        string.Concat(XDocument.Parse(document, LoadOptions.PreserveWhitespace).Root!.Elements().Select(Meaning));

    /// <summary>Names with namespaces, attributes and text; how it was written does not show.</summary>
    private static string Meaning(XElement element)
    {
        var attributes = element.Attributes().Where(a => !a.IsNamespaceDeclaration).OrderBy(a => a.Name.ToString(), StringComparer.Ordinal)
            .Select(a => $" {a.Name}={XmlConvert.EncodeName(a.Value)}");
        var content = element.Nodes().Select(n => n is XElement child ? Meaning(child) : ((XText)n).Value);
        return $"<{element.Name}{string.Concat(attributes)}>{string.Concat(content)}</>";
    }
}
