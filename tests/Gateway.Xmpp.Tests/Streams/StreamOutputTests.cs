using System.Text;
using System.Text.RegularExpressions;
using Gateway.Xmpp.Bosh;
using Gateway.Xmpp.Buffers;
using Gateway.Xmpp.Framing;
using Gateway.Xmpp.Streams;
using Gateway.Xmpp.Tests.Framing;

namespace Gateway.Xmpp.Tests.Streams;

/// <summary>Whatever bytes a client sends: what is let through makes a stream that any XML parser takes.</summary>
[Trait("Requirement", "XS-062")]
public sealed partial class StreamOutputTests
{
    private const int InputsPerSeed = 4000;

    public static TheoryData<int> Seeds => FuzzSeeds.Take(4);

    [Theory]
    [MemberData(nameof(Seeds))]
    public void BoshBodies_Mutated_LeaveAWellFormedStream(int seed)
    {
        var random = new Random(seed);
        var generator = new XmlDocumentGenerator(random);
        var parser = new BoshBodyParser();
        var (passed, broken) = (0, 0);
        for (var i = 0; i < InputsPerSeed; i++)
        {
            var (header, children, _) = generator.Stream();
            var body = $"<hb:body xmlns:hb='http://jabber.org/protocol/httpbind' rid='1' {Declarations(header)}>{string.Concat(children)}</hb:body>";
            var input = Mutate(random, body);
            using var payloads = new PooledByteWriter();
            if (parser.TryReadTag(input, FramingLimits.Default, out _) && parser.ReadPayloads(input, FramingLimits.Default, payloads, []))
            {
                passed++;
                ShouldBeWellFormed(payloads.WrittenSpan, input);
            }
            else
            {
                broken++;
            }
        }

        (passed, broken).ShouldSatisfyAllConditions(c => c.passed.ShouldBeGreaterThan(InputsPerSeed / 10), c => c.broken.ShouldBeGreaterThan(InputsPerSeed / 10));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void WebSocketMessages_Mutated_LeaveAWellFormedStream(int seed)
    {
        var random = new Random(seed);
        var generator = new XmlDocumentGenerator(random);
        var framer = new XmppFramer(FramerMode.Document, FramingLimits.Default);
        var (passed, broken) = (0, 0);
        for (var i = 0; i < InputsPerSeed; i++)
        {
            var input = Mutate(random, generator.Document());
            framer.Reset();
            var element = framer.Read(input);
            if (element.Kind != StreamElementKind.FirstLevelElement)
            {
                broken++;
                continue;
            }

            passed++;
            using var output = new PooledByteWriter();
            NamespaceRebaser.Write(output, input, element, NamespaceScope.Empty, RebaseTarget.Stream);
            ShouldBeWellFormed(output.WrittenSpan, input);
        }

        (passed, broken).ShouldSatisfyAllConditions(c => c.passed.ShouldBeGreaterThan(InputsPerSeed / 10), c => c.broken.ShouldBeGreaterThan(InputsPerSeed / 10));
    }

    [Theory]
    [InlineData("a'b\"<>&\t\r\n]]>", "é\uFEFF🍌")]
    [InlineData("", "")]
    public void Header_AnyValues_StandEscaped(string from, string lang)
    {
        using var output = new PooledByteWriter();
        XmppStreamWriter.WriteHeader(output, new StreamHeader { To = "example.org", From = from, Lang = lang, Version = "1.0" });
        output.Write(XmppStreamWriter.Close);

        var root = System.Xml.Linq.XElement.Parse(Encoding.UTF8.GetString(output.WrittenSpan));
        root.Attribute("from")!.Value.ShouldBe(from);
        root.Attribute(System.Xml.Linq.XNamespace.Xml + "lang")!.Value.ShouldBe(lang);
    }

    private static byte[] Mutate(Random random, string document)
    {
        var bytes = Encoding.UTF8.GetBytes(document);
        return random.Next(4) == 0 ? bytes : XmlMutator.Mutate(random, bytes);
    }

    private static void ShouldBeWellFormed(ReadOnlySpan<byte> payloads, byte[] input)
    {
        using var stream = new PooledByteWriter();
        XmppStreamWriter.WriteHeader(stream, new StreamHeader { To = "example.org", Version = "1.0" });
        stream.Write(payloads);
        stream.Write(XmppStreamWriter.Close);
        var verdict = XmlReaderOracle.Judge(stream.WrittenSpan.ToArray());
        if (!verdict.HasQuirk)
        {
            verdict.Accepts.ShouldBeTrue($"{verdict.Message}\n{Encoding.UTF8.GetString(input)}\n{Encoding.UTF8.GetString(stream.WrittenSpan)}");
        }

        verdict.HasForbidden.ShouldBeFalse(Encoding.UTF8.GetString(input));
    }

    /// <summary>The namespace declarations of a stream header, so that payloads hang on those of the body.</summary>
    private static string Declarations(string header) => string.Join(' ', Declaration().Matches(header).Select(m => m.Value));

    [GeneratedRegex("""xmlns(:\w+)?=('[^']*'|"[^"]*")""", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Declaration();
}
