using System.Globalization;
using Gateway.LoadTests.Results;

namespace Gateway.LoadTests.Matrix;

/// <summary>Whether a stanza and a session cost the same however many sessions there are.</summary>
internal static class ScaleVerdict
{
    private const double Must = 1 + ScalePoint.Tolerance;
    private const double Goal = 1 + (ScalePoint.Tolerance / 3);

    /// <summary>The dearest of the larger sizes, to the smallest judged one.</summary>
    /// <param name="transport">Whose rows.</param>
    /// <param name="curve">Medians.</param>
    /// <param name="measured">Of each round.</param>
    public static IEnumerable<GoalRow> Rows(LoadTransport transport, IEnumerable<ScalePoint> curve, IReadOnlyList<ScalePoint> measured)
    {
        ScalePoint[] points = [.. curve.Where(point => point.Transport == transport && point.Sessions >= ScalePoint.JudgedFrom).OrderBy(point => point.Sessions)];
        yield return Row("CPU of a stanza", point => point.StanzaMicroseconds, "us", points.Length < 2 ? "" : string.Create(
            CultureInfo.InvariantCulture, $"with the sessions' own: {points[^1].CpuMicroseconds / points[0].CpuMicroseconds:0.00} from {points[0].Sessions} to {points[^1].Sessions} sessions"));
        yield return Row("CPU of a session at rest, a second", point => point.RestMicroseconds, "us", "");
        yield return Row("memory a session", point => point.BytesEach, "B", "");

        GoalRow Row(string what, Func<ScalePoint, double> value, string unit, string remark)
        {
            var name = $"{transport}, {what}: more sessions to {ScalePoint.JudgedFrom}";
            if (points.Length < 2 || points.Any(point => !(value(point) > 0)))
            {
                return GoalRow.NotMeasured(name, "x", Must, isMinimum: false);
            }

            var dearest = points[1..].MaxBy(value)!;
            double[] ratios = [.. points[1..].SelectMany(size => Of(size).Zip(Of(points[0]), (more, few) => more / few))];
            return new GoalRow(name, "x", value(dearest) / value(points[0]), ratios.Min(), ratios.Max(), value(dearest), unit, Must, Goal, false, remark);

            IEnumerable<double> Of(ScalePoint size) => measured.Where(point => point.Transport == transport && point.Sessions == size.Sessions).Select(value);
        }
    }
}
