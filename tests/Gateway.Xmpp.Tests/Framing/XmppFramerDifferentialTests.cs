using System.Text;
using Gateway.Xmpp.Framing;

namespace Gateway.Xmpp.Tests.Framing;

/// <summary>The framer accepts what System.Xml accepts, except what restricted XML forbids.</summary>
public sealed class XmppFramerDifferentialTests
{
    private const int DocumentsPerSeed = 3000;
    private static readonly FramingLimits Roomy = new(1 << 20, MaxDepth: 1000, MaxAttributes: 1000);

    public static TheoryData<int> Seeds => FuzzSeeds.Take(5);

    [Theory]
    [MemberData(nameof(Seeds))]
    public void GeneratedDocuments_AreJudgedAsXmlReaderDoes(int seed)
    {
        var random = new Random(seed);
        var generator = new XmlDocumentGenerator(random);
        var accepted = 0;
        var rejected = 0;
        for (var i = 0; i < DocumentsPerSeed; i++)
        {
            var input = Encoding.UTF8.GetBytes(generator.Document());
            if (i % 4 != 0)
            {
                input = XmlMutator.Mutate(random, input);
            }

            var oracle = XmlReaderOracle.Judge(input);
            var run = FramerDriver.Run(FramerMode.Document, Roomy, input);
            var context = () => $"seed {seed}, document {i}: XmlReader {(oracle.Accepts ? "accepts" : "rejects: " + oracle.Message)}; framer {run.Describe()}\n{Encoding.Latin1.GetString(input)}";
            var isTaken = run.IsClean && run.Elements.Count() == 1;
            accepted += isTaken ? 1 : 0;
            rejected += isTaken ? 0 : 1;

            // The same for a random split, whatever the verdict.
            var cut = random.Next(input.Length + 1);
            FramerDriver.Run(FramerMode.Document, Roomy, input, cut).Describe().ShouldBe(run.Describe(), context());
            if (!oracle.HasQuirk && !Agree(oracle, run, isTaken, input))
            {
                Assert.Fail(context());
            }
        }

        // A check that never saw one of both sides would show nothing.
        accepted.ShouldBeGreaterThan(DocumentsPerSeed / 4);
        rejected.ShouldBeGreaterThan(DocumentsPerSeed / 4);
    }

    private static bool Agree(XmlReaderOracle oracle, FramedRun run, bool isTaken, byte[] input)
    {
        var text = Encoding.Latin1.GetString(input);
        return run.Error switch
        {
            _ when isTaken => oracle.Accepts && !oracle.HasForbidden,
            FramingError.None => !oracle.Accepts,

            // RFC 6120 §11.1: comments and instructions are the only well-formed documents among these; a standalone declaration is BOSH-021's.
            FramingError.RestrictedXml => !oracle.Accepts || oracle.HasForbidden || text.Contains("standalone", StringComparison.Ordinal),

            // RFC 7395 §3.3.3: a message begins with '<'. XmlReader allows white space there, and skips U+FEFF.
            FramingError.BadFormat => !oracle.Accepts || oracle.HasForbidden || text[0] is ' ' or '\t' or '\r' or '\n' or '\u00EF',
            FramingError.UnsupportedEncoding => text.Contains("encoding", StringComparison.Ordinal),
            FramingError.TooBig or FramingError.TooDeep or FramingError.TooManyParts => false,
            _ => !oracle.Accepts,
        };
    }
}
