using System.Text;
using Gateway.Xmpp.Buffers;
using Gateway.Xmpp.Framing;
using Gateway.Xmpp.Streams;

namespace Gateway.Xmpp.Tests.Streams;

public sealed class StreamManagementTests
{
    private const string Success = "<success xmlns='urn:xmpp:sasl:2'><authorization-identifier>a@example.com/r</authorization-identifier>";

    [Theory]
    [InlineData("<enabled xmlns='urn:xmpp:sm:3' id='x' resume='true'/>", true)]
    [InlineData("<enabled xmlns='urn:xmpp:sm:3' resume='1' id='x'/>", true)]
    [InlineData("<sm:enabled xmlns:sm='urn:xmpp:sm:3' resume='1' id='x'/>", true)]
    [InlineData("<enabled xmlns='urn:xmpp:sm:2' resume='1' id='x'/>", true)]
    [InlineData("<resumed xmlns='urn:xmpp:sm:3' h='1' previd='x'/>", true)]
    [InlineData("<enabled xmlns='urn:xmpp:sm:3' id='x' resume='false'/>", false)]
    [InlineData("<enabled xmlns='urn:xmpp:sm:3' id='x'/>", false)]
    [InlineData("<enabled xmlns='urn:xmpp:sm:3' resume='true'/>", false)]
    [InlineData("<enable xmlns='urn:xmpp:sm:3' id='x' resume='true'/>", false)]
    [InlineData("<failed xmlns='urn:xmpp:sm:3'/>", false)]
    [InlineData("<enabled xmlns='urn:other' id='x' resume='true'/>", false)]
    [InlineData("<resumed xmlns='urn:other'/>", false)]
    [InlineData(Success + "<bound xmlns='urn:xmpp:bind:0'><enabled xmlns='urn:xmpp:sm:3' resume='1' id='x'/></bound></success>", true)]
    [InlineData(Success + "<b:bound xmlns:b='urn:xmpp:bind2:1' xmlns:s='urn:xmpp:sm:3'><x/><s:enabled resume='true' id='x'/></b:bound></success>", true)]
    [InlineData(Success + "<resumed xmlns='urn:xmpp:sm:3' h='1' previd='x'/></success>", true)]
    [InlineData(Success + "<bound xmlns='urn:xmpp:bind:0'><enabled xmlns='urn:xmpp:sm:3' id='x'/></bound></success>", false)]
    [InlineData(Success + "<bound xmlns='urn:xmpp:bind:0'><enabled xmlns='urn:other' resume='1' id='x'/></bound></success>", false)]
    [InlineData(Success + "<bound xmlns='urn:xmpp:bind:0'/><enabled xmlns='urn:xmpp:sm:3' resume='1' id='x'/></success>", false)]
    [InlineData(Success + "<bound xmlns='urn:xmpp:bind:0'><failed xmlns='urn:xmpp:sm:3'/></bound></success>", false)]
    [InlineData(Success + "<resumed/></success>", false)]
    [InlineData("<message xmlns='jabber:client'><resumed xmlns='urn:xmpp:sm:3'/></message>", false)]
    [InlineData("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><resumed xmlns='urn:xmpp:sm:3'/></success>", false)]
    [Trait("Requirement", "XS-058")]
    public void Resumption_IsSeen(string xml, bool expected)
    {
        var buffer = Encoding.UTF8.GetBytes(xml);
        var element = new XmppFramer(FramerMode.Document, FramingLimits.Default).Read(buffer);
        element.Kind.ShouldBe(StreamElementKind.FirstLevelElement);

        StreamManagement.GrantsResumption(element, buffer, NamespaceScope.Empty).ShouldBe(expected);
    }

    [Theory]
    [InlineData("<enabled xmlns='urn:xmpp:sm:3' id='x' location='[::1]:5222' resume='true'/>", "<enabled xmlns='urn:xmpp:sm:3' id='x' resume='true'/>")]
    [InlineData("<enabled location=\"a\" xmlns='urn:xmpp:sm:3'/>", "<enabled xmlns='urn:xmpp:sm:3'/>")]
    [InlineData("<enabled xmlns='urn:xmpp:sm:3' location='a'/>", "<enabled xmlns='urn:xmpp:sm:3'/>")]
    [InlineData("<enabled xmlns='urn:xmpp:sm:3'\n\tlocation = 'a'></enabled>", "<enabled xmlns='urn:xmpp:sm:3'></enabled>")]
    [InlineData("<enabled xmlns='urn:xmpp:sm:3' location='' id='x'/>", "<enabled xmlns='urn:xmpp:sm:3' id='x'/>")]
    [InlineData("<p:enabled location='a' xmlns:p='urn:xmpp:sm:3'/>", "<p:enabled xmlns:p='urn:xmpp:sm:3'/>")]
    [InlineData(
        Success + "<bound xmlns='urn:xmpp:bind:0'><enabled xmlns='urn:xmpp:sm:3' location='10.0.0.9:5222' id='x' resume='1'/></bound></success>",
        Success + "<bound xmlns='urn:xmpp:bind:0'><enabled xmlns='urn:xmpp:sm:3' id='x' resume='1'/></bound></success>")]
    [Trait("Requirement", "XS-059")]
    public void Location_IsTakenOut(string xml, string expected) => Write(xml).ShouldBe(expected);

    [Theory]
    [InlineData("<enabled xmlns='urn:xmpp:sm:3' id='x'/>")]
    [InlineData("<enabled xmlns='urn:xmpp:sm:3' id=' location=a'/>")]
    [InlineData("<enabled xmlns='urn:xmpp:sm:3' p:location='a' xmlns:p='u'/>")]
    [InlineData("<message xmlns='jabber:client' location='a'/>")]
    [InlineData("<message xmlns='jabber:client'><enabled xmlns='urn:xmpp:sm:3' location='a'/></message>")]
    [InlineData(Success + "<bound xmlns='urn:xmpp:bind:0'><x xmlns='u' location='a'/></bound></success>")]
    [Trait("Requirement", "XS-067")]
    public void AllElse_StaysAsItIs(string xml) => Write(xml).ShouldBe(xml);

    [Fact]
    [Trait("Requirement", "XS-059")]
    [Trait("Requirement", "XS-066")]
    public void Location_PrefixOfTheStreamHeader_IsTakenOutAndDeclared()
    {
        var framer = new XmppFramer(FramerMode.Stream, FramingLimits.Default);
        var buffer = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' xmlns:m='urn:xmpp:sm:3'>"u8;
        framer.Read(buffer).Kind.ShouldBe(StreamElementKind.StreamHeader);
        buffer = "<m:enabled id='x' location='10.0.0.9:5222' resume='1'/>"u8;
        var element = framer.Read(buffer);
        using var output = new PooledByteWriter();

        StreamManagement.Write(output, buffer, element, framer.Scope, RebaseTarget.Message);

        StreamManagement.GrantsResumption(element, buffer, framer.Scope).ShouldBeTrue();
        Encoding.UTF8.GetString(output.WrittenSpan).ShouldBe("<m:enabled xmlns:m='urn:xmpp:sm:3' id='x' resume='1'/>");
    }

    [Theory]
    [InlineData("m", true)]
    [InlineData("o", false)]
    [Trait("Requirement", "XS-058")]
    public void Resumption_InsideSuccessWithAPrefixOfTheStreamHeader_IsSeenByItsNamespace(string prefix, bool expected)
    {
        var framer = new XmppFramer(FramerMode.Stream, FramingLimits.Default);
        var buffer = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' xmlns:m='urn:xmpp:sm:3' xmlns:o='urn:other'>"u8.ToArray();
        framer.Read(buffer).Kind.ShouldBe(StreamElementKind.StreamHeader);
        buffer = Encoding.UTF8.GetBytes(Success + $"<bound xmlns='urn:xmpp:bind:0'><{prefix}:enabled id='x' resume='1'/></bound></success>");

        StreamManagement.GrantsResumption(framer.Read(buffer), buffer, framer.Scope).ShouldBe(expected);
    }

    private static string Write(string xml)
    {
        var buffer = Encoding.UTF8.GetBytes(xml);
        var framer = new XmppFramer(FramerMode.Document, FramingLimits.Default);
        var element = framer.Read(buffer);
        element.Kind.ShouldBe(StreamElementKind.FirstLevelElement);
        using var output = new PooledByteWriter();
        StreamManagement.Write(output, buffer, element, framer.Scope, RebaseTarget.Message);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
