using System.Text;
using System.Xml;
using Gateway.Fuzz.Inputs;
using Gateway.Xmpp;
using Gateway.Xmpp.Buffers;
using Gateway.Xmpp.Framing;
using Gateway.Xmpp.Streams;
using Gateway.Xmpp.Tests.Framing;
using Gateway.Xmpp.WebSocketFraming;

namespace Gateway.Fuzz.Targets;

/// <summary>The framing elements of RFC 7395: known by their expanded name alone, read as System.Xml reads them, and written so that they read the same.</summary>
internal sealed class OpenTarget : ParserTarget
{
    private static readonly string[] Seeds =
    [
        "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='example.org' version='1.0'/>", "<open xmlns=\"urn:ietf:params:xml:ns:xmpp-framing\" from='a@b' to='b' id='&lt;1&gt;' xml:lang='de' version='1.0'></open>",
        "<f:open xmlns:f='urn:ietf:params:xml:ns:xmpp-framing' to='x'/>", "<close xmlns='urn:ietf:params:xml:ns:xmpp-framing' see-other-uri='wss://a/b'/>", "<open to='&#x1F34C;&#10;\n\t&amp;&apos;' xmlns='&#117;rn:ietf:params:xml:ns:xmpp-framing'/>",
    ];

    /// <inheritdoc/>
    public override string Name => "open";

    /// <inheritdoc/>
    public override byte[] Generate(Random random) => XmlInput.Broken(random, static r => Encoding.UTF8.GetBytes(Seeds[r.Next(Seeds.Length)]));

    /// <inheritdoc/>
    protected override void Run(byte[] input)
    {
        var framer = new XmppFramer(FramerMode.Document, FramingLimits.Default);
        var element = framer.Read(input);
        if (element.Kind != StreamElementKind.FirstLevelElement || XmlReaderOracle.Judge(input[..element.End]).HasQuirk)
        {
            return;
        }

        using var reader = XmlReader.Create(new StringReader(Encoding.UTF8.GetString(element.Slice(input))), XmlReaderOracle.Settings);
        reader.MoveToContent();
        var isFraming = reader.NamespaceURI == Encoding.UTF8.GetString(XmppNamespaces.Framing);
        OpenClose.Is("open"u8, element, input).ShouldBe(isFraming && reader.LocalName == "open");
        OpenClose.Is("close"u8, element, input).ShouldBe(isFraming && reader.LocalName == "close");

        var header = StreamHeader.Parse(element, input);
        HeaderTarget.CheckHeader(header, reader);
        using var output = new PooledByteWriter();
        OpenClose.WriteOpen(output, header);
        var again = new XmppFramer(FramerMode.Document, FramingLimits.Default).Read(output.WrittenSpan);
        again.End.ShouldBe(output.WrittenCount);
        StreamHeader.Parse(again, output.WrittenSpan).ShouldBe(header with { Version = "1.0", IsStream = false });
    }
}
