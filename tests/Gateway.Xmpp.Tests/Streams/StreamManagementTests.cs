using System.Text;
using Gateway.Xmpp.Buffers;
using Gateway.Xmpp.Framing;
using Gateway.Xmpp.Streams;

namespace Gateway.Xmpp.Tests.Streams;

public sealed class StreamManagementTests
{
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
    [Trait("Requirement", "XS-058")]
    public void Resumption_IsSeen(string xml, bool expected)
    {
        var buffer = Encoding.UTF8.GetBytes(xml);
        var element = new XmppFramer(FramerMode.Document, FramingLimits.Default).Read(buffer);
        element.Kind.ShouldBe(StreamElementKind.FirstLevelElement);

        StreamManagement.GrantsResumption(element, buffer).ShouldBe(expected);
    }

    [Theory]
    [InlineData("<enabled xmlns='urn:xmpp:sm:3' id='x' location='[::1]:5222' resume='true'/>", "<enabled xmlns='urn:xmpp:sm:3' id='x' resume='true'/>")]
    [InlineData("<enabled location=\"a\" xmlns='urn:xmpp:sm:3'/>", "<enabled xmlns='urn:xmpp:sm:3'/>")]
    [InlineData("<enabled xmlns='urn:xmpp:sm:3' location='a'/>", "<enabled xmlns='urn:xmpp:sm:3'/>")]
    [InlineData("<enabled xmlns='urn:xmpp:sm:3'\n\tlocation = 'a'></enabled>", "<enabled xmlns='urn:xmpp:sm:3'></enabled>")]
    [InlineData("<enabled xmlns='urn:xmpp:sm:3' location='' id='x'/>", "<enabled xmlns='urn:xmpp:sm:3' id='x'/>")]
    [InlineData("<p:enabled location='a' xmlns:p='urn:xmpp:sm:3'/>", "<p:enabled xmlns:p='urn:xmpp:sm:3'/>")]
    [Trait("Requirement", "XS-059")]
    public void Location_IsTakenOut(string xml, string expected)
    {
        using var output = new PooledByteWriter();

        StreamManagement.TryWriteWithoutLocation(output, Encoding.UTF8.GetBytes(xml)).ShouldBeTrue();

        Encoding.UTF8.GetString(output.WrittenSpan).ShouldBe(expected);
    }

    [Theory]
    [InlineData("<enabled xmlns='urn:xmpp:sm:3' id='x'/>")]
    [InlineData("<enabled xmlns='urn:xmpp:sm:3' id=' location=a'/>")]
    [InlineData("<enabled xmlns='urn:xmpp:sm:3' p:location='a' xmlns:p='u'/>")]
    [InlineData("<message location='a'/>")]
    [Trait("Requirement", "XS-059")]
    public void NoLocation_NothingIsWritten(string xml)
    {
        using var output = new PooledByteWriter();

        StreamManagement.TryWriteWithoutLocation(output, Encoding.UTF8.GetBytes(xml)).ShouldBeFalse();

        output.WrittenCount.ShouldBe(0);
    }
}
