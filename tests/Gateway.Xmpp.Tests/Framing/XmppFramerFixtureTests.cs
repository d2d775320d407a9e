using Gateway.Xmpp.Framing;

namespace Gateway.Xmpp.Tests.Framing;

/// <summary>Every fixture in one piece, and in every split.</summary>
public sealed class XmppFramerFixtureTests
{
    public static TheoryData<string> Names => FramerFixtures.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void Fixture_InOnePiece_IsJudgedAsDocumented(string name)
    {
        var fixture = FramerFixtures.All[name];

        var run = FramerDriver.Run(fixture.Mode, FramingLimits.Default, fixture.Input);

        if (fixture.Errors.Length == 0)
        {
            run.IsClean.ShouldBeTrue(run.Describe());
        }
        else
        {
            fixture.Errors.ShouldContain(run.Error, run.Describe());
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    [Trait("Requirement", "XS-065")]
    public void Fixture_InEverySplit_GivesTheSame(string name)
    {
        var fixture = FramerFixtures.All[name];
        var input = fixture.Input;
        var whole = FramerDriver.Run(fixture.Mode, FramingLimits.Default, input).Describe();

        FramerDriver.RunBytewise(fixture.Mode, FramingLimits.Default, input).Describe().ShouldBe(whole, "byte by byte");
        for (var first = 1; first < input.Length; first++)
        {
            Same(FramerDriver.Run(fixture.Mode, FramingLimits.Default, input, first), whole, first);
        }

        if (input.Length > 60)
        {
            return;
        }

        for (var first = 1; first < input.Length; first++)
        {
            for (var second = first + 1; second < input.Length; second++)
            {
                Same(FramerDriver.Run(fixture.Mode, FramingLimits.Default, input, first, second), whole, first, second);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    [Trait("Requirement", "EDGE-045")]
    public void Fixture_WithEveryByteLimitInEverySplit_GivesTheSame(string name)
    {
        var fixture = FramerFixtures.All[name];
        for (var max = 1; max <= Math.Min(fixture.Input.Length, 150); max++)
        {
            var limits = new FramingLimits(max, MaxDepth: 3, MaxAttributes: 3);
            var whole = FramerDriver.Run(fixture.Mode, limits, fixture.Input).Describe();
            FramerDriver.RunBytewise(fixture.Mode, limits, fixture.Input).Describe().ShouldBe(whole, $"limit {max}, byte by byte");
            var middle = fixture.Input.Length / 2;
            Same(FramerDriver.Run(fixture.Mode, limits, fixture.Input, middle), whole, middle);
        }
    }

    private static void Same(FramedRun run, string whole, params ReadOnlySpan<int> cuts)
    {
        var text = run.Describe();
        if (text != whole)
        {
            text.ShouldBe(whole, "cut at " + string.Join(", ", cuts.ToArray()));
        }
    }
}
