using System.Text;
using Gateway.Xmpp.Framing;

namespace Gateway.Xmpp.Tests.Framing;

/// <summary>Each bound at n and n + 1 (EDGE-035, EDGE-045).</summary>
public sealed class XmppFramerLimitTests
{
    private static readonly FramingLimits Roomy = new(1 << 24, MaxDepth: 100, MaxAttributes: 128);

    [Theory]
    [InlineData(FramerMode.Document)]
    [InlineData(FramerMode.Stream)]
    [Trait("Requirement", "EDGE-035")]
    public void Element_OfMaxBytes_IsTaken_AndOneMoreIsTooBig(FramerMode mode)
    {
        var limits = new FramingLimits(1000);
        var fits = "<a>" + new string('x', 1000 - 7) + "</a>";
        var over = "<a>" + new string('x', 1000 - 6) + "</a>";

        Run(mode, limits, fits).IsClean.ShouldBeTrue();
        Run(mode, limits, over).Error.ShouldBe(FramingError.TooBig);
    }

    [Theory]
    [InlineData("<a>{0}")]
    [InlineData("<a b='{0}")]
    [InlineData("<a><![CDATA[{0}")]
    [InlineData("<a><b></b>{0}")]
    [Trait("Requirement", "EDGE-035")]
    public void Element_StillOpenAtMaxBytes_IsTooBigWithTheNextByte(string start)
    {
        var limits = new FramingLimits(500);
        var open = start.Replace("{0}", "", StringComparison.Ordinal);
        open += new string('x', 500 - open.Length);

        Run(FramerMode.Stream, limits, open).Error.ShouldBe(FramingError.None);
        Run(FramerMode.Stream, limits, open + "x").Error.ShouldBe(FramingError.TooBig);
    }

    [Fact]
    [Trait("Requirement", "EDGE-035")]
    public void Elements_EachOfMaxBytes_AreCountedSingly()
    {
        var limits = new FramingLimits(300);
        var fits = "<a>" + new string('x', 300 - 7) + "</a>";

        var run = Run(FramerMode.Stream, limits, string.Concat(Enumerable.Repeat(fits + "\n ", 20)));

        run.IsClean.ShouldBeTrue(run.Error.ToString());
        run.Elements.Count().ShouldBe(20);
    }

    [Fact]
    [Trait("Requirement", "EDGE-035")]
    public void WhiteSpace_LongerThanMaxBytes_IsNoElement()
    {
        var run = Run(FramerMode.Stream, new FramingLimits(300), new string(' ', 5000) + "<a/>");

        run.IsClean.ShouldBeTrue(run.Error.ToString());
        run.Elements.ShouldBe(["<a/>"]);
    }

    [Fact]
    [Trait("Requirement", "EDGE-035")]
    public void Header_OverMaxBytes_IsTooBig()
    {
        var header = Encoding.UTF8.GetBytes("<a b='" + new string('x', 200) + "'>");

        FramerDriver.Run(FramerMode.Stream, new FramingLimits(header.Length), header).IsClean.ShouldBeTrue();
        FramerDriver.Run(FramerMode.Stream, new FramingLimits(header.Length - 1), header).Error.ShouldBe(FramingError.TooBig);
        FramerDriver.Run(FramerMode.Stream, new FramingLimits(header.Length - 1), header[..^1]).Error.ShouldBe(FramingError.None);
    }

    [Theory]
    [InlineData(FramerMode.Document)]
    [InlineData(FramerMode.Stream)]
    [Trait("Requirement", "EDGE-045")]
    public void Depth_AtTheLimit_IsTaken_AndOneMoreIsTooDeep(FramerMode mode)
    {
        Run(mode, Roomy, Nested(100, "<a>", "</a>")).IsClean.ShouldBeTrue();
        Run(mode, Roomy, Nested(99, "<a>", "</a>", "<a/>")).IsClean.ShouldBeTrue();
        Run(mode, Roomy, Nested(101, "<a>", "</a>")).Error.ShouldBe(FramingError.TooDeep);
        Run(mode, Roomy, Nested(100, "<a>", "</a>", "<a/>")).Error.ShouldBe(FramingError.TooDeep);
    }

    [Fact]
    [Trait("Requirement", "EDGE-045")]
    public void Depth_OfOne_ForbidsChildren()
    {
        var limits = Roomy with { MaxDepth = 1 };

        Run(FramerMode.Stream, limits, "<a>x</a><b/>").IsClean.ShouldBeTrue();
        Run(FramerMode.Stream, limits, "<a><b/></a>").Error.ShouldBe(FramingError.TooDeep);
    }

    [Theory]
    [InlineData(FramerMode.Document, "<a ", "/>")]
    [InlineData(FramerMode.Stream, "<a ", "/>")]
    [InlineData(FramerMode.Stream, "<a><b ", "/></a>")]
    [Trait("Requirement", "EDGE-045")]
    public void Attributes_AtTheLimit_AreTaken_AndOneMoreIsTooMany(FramerMode mode, string start, string end)
    {
        Run(mode, Roomy, start + Attributes(128) + end).IsClean.ShouldBeTrue();
        Run(mode, Roomy, start + Attributes(129) + end).Error.ShouldBe(FramingError.TooManyParts);
        Run(mode, Roomy, start + "xmlns='u' xmlns:p='v' " + Attributes(126) + end).IsClean.ShouldBeTrue();
        Run(mode, Roomy, start + "xmlns='u' xmlns:p='v' " + Attributes(127) + end).Error.ShouldBe(FramingError.TooManyParts);
    }

    [Theory]
    [InlineData(FramerMode.Document, "<a ", "/>")]
    [InlineData(FramerMode.Stream, "<a ", "/>")]
    [InlineData(FramerMode.Document, "<a><b ", "/></a>")]
    [Trait("Requirement", "EDGE-045")]
    public void Declarations_AtTheLimit_AreTaken_AndOneMoreIsTooMany(FramerMode mode, string start, string end)
    {
        Run(mode, Roomy, start + Declarations(FramingLimits.MaxDeclarations) + end).IsClean.ShouldBeTrue();
        Run(mode, Roomy, start + Declarations(FramingLimits.MaxDeclarations + 1) + end).Error.ShouldBe(FramingError.TooManyParts);
        Run(mode, Roomy, start + "xmlns='u' " + Declarations(FramingLimits.MaxDeclarations - 1) + end).IsClean.ShouldBeTrue();
        Run(mode, Roomy, start + "xmlns='u' " + Declarations(FramingLimits.MaxDeclarations) + end).Error.ShouldBe(FramingError.TooManyParts);
    }

    [Fact]
    [Trait("Requirement", "EDGE-045")]
    public void Declarations_OfTheHeaderAtTheLimit_AreAllUsable()
    {
        var header = "<a " + Declarations(FramingLimits.MaxDeclarations) + ">";
        var input = header + $"<p{FramingLimits.MaxDeclarations - 1}:x p0:y=''/>";

        var run = FramerDriver.Run(FramerMode.Stream, Roomy, Encoding.UTF8.GetBytes(input));

        run.IsClean.ShouldBeTrue(run.Describe());
        run.Scope.Count.ShouldBe(FramingLimits.MaxDeclarations);
        run.Single.Element.InheritedPrefixes.ShouldBe((1UL << run.Scope.IndexOf("p63"u8)) | (1UL << run.Scope.IndexOf("p0"u8)));
    }

    [Theory]
    [InlineData("<{0}/>")]
    [InlineData("<{0}></{0}>")]
    [InlineData("<b {0}=''/>")]
    [InlineData("<b><{0}/></b>")]
    [Trait("Requirement", "EDGE-045")]
    public void Name_AtTheLimit_IsTaken_AndOneByteMoreIsTooMany(string format)
    {
        var fits = new string('n', FramingLimits.MaxNameBytes);
        var fitsInBytes = new string('é', FramingLimits.MaxNameBytes / 2);

        Run(FramerMode.Document, Roomy, format.Replace("{0}", fits, StringComparison.Ordinal)).IsClean.ShouldBeTrue();
        Run(FramerMode.Document, Roomy, format.Replace("{0}", fits + "n", StringComparison.Ordinal)).Error.ShouldBe(FramingError.TooManyParts);
        Run(FramerMode.Document, Roomy, format.Replace("{0}", fitsInBytes, StringComparison.Ordinal)).IsClean.ShouldBeTrue();
        Run(FramerMode.Document, Roomy, format.Replace("{0}", fitsInBytes + "n", StringComparison.Ordinal)).Error.ShouldBe(FramingError.TooManyParts);
    }

    [Fact]
    [Trait("Requirement", "EDGE-045")]
    public void Name_PrefixIncluded_CountsAsOne()
    {
        var local = new string('n', FramingLimits.MaxNameBytes - 2);

        Run(FramerMode.Document, Roomy, $"<p:{local} xmlns:p='u'/>").IsClean.ShouldBeTrue();
        Run(FramerMode.Document, Roomy, $"<p:{local}n xmlns:p='u'/>").Error.ShouldBe(FramingError.TooManyParts);
    }

    [Theory]
    [InlineData("<")]
    [InlineData("<b ")]
    [InlineData("</")]
    [Trait("Requirement", "EDGE-045")]
    public void Name_ThatNeverEnds_IsRefusedWithoutItsEnd(string start)
    {
        var input = "<a>" + start + new string('n', 5000);

        Run(FramerMode.Document, Roomy, input).Error.ShouldNotBe(FramingError.None);
    }

    [Fact]
    public void Limits_SetBetweenElements_HoldFromTheNextElementOn()
    {
        var framer = new XmppFramer(FramerMode.Stream, new FramingLimits(200));
        var small = "<a>" + new string('x', 100) + "</a>";
        var large = "<a>" + new string('x', 400) + "</a>";
        FramerDriver.Run(framer, Encoding.UTF8.GetBytes(FramerFixture.Header + small)).IsClean.ShouldBeTrue();

        framer.Limits = new FramingLimits(500);
        FramerDriver.Run(framer, Encoding.UTF8.GetBytes(large)).IsClean.ShouldBeTrue();

        framer.Limits = new FramingLimits(200);
        FramerDriver.Run(framer, Encoding.UTF8.GetBytes(large)).Error.ShouldBe(FramingError.TooBig);
    }

    [Theory]
    [InlineData(FramingError.TooBig)]
    [InlineData(FramingError.TooDeep)]
    [InlineData(FramingError.TooManyParts)]
    public void LimitErrors_AreAPolicyViolation(FramingError error) =>
        error.ToCondition().ShouldBe(Gateway.Xmpp.Streams.StreamErrorCondition.PolicyViolation);

    private static FramedRun Run(FramerMode mode, FramingLimits limits, string xml) =>
        FramerDriver.Run(mode, limits, Encoding.UTF8.GetBytes(mode == FramerMode.Stream ? FramerFixture.Header + xml : xml));

    private static string Nested(int depth, string open, string close, string inside = "") =>
        string.Concat(Enumerable.Repeat(open, depth)) + inside + string.Concat(Enumerable.Repeat(close, depth));

    private static string Attributes(int count) => string.Join(' ', Enumerable.Range(0, count).Select(i => $"a{i}=''"));

    private static string Declarations(int count) => string.Join(' ', Enumerable.Range(0, count).Select(i => $"xmlns:p{i}='urn:{i}'"));
}
