using System.Text;
using Gateway.Xmpp.Framing;

namespace Gateway.Xmpp.Tests.Framing;

/// <summary>Memory and work stay bounded whatever comes (EDGE-045, EDGE-046).</summary>
public sealed class XmppFramerCostTests
{
    private const int Kilobytes = 1024;

    [Theory]
    [InlineData("<a>")]
    [InlineData("<abcdefghijklmnopqrstuvwxyz>")]
    [InlineData("<a xmlns:p='urn:p' b='c'>")]
    [Trait("Requirement", "EDGE-045")]
    public void NestedElements_TwentyThousand_AreRefusedAtOnceWithMemoryFlat(string tag)
    {
        var input = Encoding.UTF8.GetBytes(FramerFixture.Header + string.Concat(Enumerable.Repeat(tag, 20_000)));
        var framer = new XmppFramer(FramerMode.Stream, new FramingLimits(16 << 20));
        var header = framer.Read(input);

        var before = GC.GetAllocatedBytesForCurrentThread();
        var element = framer.Read(input.AsSpan(header.End));
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        element.Kind.ShouldBe(StreamElementKind.Error);
        framer.Error.ShouldBe(FramingError.TooDeep);
        allocated.ShouldBeLessThan(64 * Kilobytes);

        // At once: the tag that is one too deep is enough.
        var enough = header.End + (tag.Length * 101);
        FramerDriver.Run(FramerMode.Stream, new FramingLimits(16 << 20), input[..enough]).Error.ShouldBe(FramingError.TooDeep);
        FramerDriver.Run(FramerMode.Stream, new FramingLimits(16 << 20), input[..(enough - tag.Length)]).Error.ShouldBe(FramingError.None);
    }

    [Theory]
    [InlineData(FramerMode.Document)]
    [InlineData(FramerMode.Stream)]
    [Trait("Requirement", "EDGE-045")]
    public void BillionLaughs_IsRefusedAtItsDocumentType(FramerMode mode)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var framer = new XmppFramer(mode, FramingLimits.Default);

        framer.Read("<?xml version=\"1.0\"?>\n<!DOCTYPE lolz [\n <!ENTITY lol \"lol\">"u8).Kind.ShouldBe(StreamElementKind.Error);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        framer.Error.ShouldBe(FramingError.RestrictedXml);
        allocated.ShouldBeLessThan(64 * Kilobytes);
    }

    [Fact]
    public void Stanzas_OnceWarm_AllocateNothing()
    {
        var stanzas = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(
            "<message from='a@example.org/x' to='b@example.org' id='abc' type='chat'><body>Hello &amp; good bye</body><p:active xmlns:p='http://jabber.org/protocol/chatstates' p:x='1'/></message>\n", 100)));
        var framer = new XmppFramer(FramerMode.Stream, FramingLimits.Default);
        framer.Read(Encoding.UTF8.GetBytes(FramerFixture.Header));
        Consume(framer, stanzas).ShouldBe(100);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 20; i++)
        {
            Consume(framer, stanzas);
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }

    [Theory]
    [InlineData("text", "<message><body>", "</body></message>")]
    [InlineData("CDATA", "<message><body><![CDATA[", "]]></body></message>")]
    [Trait("Requirement", "EDGE-046")]
    public void Scanned_Content_IsNotScannedAgain(string what, string start, string end)
    {
        const int size = 256 * Kilobytes;
        var buffer = Encoding.UTF8.GetBytes(start + new string('x', size - start.Length - end.Length) + end);
        var framer = new XmppFramer(FramerMode.Document, new FramingLimits(size));
        for (var length = 1; length < buffer.Length; length++)
        {
            framer.Read(buffer.AsSpan(0, length)).Kind.ShouldBe(StreamElementKind.None, what);

            // Whoever looks at these bytes a second time finds what is no XML.
            if (length - 8 > start.Length && length - 8 < buffer.Length - end.Length)
            {
                buffer[length - 8] = 0;
            }
        }

        framer.Read(buffer).Kind.ShouldBe(StreamElementKind.FirstLevelElement, framer.Error.ToString());
    }

    [Theory]
    [InlineData("<message><body>", "x", "</body></message>")]
    [InlineData("<message body='", "x", "'/>")]
    [InlineData("<message>", "<b>é&amp;</b>", "</message>")]
    [InlineData("<message>", "<b a='1' xmlns:p='u' p:c=\"2\"/>", "</message>")]
    [Trait("Requirement", "EDGE-046")]
    public void Stanza_ByteByByte_AllocatesNoMoreThanInOnePiece(string start, string middle, string end)
    {
        var bytes = Encoding.UTF8.GetBytes(start + string.Concat(Enumerable.Repeat(middle, ((256 * Kilobytes) - 64) / Encoding.UTF8.GetByteCount(middle))) + end);
        var framer = new XmppFramer(FramerMode.Document, FramingLimits.Default);
        framer.Read(bytes).Kind.ShouldBe(StreamElementKind.FirstLevelElement, framer.Error.ToString());
        framer.Reset();

        var before = GC.GetAllocatedBytesForCurrentThread();
        var nothing = 0;
        for (var length = 1; length < bytes.Length; length++)
        {
            nothing += framer.Read(bytes.AsSpan(0, length)).Kind == StreamElementKind.None ? 1 : 0;
        }

        var last = framer.Read(bytes);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        nothing.ShouldBe(bytes.Length - 1);
        last.Kind.ShouldBe(StreamElementKind.FirstLevelElement);
        last.End.ShouldBe(bytes.Length);
        allocated.ShouldBeLessThan(16 * Kilobytes);
    }

    private static int Consume(XmppFramer framer, ReadOnlySpan<byte> bytes)
    {
        var count = 0;
        while (framer.Read(bytes) is { Kind: not (StreamElementKind.None or StreamElementKind.Error) } element)
        {
            count += element.Kind == StreamElementKind.FirstLevelElement ? 1 : 0;
            bytes = bytes[element.End..];
        }

        return count;
    }
}
