using System.Text;
using Gateway.Xmpp.Buffers;
using Gateway.Xmpp.Framing;

namespace Gateway.Xmpp.Tests.Framing;

/// <summary>The cases that the requirements name, byte for byte.</summary>
public sealed class NamespaceRebaserTests
{
    private const string Backend = "<stream:stream xmlns:stream='http://etherx.jabber.org/streams' xmlns='jabber:client'>";
    private const string Body = "<body xmlns='http://jabber.org/protocol/httpbind' xmlns:xmpp='urn:xmpp:xbosh' xmlns:stream='http://etherx.jabber.org/streams'>";

    [Theory]
    [InlineData("<message/>", "<message xmlns='jabber:client'/>")]
    [InlineData("<message to='a'><body>x</body></message>", "<message xmlns='jabber:client' to='a'><body>x</body></message>")]
    [InlineData("<message xmlns='jabber:client'/>", "<message xmlns='jabber:client'/>")]
    [InlineData("<message xmlns=\"jabber:client\"><b/></message>", "<message xmlns=\"jabber:client\"><b/></message>")]
    [InlineData("<r xmlns='urn:xmpp:sm:3'/>", "<r xmlns='urn:xmpp:sm:3'/>")]
    [Trait("Requirement", "WS-027")]
    [Trait("Requirement", "BOSH-026")]
    public void Stanza_LeavingTheBackendStream_CarriesItsNamespace(string element, string expected)
    {
        Rebase(Backend, element, RebaseTarget.Message).ShouldBe(expected);
        Rebase(Backend, element, RebaseTarget.BoshBody).ShouldBe(expected);
    }

    [Theory]
    [InlineData("<stream:features><a xmlns='x'/></stream:features>", "<stream:features xmlns:stream='http://etherx.jabber.org/streams'><a xmlns='x'/></stream:features>")]
    [InlineData("<stream:features/>", "<stream:features xmlns:stream='http://etherx.jabber.org/streams'/>")]
    [Trait("Requirement", "WS-027")]
    public void StreamElement_AsMessage_DeclaresItsPrefix(string element, string expected) =>
        Rebase(Backend, element, RebaseTarget.Message).ShouldBe(expected);

    [Theory]
    [InlineData("<stream:features><a xmlns='x'/></stream:features>")]
    [InlineData("<stream:error><not-authorized xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>")]
    [Trait("Requirement", "BOSH-027")]
    public void StreamElement_InABoshBody_UsesThePrefixThatTheBodyDeclares(string element) =>
        Rebase(Backend, element, RebaseTarget.BoshBody).ShouldBe(element);

    [Theory]
    [InlineData("<s:stream xmlns:s='http://etherx.jabber.org/streams' xmlns='jabber:client'>", "<s:features><a xmlns='x'/></s:features>")]
    [InlineData("<stream xmlns='http://etherx.jabber.org/streams'>", "<features><a xmlns='x'/></features>")]
    [InlineData("<stream:stream xmlns:stream='http://etherx.jabber.org/streams' xmlns='jabber:client'>", "<features xmlns='http://etherx.jabber.org/streams'><a xmlns='x'/></features>")]
    [InlineData("<stream:stream xmlns:stream='http://etherx.jabber.org/streams' xmlns='jabber:client'>", "<p:features xmlns:p='http://etherx.jabber.org/streams'><a xmlns='x'/></p:features>")]
    [Trait("Requirement", "XS-013")]
    [Trait("Requirement", "BOSH-027")]
    [Trait("Requirement", "WS-027")]
    public void StreamElement_UnderAnotherPrefix_GetsTheLiteralOne(string header, string element)
    {
        Rebase(header, element, RebaseTarget.Message).ShouldStartWith("<stream:features xmlns:stream='http://etherx.jabber.org/streams'");
        Rebase(header, element, RebaseTarget.BoshBody).ShouldStartWith("<stream:features");
        Rebase(header, element, RebaseTarget.BoshBody).ShouldNotContain("xmlns:stream");
        foreach (var target in new[] { RebaseTarget.Message, RebaseTarget.BoshBody })
        {
            Rebase(header, element, target).ShouldContain("<a xmlns='x'/>");
            Rebase(header, element, target).ShouldEndWith("</stream:features>");
        }
    }

    [Theory]
    [InlineData("<message to='a'/>", "<message xmlns='jabber:client' to='a'/>")]
    [InlineData("<p:x xmlns:p='urn:p'><body/></p:x>", "<p:x xmlns='jabber:client' xmlns:p='urn:p'><body/></p:x>")]
    [Trait("Requirement", "WS-027")]
    public void DefaultNamespace_OfNestedNamesOnly_IsDeclaredToo(string element, string expected) =>
        Rebase(Backend, element, RebaseTarget.Message).ShouldBe(expected);

    [Theory]
    [InlineData("<message><body>x</body></message>")]
    [InlineData("<message xmlns='http://jabber.org/protocol/httpbind'><body>x</body></message>")]
    [InlineData("<p:message xmlns:p='http://jabber.org/protocol/httpbind'><p:body>x</p:body></p:message>")]
    [InlineData("<message xmlns='jabber:client'><body xmlns='http://jabber.org/protocol/httpbind'>x</body></message>")]
    [InlineData("<message xmlns='jabber:client'><h:body xmlns:h='http://jabber.org/protocol/httpbind'>x</h:body></message>")]
    [Trait("Requirement", "BOSH-024")]
    public void HttpBindPayload_Forwarded_BecomesClientWithItsDescendants(string element)
    {
        var written = Rebase(Body, element, RebaseTarget.Stream);

        var infoset = Infoset.Children(Backend + written + "</stream:stream>").Single();
        infoset.Elements.ShouldBe([("", "jabber:client"), ("", "jabber:client")]);
        infoset.Text.ShouldContain("x");
    }

    [Theory]
    [InlineData("<message><x xmlns='urn:x'><y/></x><body/></message>")]
    [Trait("Requirement", "BOSH-024")]
    public void HttpBindPayload_WithOtherNamespacesInside_LeavesThem(string element) =>
        Rebase(Body, element, RebaseTarget.Stream).ShouldBe(element);

    [Fact]
    [Trait("Requirement", "BOSH-025")]
    public void ClientNamespace_WithPrefix_IsWrittenWithout()
    {
        var written = Rebase(Body, "<client:message xmlns:client='jabber:client' client:a='1'><client:body>x</client:body><o xmlns='urn:o'><client:p/></o></client:message>", RebaseTarget.Stream);

        var infoset = Infoset.Children(Backend + written + "</stream:stream>").Single();
        infoset.Text.ShouldBe("<{jabber:client}message {jabber:client}a=1><{jabber:client}body >x</><{urn:o}o ><{jabber:client}p ></></></>");
        infoset.Elements.ShouldAllBe(e => e.Prefix.Length == 0);
    }

    [Theory]
    [InlineData("<iq xmlns='jabber:client'><p:q/></iq>", "<iq xmlns:p='urn:p' xmlns='jabber:client'><p:q/></iq>")]
    [InlineData("<iq xmlns='jabber:client' p:a='1'/>", "<iq xmlns:p='urn:p' xmlns='jabber:client' p:a='1'/>")]
    [InlineData("<iq xmlns='jabber:client'><q xmlns='u'><r p:a=''/></q></iq>", "<iq xmlns:p='urn:p' xmlns='jabber:client'><q xmlns='u'><r p:a=''/></q></iq>")]
    [Trait("Requirement", "BOSH-025")]
    [Trait("Requirement", "XS-066")]
    public void Prefix_DeclaredOnTheRootOnly_IsDeclaredAgain(string element, string expected)
    {
        const string header = "<body xmlns='http://jabber.org/protocol/httpbind' xmlns:p='urn:p' xmlns:unused='u'>";

        foreach (var target in Enum.GetValues<RebaseTarget>())
        {
            Rebase(header, element, target).ShouldBe(expected);
        }
    }

    [Theory]
    [InlineData("<iq xmlns='jabber:client'><q xmlns='u' type='p:string'>p:x</q></iq>")]
    [InlineData("<iq xmlns='jabber:client'><p:q xmlns:p='urn:other'/></iq>")]
    [InlineData("<iq xmlns='jabber:client' a=\"xmlns:p='p:q'\"><![CDATA[<p:q/>]]></iq>")]
    [InlineData("<a xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>=</a>")]
    [InlineData("<iq xmlns='jabber:client'><q xmlns=''><r/></q></iq>")]
    public void Element_ThatLosesNothing_KeepsItsBytes(string element)
    {
        const string header = "<body xmlns='http://jabber.org/protocol/httpbind' xmlns:p='urn:p'>";

        foreach (var target in Enum.GetValues<RebaseTarget>())
        {
            Rebase(header, element, target).ShouldBe(element);
        }
    }

    [Fact]
    [Trait("Requirement", "XS-066")]
    public void Prefix_RedeclaredInside_KeepsBothMeanings()
    {
        const string header = "<stream:stream xmlns:stream='http://etherx.jabber.org/streams' xmlns='jabber:client' xmlns:p='urn:outer'>";

        Rebase(header, "<message><x xmlns:p='urn:inner'><p:a/></x><p:b/></message>", RebaseTarget.Message)
            .ShouldBe("<message xmlns='jabber:client' xmlns:p='urn:outer'><x xmlns:p='urn:inner'><p:a/></x><p:b/></message>");
    }

    [Fact]
    public void DefaultNamespace_UndeclaredInside_StaysUndeclared()
    {
        Rebase(Backend, "<message><x xmlns=''><y/></x></message>", RebaseTarget.Message)
            .ShouldBe("<message xmlns='jabber:client'><x xmlns=''><y/></x></message>");
    }

    [Fact]
    [Trait("Requirement", "BOSH-026")]
    public void NoNamespace_InABoshBody_IsSaid()
    {
        Rebase("<s:stream xmlns:s='http://etherx.jabber.org/streams'>", "<x><y/></x>", RebaseTarget.BoshBody)
            .ShouldBe("<x xmlns=''><y/></x>");
    }

    [Fact]
    public void NamespaceName_WithSpecialCharacters_IsEscaped()
    {
        const string header = "<stream:stream xmlns:stream='http://etherx.jabber.org/streams' xmlns:p=\"it's &amp; &lt;\">";

        Infoset.Root(Rebase(header, "<p:x/>", RebaseTarget.Message)).Text.ShouldBe("<{it's & <}x ></>");
    }

    [Fact]
    [Trait("Requirement", "XS-067")]
    public void Rewriting_LeavesTextAttributesAndCData()
    {
        const string inside = " \n x &amp; y &#x41; <![CDATA[ <p:a/> ]]>";

        Rebase("<s:stream xmlns:s='http://etherx.jabber.org/streams'>", $"<s:error a = \"it's &lt;\"\tb='\"'>{inside}</s:error >", RebaseTarget.BoshBody)
            .ShouldBe($"<stream:error a=\"it's &lt;\" b='\"'>{inside}</stream:error>");
    }

    [Fact]
    [Trait("Requirement", "WS-028")]
    public void Stanza_WithoutNamespaceInAMessage_IsTakenForClient() =>
        RebaseMessage("<message to='a'><body>x</body></message>", RebaseTarget.Stream).ShouldBe("<message to='a'><body>x</body></message>");

    [Fact]
    public void Message_WithDeclarations_PassesAsASlice() =>
        RebaseMessage("<?xml version='1.0'?><iq xmlns=\"jabber:client\" id='1'><q xmlns='urn:q'/></iq> ", RebaseTarget.Stream)
            .ShouldBe("<iq xmlns=\"jabber:client\" id='1'><q xmlns='urn:q'/></iq>");

    [Fact]
    public void Slices_OnceWarm_AllocateNothing()
    {
        var run = Run(FramerMode.Stream, Backend + "<message to='a'><body>x</body></message>");
        using var output = new PooledByteWriter();
        NamespaceRebaser.Write(output, run.Single.Bytes, run.Single.Element, run.Scope, RebaseTarget.Message);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            output.Truncate(0);
            NamespaceRebaser.Write(output, run.Single.Bytes, run.Single.Element, run.Scope, RebaseTarget.Message);
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }

    private static string Rebase(string header, string element, RebaseTarget target)
    {
        var run = Run(FramerMode.Stream, header + element);
        return Write(run, target);
    }

    private static string RebaseMessage(string document, RebaseTarget target) => Write(Run(FramerMode.Document, document), target);

    private static FramedRun Run(FramerMode mode, string xml)
    {
        var run = FramerDriver.Run(mode, FramingLimits.Default, Encoding.UTF8.GetBytes(xml));
        run.IsClean.ShouldBeTrue(run.Describe());
        return run;
    }

    private static string Write(FramedRun run, RebaseTarget target)
    {
        using var output = new PooledByteWriter();
        NamespaceRebaser.Write(output, run.Single.Bytes, run.Single.Element, run.Scope, target);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
