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
            if (!oracle.AgreesWith(run, isTaken, input))
            {
                Assert.Fail(context());
            }
        }

        // A check that never saw one of both sides would show nothing.
        accepted.ShouldBeGreaterThan(DocumentsPerSeed / 4);
        rejected.ShouldBeGreaterThan(DocumentsPerSeed / 4);
    }
}
