using System.Text;
using Gateway.Xmpp.Bosh;
using Gateway.Xmpp.Buffers;
using Gateway.Xmpp.Framing;

namespace Gateway.Xmpp.Tests.Bosh;

/// <summary>bosh.md section 4.</summary>
public class BoshBodyParserTests
{
    private const string Ns = "xmlns='http://jabber.org/protocol/httpbind'";

    private static (bool HasTag, bool IsWhole, BoshBody Body, string Payload, List<BoshPayload> Payloads, FramingError Error) Parse(string xml, int maxBytes = 256 * 1024) =>
        Parse(Encoding.UTF8.GetBytes(xml), maxBytes);

    private static (bool HasTag, bool IsWhole, BoshBody Body, string Payload, List<BoshPayload> Payloads, FramingError Error) Parse(byte[] document, int maxBytes = 256 * 1024)
    {
        var parser = new BoshBodyParser();
        using var output = new PooledByteWriter();
        List<BoshPayload> payloads = [];
        var hasTag = parser.TryReadTag(document, FramingLimits.Default, out var body);
        var isWhole = hasTag && parser.ReadPayloads(document, new FramingLimits(maxBytes), output, payloads);
        return (hasTag, isWhole, body, Encoding.UTF8.GetString(output.WrittenSpan), payloads, parser.Error);
    }

    [Theory]
    [InlineData("terminate", true)]
    [InlineData("terminal", true)] // gloox 1.0
    [InlineData("terminated", false)]
    [InlineData("error", false)]
    [Trait("Requirement", "BOSH-089")]
    public void Type_OfAGoodbye_IsKnown(string type, bool isTerminate)
    {
        var parser = new BoshBodyParser();
        parser.TryReadTag(Encoding.UTF8.GetBytes($"<body rid='1' sid='s' type='{type}' xmlns='http://jabber.org/protocol/httpbind'/>"), FramingLimits.Default, out var body).ShouldBeTrue();
        body!.IsTerminate.ShouldBe(isTerminate);
    }

    [Fact]
    public void Tag_AllAttributes_AreRead()
    {
        var body = Parse($"<body rid='1573741820' sid='s&amp;1' to='example.com' from='a@example.com' xml:lang='en' wait='60' hold='1' content=\"text/xml\" ver='1.6' "
            + $"ack='7' key='k' newkey='n' pause='9' type='terminate' xmpp:version='1.0' xmpp:restart='true' xmlns:xmpp='urn:xmpp:xbosh' unknown='x' {Ns}/>").Body;
        body.ShouldBe(new BoshBody
        {
            Rid = 1573741820,
            Sid = "s&1",
            To = "example.com",
            From = "a@example.com",
            Lang = "en",
            Wait = 60,
            Hold = 1,
            Content = "text/xml",
            Ver = new BoshVersion(1, 6),
            Ack = 7,
            Key = "k",
            NewKey = "n",
            Pause = 9,
            IsTerminate = true,
            XmppVersion = "1.0",
            IsRestart = true,
        });
    }

    [Theory]
    [InlineData("rid='1'", BoshAttributes.None)]
    [InlineData("rid='9007199254740991'", BoshAttributes.None)]
    [InlineData("rid='9007199254740992'", BoshAttributes.Rid)]
    [InlineData("rid='0'", BoshAttributes.Rid)]
    [InlineData("rid='-1'", BoshAttributes.Rid)]
    [InlineData("rid='+1'", BoshAttributes.Rid)]
    [InlineData("rid='1.0'", BoshAttributes.Rid)]
    [InlineData("rid=' 1'", BoshAttributes.Rid)]
    [InlineData("rid=''", BoshAttributes.Rid)]
    [InlineData("rid='99999999999999999999999'", BoshAttributes.Rid)]
    [InlineData("wait='65535'", BoshAttributes.None)]
    [InlineData("wait='65536'", BoshAttributes.Wait)]
    [InlineData("hold='255'", BoshAttributes.None)]
    [InlineData("hold='256'", BoshAttributes.Hold)]
    [InlineData("pause='x'", BoshAttributes.Pause)]
    [InlineData("sid='s' ack='0'", BoshAttributes.Ack)]
    [InlineData("ack='0'", BoshAttributes.None)]
    [InlineData("inactivity='-1'", BoshAttributes.Other)]
    [InlineData("requests='256'", BoshAttributes.Other)]
    [InlineData("report='0'", BoshAttributes.Other)]
    [Trait("Requirement", "BOSH-030")]
    public void Tag_Number_IsPlainDigitsWithinBounds(string attributes, BoshAttributes malformed) =>
        Parse($"<body {attributes} {Ns}/>").Body.Malformed.ShouldBe(malformed);

    [Theory]
    [InlineData("<body/>", false)]
    [InlineData("<body xmlns='jabber:client'/>", false)]
    [InlineData("<html xmlns='http://jabber.org/protocol/httpbind'/>", false)]
    [InlineData("<b:body xmlns:b='http://jabber.org/protocol/httpbind'/>", true)]
    [InlineData("<?xml version='1.0' encoding='utf-8'?>\r\n <body xmlns='http://jabber.org/protocol/httpbind'/> \n", true)]
    [InlineData("\uFEFF<body xmlns='http://jabber.org/protocol/httpbind'/>", false)]
    [InlineData(" \n<body xmlns='http://jabber.org/protocol/httpbind'></body >", true)]
    [InlineData("<?xml version='1.0'?><body xmlns='http://jabber.org/protocol/httpbind'/>", true)]
    [InlineData("<?xml version='1.1'?><body xmlns='http://jabber.org/protocol/httpbind'/>", false)]
    [InlineData("<?xml version='1.0' encoding='iso-8859-1'?><body xmlns='http://jabber.org/protocol/httpbind'/>", false)]
    [InlineData("<?xml version='1.0' standalone='yes'?><body xmlns='http://jabber.org/protocol/httpbind'/>", false)]
    [InlineData("<!DOCTYPE body><body xmlns='http://jabber.org/protocol/httpbind'/>", false)]
    [InlineData("", false)]
    [InlineData("not xml", false)]
    [InlineData("<body xmlns='http://jabber.org/protocol/httpbind'", false)]
    [Trait("Requirement", "BOSH-018")]
    [Trait("Requirement", "BOSH-021")]
    public void Root_IsBodyOfHttpBindAndNothingElse(string xml, bool accepted) => Parse(xml).IsWhole.ShouldBe(accepted);

    [Theory]
    [InlineData("", true)]
    [InlineData(" \r\n\t ", true)]
    [InlineData("<a xmlns='x'/>\n  <b xmlns='x'>text</b>\n", true)]
    [InlineData("text", false)]
    [InlineData("<a xmlns='x'/>text", false)]
    [InlineData("<![CDATA[ ]]>", false)]
    [InlineData("<a xmlns='x'>", false)]
    [InlineData("<a xmlns='x'></b>", false)]
    [InlineData("<!-- c -->", false)]
    [InlineData("<?pi?>", false)]
    [InlineData("<a xmlns='x'>&nbsp;</a>", false)]
    [InlineData("<a xmlns='x'>&#65;&lt;<![CDATA[<x>]]></a>", true)]
    [InlineData("<p:a/>", false)]
    [InlineData("</body><body>", false)]
    [Trait("Requirement", "BOSH-019")]
    [Trait("Requirement", "BOSH-020")]
    [Trait("Requirement", "BOSH-022")]
    [Trait("Requirement", "BOSH-023")]
    public void Content_IsCompleteElementsAndWhiteSpace(string content, bool accepted) =>
        Parse($"<body {Ns}>{content}</body>").IsWhole.ShouldBe(accepted);

    [Theory]
    [InlineData("<body xmlns='http://jabber.org/protocol/httpbind'/>x")]
    [InlineData("<body xmlns='http://jabber.org/protocol/httpbind'/><body/>")]
    [InlineData("<body xmlns='http://jabber.org/protocol/httpbind'><a/>")]
    [Trait("Requirement", "BOSH-002")]
    public void Document_HoldsExactlyOneBody(string xml) => Parse(xml).IsWhole.ShouldBeFalse();

    [Fact]
    [Trait("Requirement", "BOSH-014")]
    public void Content_NotUtf8_IsRefused()
    {
        byte[] document = [.. Encoding.UTF8.GetBytes($"<body sid='s' {Ns}><a xmlns='x'>"), 0xC3, 0x28, .. "</a></body>"u8];
        var result = Parse(document);
        (result.HasTag, result.IsWhole, result.Error).ShouldBe((true, false, FramingError.InvalidUtf8));
        result.Body.Sid.ShouldBe("s");
    }

    [Theory]
    [InlineData("<!-- a -->", FramingError.RestrictedXml)]
    [InlineData("<!-- <body rid='9' sid='other'> -->", FramingError.RestrictedXml)]
    [InlineData("<?pi <body ?>", FramingError.RestrictedXml)]
    [InlineData("<!DOCTYPE body>", FramingError.RestrictedXml)]
    [InlineData("<!DOCTYPE b [<!ENTITY x \"y\">]>", FramingError.RestrictedXml)]
    [InlineData("<?xml version='1.1'?>", null)]
    [InlineData("<?xml version='1.0' standalone='yes'?>", null)]
    [InlineData("<?xml version='1.0' encoding='latin1'?>", FramingError.UnsupportedEncoding)]
    [InlineData("<?xml version='1.0'?><!-- a --><?b?> ", FramingError.RestrictedXml)]
    [InlineData("text", null)]
    [Trait("Requirement", "BOSH-103")]
    public void Prolog_Broken_TheTagStillNamesTheSession(string prolog, FramingError? error)
    {
        var result = Parse($"{prolog}<body rid='5' sid='s' {Ns}><a xmlns='x'/></body>");
        (result.HasTag, result.IsWhole).ShouldBe((true, false));
        (result.Body.Sid, result.Body.Rid).ShouldBe(("s", 5));
        result.Error.ShouldBe(error ?? result.Error);
        result.Error.ShouldNotBe(FramingError.None);
        result.Payload.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("<!-- <body rid='5' sid='s' {0}/>")]
    [InlineData("<!-- a --><?pi <body rid='5' sid='s' {0}/>")]
    [InlineData("<!-- a --><html rid='5' sid='s'/>")]
    [InlineData("<!-- a --><body rid='5' rid='6' sid='s' {0}/>")]
    [InlineData("<!-- a -->")]
    [InlineData("<!-- a --><")]
    [InlineData("text")]
    [Trait("Requirement", "BOSH-103")]
    public void Prolog_Broken_NoTag_NamesNothing(string document)
    {
        var result = Parse(document.Replace("{0}", Ns, StringComparison.Ordinal));
        (result.HasTag, result.IsWhole).ShouldBe((false, false));
    }

    [Fact]
    [Trait("Requirement", "BOSH-103")]
    public void Content_Broken_TheTagStillNamesTheSession()
    {
        var result = Parse($"<body rid='5' sid='s' {Ns}><a xmlns='x'></body>");
        (result.HasTag, result.IsWhole, result.Body.Sid, result.Body.Rid).ShouldBe((true, false, "s", 5));
    }

    [Fact]
    [Trait("Requirement", "BOSH-024")]
    public void Payload_InHttpBind_BecomesJabberClientWithItsDescendants()
    {
        var result = Parse($"<body {Ns}><message to='b'><body>hi</body></message></body>");
        result.Payload.ShouldNotContain("httpbind");
        result.Payload.ShouldContain("<body>hi</body>");
        result.Payloads.ShouldHaveSingleItem().Kind.ShouldBe(BoshPayloadKind.Stanza);
    }

    [Fact]
    [Trait("Requirement", "BOSH-025")]
    public void Payload_PrefixDeclaredOnTheBody_IsDeclaredInside()
    {
        var result = Parse($"<body xmlns:x='urn:x' {Ns}><x:a x:b='1'/></body>");
        result.Payload.ShouldContain("xmlns:x='urn:x'");
    }

    [Theory]
    [InlineData("<message xmlns='jabber:client'/>", BoshPayloadKind.Stanza)]
    [InlineData("<iq xmlns='jabber:client'/>", BoshPayloadKind.Stanza)]
    [InlineData("<presence/>", BoshPayloadKind.Stanza)]
    [InlineData("<other/>", BoshPayloadKind.Other)]
    [InlineData("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>", BoshPayloadKind.Other)]
    [InlineData("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", BoshPayloadKind.StartTls)]
    [InlineData("<enable xmlns='urn:xmpp:sm:3'/>", BoshPayloadKind.StreamManagement)]
    [InlineData("<r xmlns='urn:xmpp:sm:3'/>", BoshPayloadKind.Other)]
    [InlineData("<authenticate xmlns='urn:xmpp:sasl:2'><bind xmlns='urn:xmpp:bind:0'><enable xmlns='urn:xmpp:sm:3'/></bind></authenticate>", BoshPayloadKind.StreamManagement)]
    [InlineData("<s:features xmlns:s='http://etherx.jabber.org/streams'/>", BoshPayloadKind.Forbidden)]
    [InlineData("<message xmlns='jabber:server'/>", BoshPayloadKind.Forbidden)]
    public void Payload_Kind_IsTakenFromItsNamespace(string payload, BoshPayloadKind kind) =>
        Parse($"<body {Ns}>{payload}</body>").Payloads.ShouldHaveSingleItem().Kind.ShouldBe(kind);

    [Theory]
    [InlineData(100, true)]
    [InlineData(99, false)]
    [Trait("Requirement", "EDGE-035")]
    public void Payload_Size_IsBounded(int limit, bool accepted)
    {
        var payload = "<a xmlns='x'>" + new string('y', 100 - 17) + "</a>";
        payload.Length.ShouldBe(100);
        var result = Parse($"<body {Ns}>{payload}{payload}</body>", limit);
        result.IsWhole.ShouldBe(accepted);
        result.Error.ShouldBe(accepted ? FramingError.None : FramingError.TooBig);
    }

    [Fact]
    public void Parser_UsedAgain_RemembersNothing()
    {
        var parser = new BoshBodyParser();
        parser.TryReadTag("<body"u8, FramingLimits.Default, out _).ShouldBeFalse();
        parser.Error.ShouldBe(FramingError.None);
        parser.TryReadTag("<nonsense>"u8, FramingLimits.Default, out _).ShouldBeFalse();
        parser.TryReadTag(Encoding.UTF8.GetBytes($"<body rid='3' {Ns}/>"), FramingLimits.Default, out var body).ShouldBeTrue();
        body.Rid.ShouldBe(3);
    }
}
