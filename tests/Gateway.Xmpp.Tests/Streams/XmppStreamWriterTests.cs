using System.Text;
using Gateway.Xmpp.Buffers;
using Gateway.Xmpp.Framing;
using Gateway.Xmpp.Streams;

namespace Gateway.Xmpp.Tests.Streams;

public sealed class XmppStreamWriterTests
{
    [Fact]
    [Trait("Requirement", "XS-009")]
    [Trait("Requirement", "XS-010")]
    public void Header_IsWrittenAsTheRfcShowsIt() =>
        Write(output => XmppStreamWriter.WriteHeader(output, new StreamHeader { To = "example.com", Version = "1.0", Lang = "en" }))
            .ShouldBe("<?xml version='1.0'?><stream:stream to='example.com' version='1.0' xml:lang='en' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>");

    [Fact]
    public void Header_ReadBack_IsTheSame()
    {
        var header = new StreamHeader { From = "o'brien@example.com", To = "a&b<c>\"\t\n", Id = "é🍌", Lang = "en", Version = "1.0", IsStream = true };
        var buffer = Encoding.UTF8.GetBytes(Write(output => XmppStreamWriter.WriteHeader(output, header)));
        var framer = new XmppFramer(FramerMode.Stream, FramingLimits.Default);

        var element = framer.Read(buffer);

        element.Kind.ShouldBe(StreamElementKind.StreamHeader, framer.Error.ToString());
        element.End.ShouldBe(buffer.Length);
        StreamHeader.Parse(element, buffer).ShouldBe(header);
    }

    [Theory]
    [InlineData(StreamErrorCondition.HostUnknown, null, false, false, "<stream:error><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>")]
    [InlineData(StreamErrorCondition.Reset, null, false, true, "<stream:error xmlns:stream='http://etherx.jabber.org/streams'><reset xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>")]
    [InlineData(StreamErrorCondition.PolicyViolation, "a < b", true, true, "<stream:error xmlns:stream='http://etherx.jabber.org/streams'><policy-violation xmlns='urn:ietf:params:xml:ns:xmpp-streams'/><text xmlns='urn:ietf:params:xml:ns:xmpp-streams' xml:lang='en'>a &lt; b</text><stanza-too-big xmlns='urn:xmpp:errors'/></stream:error>")]
    [Trait("Requirement", "WS-047")]
    public void Error_IsWritten(StreamErrorCondition condition, string? text, bool tooBig, bool declare, string expected) =>
        Write(output => XmppStreamWriter.WriteError(output, condition, text, tooBig, declare)).ShouldBe(expected);

    [Fact]
    public void HeaderErrorAndClose_MakeOneStream()
    {
        var bytes = Encoding.UTF8.GetBytes(Write(output =>
        {
            XmppStreamWriter.WriteHeader(output, new StreamHeader());
            foreach (var condition in Enum.GetValues<StreamErrorCondition>())
            {
                XmppStreamWriter.WriteError(output, condition, "text", stanzaTooBig: true, declarePrefix: condition == StreamErrorCondition.Reset);
            }

            output.Write(XmppStreamWriter.Close);
        }));

        var run = Framing.FramerDriver.Run(FramerMode.Stream, FramingLimits.Default, bytes);

        run.IsClean.ShouldBeTrue(run.Describe());
        run.Pieces.Count.ShouldBe(2 + Enum.GetValues<StreamErrorCondition>().Length);
        run.Pieces.Skip(1).SkipLast(1).ShouldAllBe(p => p.Element.Namespace == KnownNamespace.Streams);
    }

    private static string Write(Action<PooledByteWriter> write)
    {
        using var output = new PooledByteWriter();
        write(output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
