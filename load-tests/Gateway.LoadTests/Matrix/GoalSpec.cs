using Gateway.LoadTests.Reporting;
using Gateway.LoadTests.Results;

namespace Gateway.LoadTests.Matrix;

/// <summary>A row of the table of goals: which work it is about, and how its number is had.</summary>
/// <param name="What">The row's name.</param>
/// <param name="Work">What the gateway does for it.</param>
/// <param name="Unit">Of the number and its bounds.</param>
/// <param name="Must">The bound that has to hold.</param>
/// <param name="Measure">One number a round.</param>
/// <param name="Goal">The bound that is aimed at; it may rest on a floor of the same run.</param>
internal sealed record GoalSpec(string What, string Work, string Unit, double Must, Func<Measurements, double[]> Measure, Func<Measurements, double> Goal)
{
    /// <summary>What floors and others have to do for it: work, and who.</summary>
    public IReadOnlyList<(string Work, string Who)> Needs { get; init; } = [];

    /// <summary>What the gateway showed, in a unit that stands alone.</summary>
    public Func<RunResult, double> Absolute { get; init; } = run => run.CpuMicroseconds;

    /// <summary>That unit.</summary>
    public string AbsoluteUnit { get; init; } = "us";

    /// <summary>More is better.</summary>
    public bool IsMinimum { get; init; }

    /// <summary>A sentence for the reader.</summary>
    public Func<Measurements, string> Remark { get; init; } = static _ => "";

    /// <summary>The row; missed if a round of it is missing.</summary>
    public GoalRow Row(Measurements measured, int rounds)
    {
        var values = Measure(measured);
        if (values.Length < rounds || rounds == 0)
        {
            return GoalRow.NotMeasured(What, Unit, Must, IsMinimum);
        }

        var absolute = Quantity.Median(measured.Each(Work, Who.Gateway, Absolute));
        return new GoalRow(
            What, Unit, Quantity.Median(values), values.Min(), values.Max(), absolute, AbsoluteUnit, Must, Goal(measured), IsMinimum, Remark(measured));
    }
}
