using System.Text;
using Gateway.Xmpp.Framing;
using Gateway.Xmpp.Streams;

namespace Gateway.Xmpp.Tests.Streams;

public sealed class StreamHeaderTests
{
    [Fact]
    public void Parse_ReadsAllAttributes()
    {
        var header = Parse("<?xml version='1.0'?>\n<stream:stream from=\"example.org\" to='alice@example.org' id='a&amp;b&#x27;' xml:lang='de' version='1.0' other='x' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>");

        header.ShouldBe(new StreamHeader { From = "example.org", To = "alice@example.org", Id = "a&b'", Lang = "de", Version = "1.0", IsStream = true });
    }

    [Fact]
    public void Parse_WithoutAttributes_LeavesNull() =>
        Parse("<stream:stream xmlns:stream='http://etherx.jabber.org/streams'>").ShouldBe(new StreamHeader { IsStream = true });

    [Fact]
    public void Parse_EmptyAttribute_IsNotAbsent() =>
        Parse("<stream:stream id='' xmlns:stream='http://etherx.jabber.org/streams'>").Id.ShouldBe("");

    [Fact]
    public void Parse_AttributesOfOtherNamespaces_AreNotItsOwn() =>
        Parse("<stream:stream p:to='x' p:id='y' lang='en' xmlns:p='u' xmlns:stream='http://etherx.jabber.org/streams'>").ShouldBe(new StreamHeader { IsStream = true });

    [Theory]
    [InlineData("<stream xmlns='http://etherx.jabber.org/streams'>", true)]
    [InlineData("<s:stream xmlns:s='http://etherx.jabber.org/streams'>", true)]
    [InlineData("<stream:stream xmlns:stream='http://etherx.jabber.org/streams'/>", true)]
    [InlineData("<stream xmlns='jabber:client'>", false)]
    [InlineData("<stream:stream xmlns:stream='http://etherx.jabber.org/stream'>", false)]
    [InlineData("<stream:streams xmlns:stream='http://etherx.jabber.org/streams'>", false)]
    [InlineData("<stream>", false)]
    [Trait("Requirement", "XS-012")]
    [Trait("Requirement", "XS-013")]
    public void Parse_KnowsAStreamByItsNamespace(string tag, bool expected) => Parse(tag).IsStream.ShouldBe(expected);

    [Fact]
    public void Parse_Open_HasTheSameAttributes()
    {
        var framer = new XmppFramer(FramerMode.Document, FramingLimits.Default);
        var buffer = "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='example.org' version='1.0' xml:lang='en'/>"u8;

        StreamHeader.Parse(framer.Read(buffer), buffer).ShouldBe(new StreamHeader { To = "example.org", Version = "1.0", Lang = "en" });
    }

    private static StreamHeader Parse(string xml)
    {
        var buffer = Encoding.UTF8.GetBytes(xml);
        var element = new XmppFramer(FramerMode.Stream, FramingLimits.Default).Read(buffer);
        element.Kind.ShouldBe(StreamElementKind.StreamHeader);
        return StreamHeader.Parse(element, buffer);
    }
}
