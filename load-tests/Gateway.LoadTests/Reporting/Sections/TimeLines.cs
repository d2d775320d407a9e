using Gateway.LoadTests.Reporting.Plots;
using Gateway.LoadTests.Results;

namespace Gateway.LoadTests.Reporting.Sections;

/// <summary>Samples as lines: rounds are laid over each other, faintly, and their middle is drawn strongly.</summary>
internal static class TimeLines
{
    private const int Stretches = 120;

    /// <summary>The lines of one series.</summary>
    public static IEnumerable<Line> Of(ScenarioSeries series, string label, Func<Sample, double> value, bool withZeros = true)
    {
        PlotPoint[][] rounds =
        [
            .. series.Runs
                .Select(run => run.Samples.Select(sample => new PlotPoint(sample.Seconds, value(sample))).Where(point => withZeros || point.Y > 0).ToArray())
                .Where(points => points.Length > 0),
        ];
        if (rounds.Length == 0)
        {
            return [];
        }

        // An hour: every peak, faintly, and over them where the middle went. Of rounds the middle is their median, second by second.
        var middle = rounds.Length == 1 ? rounds[0] : Median(rounds);
        var isDense = middle.Length > Thinning.Most;
        if (rounds.Length == 1 && !isDense)
        {
            return [new Line(label, series.Look, middle)];
        }

        return
        [
            .. rounds.Select(round => new Line("", series.Look, round) { IsFaint = true }),
            new Line(label, series.Look, isDense ? Thinning.Smooth(middle, Stretches) : middle),
        ];
    }

    /// <summary>The time that they cover.</summary>
    public static Axis Axis(IEnumerable<Line> lines) => LinearAxis.Time(lines.SelectMany(line => line.Points).Max(point => point.X));

    private static PlotPoint[] Median(PlotPoint[][] rounds)
    {
        var common = rounds.Min(round => round.Length);
        return [.. Enumerable.Range(0, common).Select(i => new PlotPoint(Quantity.Median(rounds.Select(round => round[i].X)), Quantity.Median(rounds.Select(round => round[i].Y))))];
    }
}
