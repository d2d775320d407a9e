using System.Numerics;
using System.Text;
using System.Xml;
using Gateway.Xmpp.Framing;

namespace Gateway.Xmpp.Tests.Framing;

/// <summary>An element that was lifted out of a generated stream means what it meant inside, and got no more than it lost.</summary>
public sealed class NamespaceRebaserInfosetTests
{
    private const int StreamsPerSeed = 1000;

    public static TheoryData<int> Seeds => FuzzSeeds.Take(4);

    [Theory]
    [MemberData(nameof(Seeds))]
    [Trait("Requirement", "XS-066")]
    [Trait("Requirement", "BOSH-025")]
    [Trait("Requirement", "WS-027")]
    public void GeneratedStreams_LiftedElements_KeepTheirMeaning(int seed)
    {
        var generator = new XmlDocumentGenerator(new Random(seed));
        var plain = 0;
        var lost = 0;
        var rewritten = 0;
        for (var i = 0; i < StreamsPerSeed; i++)
        {
            var (header, children, end) = generator.Stream();
            var document = header + string.Concat(children) + end;
            var expected = Infoset.Children(document);
            var run = FramerDriver.Run(FramerMode.Stream, FramingLimits.Default, Encoding.UTF8.GetBytes(document));
            run.IsClean.ShouldBeTrue(run.Describe());
            run.Elements.ShouldBe(children);
            var pieces = run.Pieces.Where(p => p.Element.Kind == StreamElementKind.FirstLevelElement).ToList();
            for (var child = 0; child < pieces.Count; child++)
            {
                var context = $"seed {seed}, stream {i}, child {child}: {header} ... {children[child]}";
                try
                {
                    CheckFlags(pieces[child], expected[child], run.Scope);
                    if (IsPlain(expected[child], run.Scope))
                    {
                        plain++;
                        lost += CheckMinimality(pieces[child], expected[child], run.Scope);
                    }
                    else
                    {
                        rewritten++;
                    }

                    foreach (var target in Enum.GetValues<RebaseTarget>())
                    {
                        RebaseOracle.CheckMeaning(pieces[child], expected[child], run.Scope, target);
                    }
                }
                catch (Exception exception) when (exception is ShouldAssertException or XmlException)
                {
                    Assert.Fail(context + "\n" + exception.Message);
                }
            }
        }

        plain.ShouldBeGreaterThan(StreamsPerSeed / 5);
        lost.ShouldBeGreaterThan(StreamsPerSeed / 20);
        rewritten.ShouldBeGreaterThan(StreamsPerSeed / 5);
    }

    private static void CheckFlags(FramedPiece piece, Infoset expected, NamespaceScope scope)
    {
        piece.Element.InheritsDefault.ShouldBe(expected.Inherited.Contains(""), "InheritsDefault");
        var mask = expected.Inherited.Where(p => p.Length > 0).Aggregate(0UL, (m, p) => m | (1UL << scope.IndexOf(Encoding.UTF8.GetBytes(p))));
        piece.Element.InheritedPrefixes.ShouldBe(mask, "InheritedPrefixes");
        piece.Element.Namespace.ShouldBe(KnownNamespaces.Find(Encoding.UTF8.GetBytes(expected.Elements[0].Name)), "Namespace");
    }

    /// <summary>No prefix has to change: the root keeps its bytes and gets just what it loses.</summary>
    private static bool IsPlain(Infoset expected, NamespaceScope scope)
    {
        string[] special = [Infoset.Client, Infoset.HttpBind, Infoset.Streams];
        return !expected.Declarations.Any(d => special.Contains(d.Name))
            && !expected.Inherited.Any(p => special.Contains(RebaseOracle.Name(scope, p)) && (p.Length > 0 || RebaseOracle.Name(scope, p) == Infoset.Streams));
    }

    private static int CheckMinimality(FramedPiece piece, Infoset expected, NamespaceScope scope)
    {
        var written = RebaseOracle.Write(piece, scope, RebaseTarget.Message);
        var head = piece.Text[..(Encoding.UTF8.GetString(piece.Bytes, piece.Element.Offset, piece.Element.NameLength + 1).Length)];
        var rest = piece.Text[head.Length..];
        written.ShouldStartWith(head, Case.Sensitive);
        written.ShouldEndWith(rest, Case.Sensitive);
        var added = Infoset.Root("<x" + written[head.Length..^rest.Length] + "/>").Declarations;
        var lost = expected.Inherited
            .Select(p => (Prefix: p, Name: RebaseOracle.Name(scope, p)))
            .Where(d => d.Name.Length > 0)
            .Select(d => d.Name == Infoset.HttpBind ? (d.Prefix, Infoset.Client) : d)
            .ToList();
        added.ShouldBe(lost, ignoreOrder: true);
        BitOperations.PopCount(piece.Element.InheritedPrefixes).ShouldBe(lost.Count(d => d.Item1.Length > 0));
        return lost.Count;
    }
}
