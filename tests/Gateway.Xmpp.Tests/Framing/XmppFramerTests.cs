using System.Text;
using Gateway.Xmpp.Framing;

namespace Gateway.Xmpp.Tests.Framing;

/// <summary>What the framer says of the pieces, and how it goes on.</summary>
public sealed class XmppFramerTests
{
    [Fact]
    public void Stream_WithAllPieces_GivesThemInOrder()
    {
        var run = Run(FramerMode.Stream, "<?xml version='1.0'?>" + FramerFixture.Header + "<a/> <b>x</b></stream:stream>\n");

        run.IsClean.ShouldBeTrue(run.Describe());
        run.Kinds.ShouldBe([
            StreamElementKind.StreamHeader,
            StreamElementKind.FirstLevelElement,
            StreamElementKind.Whitespace,
            StreamElementKind.FirstLevelElement,
            StreamElementKind.StreamClose,
            StreamElementKind.Whitespace,
        ]);
        run.Elements.ShouldBe(["<a/>", "<b>x</b>"]);
        run.Pieces[0].Text.ShouldBe(FramerFixture.Header);
        run.Pieces[4].Text.ShouldBe("</stream:stream>");
    }

    [Fact]
    public void Header_BehindADeclaration_StartsAtItsOwnTag()
    {
        const string declaration = "<?xml version='1.0'?>\r\n";

        var run = Run(FramerMode.Stream, declaration + FramerFixture.Header);

        var header = run.Pieces.Single().Element;
        header.Offset.ShouldBe(declaration.Length);
        header.End.ShouldBe(declaration.Length + FramerFixture.Header.Length);
        header.TagLength.ShouldBe(FramerFixture.Header.Length);
        header.NameLength.ShouldBe("stream:stream".Length);
        header.PrefixLength.ShouldBe("stream".Length);
        header.Namespace.ShouldBe(KnownNamespace.Streams);
        header.IsEmpty.ShouldBeFalse();
    }

    [Fact]
    public void Element_WithPrefix_IsDescribed()
    {
        const string tag = "<p:iq xmlns:p='jabber:server' a='>'>";

        var piece = Run(FramerMode.Document, tag + "x</p:iq>").Single;

        piece.Element.TagLength.ShouldBe(tag.Length);
        piece.Element.NameLength.ShouldBe(4);
        piece.Element.PrefixLength.ShouldBe(1);
        piece.Element.Namespace.ShouldBe(KnownNamespace.Server);
        piece.Element.IsEmpty.ShouldBeFalse();
        Encoding.UTF8.GetString(piece.Element.LocalName(piece.Bytes)).ShouldBe("iq");
    }

    [Theory]
    [InlineData("<a/>", KnownNamespace.None)]
    [InlineData("<a xmlns=''/>", KnownNamespace.None)]
    [InlineData("<a xmlns='x'/>", KnownNamespace.Other)]
    [InlineData("<a xmlns='jabber:client'/>", KnownNamespace.Client)]
    [InlineData("<a xmlns='&#x6A;abber:client'/>", KnownNamespace.Client)]
    [InlineData("<a xmlns='jabber:client '/>", KnownNamespace.Other)]
    [InlineData("<p:a xmlns='x' xmlns:p='jabber:client'/>", KnownNamespace.Client)]
    [InlineData("<a xmlns='http://etherx.jabber.org/streams'/>", KnownNamespace.Streams)]
    [InlineData("<a xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>", KnownNamespace.Framing)]
    [InlineData("<a xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>", KnownNamespace.Sasl)]
    [InlineData("<a xmlns='urn:xmpp:sasl:2'/>", KnownNamespace.Sasl2)]
    [InlineData("<a xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", KnownNamespace.Tls)]
    [InlineData("<a xmlns='urn:xmpp:sm:3'/>", KnownNamespace.StreamManagement)]
    [InlineData("<a xmlns='urn:xmpp:sm:2'/>", KnownNamespace.StreamManagement)]
    [InlineData("<a xmlns='http://jabber.org/protocol/httpbind'/>", KnownNamespace.HttpBind)]
    public void Document_RootNamespace_IsKnown(string xml, KnownNamespace expected) =>
        Run(FramerMode.Document, xml).Single.Element.Namespace.ShouldBe(expected);

    [Theory]
    [InlineData("<message/>", KnownNamespace.Client)]
    [InlineData("<stream:error/>", KnownNamespace.Streams)]
    [InlineData("<stream:error xmlns:stream='x'/>", KnownNamespace.Other)]
    [InlineData("<message xmlns=''/>", KnownNamespace.None)]
    [InlineData("<a xmlns='urn:xmpp:sm:3'/>", KnownNamespace.StreamManagement)]
    public void StreamElement_RootNamespace_MayComeFromTheHeader(string xml, KnownNamespace expected) =>
        Run(FramerMode.Stream, FramerFixture.Header + xml).Single.Element.Namespace.ShouldBe(expected);

    [Theory]
    [InlineData("<a/>", true, "")]
    [InlineData("<a><b xmlns='x'/></a>", true, "")]
    [InlineData("<a xmlns='x'><b/></a>", false, "")]
    [InlineData("<q:a xmlns:q='x'><q:b/></q:a>", false, "")]
    [InlineData("<q:a xmlns:q='x'><b/></q:a>", true, "")]
    [InlineData("<q:a xmlns:q='x'><b xmlns='y'><c/></b><q:c/></q:a>", false, "")]
    [InlineData("<q:a xmlns:q='x'><b xmlns='y'/><c/></q:a>", true, "")]
    [InlineData("<a xmlns='x' b='1'/>", false, "")]
    [InlineData("<p:a/>", false, "p")]
    [InlineData("<a xmlns='x' p:b=''/>", false, "p")]
    [InlineData("<a xmlns='x'><b><p:c/></b></a>", false, "p")]
    [InlineData("<a xmlns='x'><b stream:c=''/><p:c/></a>", false, "stream,p")]
    [InlineData("<p:a xmlns:p='y'/>", false, "")]
    [InlineData("<a xmlns='x'><p:b xmlns:p='y'/></a>", false, "")]
    [InlineData("<a xmlns='x'><p:b xmlns:p='y'/><p:c/></a>", false, "p")]
    [InlineData("<a xmlns='x' type='p:string'>p:b</a>", false, "")]
    [InlineData("<a xmlns='x' xml:lang='en'/>", false, "")]
    [Trait("Requirement", "XS-066")]
    public void StreamElement_UsingTheHeadersDeclarations_SaysSo(string xml, bool inheritsDefault, string prefixes)
    {
        var run = Run(FramerMode.Stream, "<stream:stream xmlns:stream='http://etherx.jabber.org/streams' xmlns:p='urn:p' xmlns='jabber:client' xmlns:unused='u'>" + xml);

        var element = run.Single.Element;
        element.InheritsDefault.ShouldBe(inheritsDefault);
        var expected = prefixes.Split(',', StringSplitOptions.RemoveEmptyEntries).Aggregate(0UL, (mask, p) => mask | (1UL << run.Scope.IndexOf(Encoding.UTF8.GetBytes(p))));
        element.InheritedPrefixes.ShouldBe(expected);
    }

    [Fact]
    public void Scope_OfAHeader_HoldsItsDeclarationsResolved()
    {
        var run = Run(FramerMode.Stream, "<s:stream xmlns:s='http://etherx.jabber.org/streams' xmlns='&#106;abber:client' xmlns:p='a&amp;b'>");

        Encoding.UTF8.GetString(run.Scope.DefaultNamespace).ShouldBe("jabber:client");
        run.Scope.Count.ShouldBe(2);
        Encoding.UTF8.GetString(run.Scope.NameAt(run.Scope.IndexOf("p"u8))).ShouldBe("a&b");
        run.Scope.IndexOf("q"u8).ShouldBe(-1);
    }

    [Theory]
    [InlineData("<")]
    [InlineData("<a")]
    [InlineData("<a>")]
    [InlineData("<a b='x")]
    [InlineData("<a>text")]
    [InlineData("<a>&am")]
    [InlineData("<a><b></b>")]
    [InlineData("<a></a")]
    [InlineData("<a><![CDATA[x]]")]
    [InlineData("<a>é")]
    [InlineData("<?xml version='1.0'")]
    [InlineData("<?xml version='1.0'?>")]
    [InlineData("<?xml version='1.0'?>\n")]
    public void Input_EndingInsideAnElement_GivesNothingAndNoError(string xml)
    {
        var framer = new XmppFramer(FramerMode.Document, FramingLimits.Default);
        var bytes = Encoding.UTF8.GetBytes(xml);

        framer.Read(bytes).ShouldBe(default);
        framer.Read(bytes).ShouldBe(default, "asked again without more");
        framer.Error.ShouldBe(FramingError.None);
    }

    [Theory]
    [InlineData(FramerMode.Document)]
    [InlineData(FramerMode.Stream)]
    public void EmptyBuffer_GivesNothing(FramerMode mode)
    {
        var framer = new XmppFramer(mode, FramingLimits.Default);

        framer.Read([]).Kind.ShouldBe(StreamElementKind.None);
        framer.Read([]).Kind.ShouldBe(StreamElementKind.None);
        framer.Error.ShouldBe(FramingError.None);
    }

    [Fact]
    public void Error_Once_StaysUntilReset()
    {
        var framer = new XmppFramer(FramerMode.Stream, FramingLimits.Default);
        FramerDriver.Run(framer, "<a><!-- -->"u8.ToArray()).Error.ShouldBe(FramingError.RestrictedXml);

        framer.Read("<a/>"u8).Kind.ShouldBe(StreamElementKind.Error);
        framer.Read([]).Kind.ShouldBe(StreamElementKind.Error);
        framer.Error.ShouldBe(FramingError.RestrictedXml);

        framer.Reset();
        framer.Error.ShouldBe(FramingError.None);
        FramerDriver.Run(framer, Encoding.UTF8.GetBytes(FramerFixture.Header + "<b/>")).Elements.ShouldBe(["<b/>"]);
    }

    [Theory]
    [InlineData("<a><b x='")]
    [InlineData("<a><b>tex")]
    [InlineData("<a><![CDATA[")]
    [InlineData("<a></a")]
    [InlineData("<?xml")]
    [Trait("Requirement", "XS-042")]
    public void Reset_AtAnyPlace_ForgetsAll(string before)
    {
        var framer = new XmppFramer(FramerMode.Stream, FramingLimits.Default);
        FramerDriver.Run(framer, Encoding.UTF8.GetBytes("<r xmlns:p='u' xmlns='v'>" + before));

        framer.Reset();

        framer.Scope.Count.ShouldBe(0);
        framer.Scope.DefaultNamespace.Length.ShouldBe(0);
        var run = FramerDriver.Run(framer, "<?xml version='1.0'?><r xmlns='jabber:client'><a/></r>"u8.ToArray());
        run.IsClean.ShouldBeTrue(run.Describe());
        run.Single.Element.Namespace.ShouldBe(KnownNamespace.Client);

        framer.Reset();
        FramerDriver.Run(framer, "<r><p:a/>"u8.ToArray()).Error.ShouldBe(FramingError.NotWellFormed);
    }

    [Fact]
    public void Documents_OneAfterAnother_ShareNothing()
    {
        var framer = new XmppFramer(FramerMode.Document, FramingLimits.Default);
        foreach (var xml in new[] { "<a xmlns:p='u'/>", "<?xml version='1.0'?><b/> ", "<c><d/></c>" })
        {
            FramerDriver.Run(framer, Encoding.UTF8.GetBytes(xml)).IsClean.ShouldBeTrue();
            framer.Reset();
        }

        FramerDriver.Run(framer, "<p:a/>"u8.ToArray()).Error.ShouldBe(FramingError.NotWellFormed);
    }

    private static FramedRun Run(FramerMode mode, string xml) => FramerDriver.Run(mode, FramingLimits.Default, Encoding.UTF8.GetBytes(xml));
}
