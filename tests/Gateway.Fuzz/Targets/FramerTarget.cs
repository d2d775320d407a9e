using System.Text;
using Gateway.Fuzz.Inputs;
using Gateway.Xmpp.Framing;
using Gateway.Xmpp.Tests.Framing;

namespace Gateway.Fuzz.Targets;

/// <summary>
/// The framer in both modes: any split gives the same, what it takes System.Xml takes, and lifted elements keep their meaning.
/// Where System.Xml departs from the recommendations is written down in <see cref="XmlReaderOracle"/>.
/// </summary>
internal sealed class FramerTarget : ParserTarget
{
    private const int MostBytewise = 1500; // the driver copies what is pending for every piece
    private static readonly FramingLimits Roomy = new(1 << 20, MaxDepth: 1000, MaxAttributes: 1000);

    /// <inheritdoc/>
    public override string Name => "framer";

    /// <inheritdoc/>
    public override byte[] Generate(Random random) => XmlInput.Broken(random, random.Next(2) == 0 ? XmlInput.Stream : XmlInput.Document);

    /// <inheritdoc/>
    protected override void Run(byte[] input)
    {
        var random = InputSeed.Numbers(input);
        CheckSplits(FramerMode.Stream, Roomy, input, random);
        CheckSplits(FramerMode.Document, Roomy, input, random);
        CheckSplits(random.Next(2) == 0 ? FramerMode.Stream : FramerMode.Document, new FramingLimits(random.Next(1, 400), random.Next(1, 8), random.Next(1, 8)), input, random);
        CheckDocument(input);
        CheckStream(input);
    }

    /// <summary>The elements of a stream that the framer took, and what became of them.</summary>
    internal static void CheckStream(byte[] input)
    {
        var run = FramerDriver.Run(FramerMode.Stream, Roomy, input);
        if (!run.Kinds.Contains(StreamElementKind.StreamHeader))
        {
            return;
        }

        // What was taken is a document, once its root is closed.
        var header = run.Pieces.First(p => p.Element.Kind == StreamElementKind.StreamHeader);
        var close = header.Element.IsEmpty || run.Kinds.Contains(StreamElementKind.StreamClose)
            ? ""
            : $"</{Encoding.UTF8.GetString(header.Bytes, header.Element.Offset + 1, header.Element.NameLength)}>";
        var pieces = run.Pieces.SkipWhile(p => p.Element.Kind == StreamElementKind.Whitespace).ToList();
        byte[] document = [.. pieces.SelectMany(p => p.Bytes), .. Encoding.UTF8.GetBytes(close)];
        var oracle = XmlReaderOracle.Judge(document);
        if (oracle.HasQuirk)
        {
            return;
        }

        (oracle.Accepts && !oracle.HasForbidden).ShouldBeTrue(oracle.Message);
        var expected = Infoset.Children(Encoding.UTF8.GetString(document));
        var elements = run.Pieces.Where(p => p.Element.Kind == StreamElementKind.FirstLevelElement).ToList();
        elements.Count.ShouldBe(expected.Count);
        for (var i = 0; i < elements.Count; i++)
        {
            foreach (var target in Enum.GetValues<RebaseTarget>())
            {
                RebaseOracle.CheckMeaning(elements[i], expected[i], run.Scope, target);
            }
        }
    }

    private static void CheckSplits(FramerMode mode, FramingLimits limits, byte[] input, Random random)
    {
        var whole = FramerDriver.Run(mode, limits, input).Describe();
        FramerDriver.Run(mode, limits, input, InputSeed.Cuts(random, input.Length)).Describe().ShouldBe(whole);
        if (input.Length <= MostBytewise)
        {
            FramerDriver.RunBytewise(mode, limits, input).Describe().ShouldBe(whole);
        }
    }

    private static void CheckDocument(byte[] input)
    {
        if (input.Length > 0)
        {
            var run = FramerDriver.Run(FramerMode.Document, Roomy, input);
            var oracle = XmlReaderOracle.Judge(input);
            var isTaken = run.IsClean && run.Elements.Count() == 1;
            if (run.Error is FramingError.TooManyParts or FramingError.TooDeep && input.Length > FramingLimits.MaxDeclarations * 8)
            {
                return; // bounds that System.Xml does not have; no fewer bytes can reach one
            }

            oracle.AgreesWith(run, isTaken, input).ShouldBeTrue($"XmlReader {(oracle.Accepts ? "accepts" : "rejects: " + oracle.Message)}; framer {run.Describe()}");
        }
    }
}
