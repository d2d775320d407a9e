using System.Globalization;
using Gateway.LoadTests.Results;

namespace Gateway.LoadTests.Matrix;

/// <summary>Whether a stanza and a session cost the same however many sessions there are.</summary>
internal static class ScaleVerdict
{
    private const double Must = 1 + ScalePoint.Tolerance;
    private const double Goal = 1 + (ScalePoint.Tolerance / 3);

    /// <summary>The dearest of the larger sizes, to the one they are compared to.</summary>
    /// <param name="transport">Whose rows.</param>
    /// <param name="curve">Medians.</param>
    /// <param name="measured">Of each round.</param>
    public static IEnumerable<GoalRow> Rows(LoadTransport transport, IEnumerable<ScalePoint> curve, IReadOnlyList<ScalePoint> measured)
    {
        ScalePoint[] points = [.. curve.Where(point => point.Transport == transport && point.Sessions >= ScalePoint.JudgedFrom).OrderBy(point => point.Sessions)];
        ScalePoint[] larger = [.. points.Where(point => point.Sessions > ScalePoint.JudgedFrom)];
        var least = points.FirstOrDefault();
        yield return Row("CPU of a stanza", point => point.StanzaRatio, point => point.StanzaMicroseconds, "us", larger.Length == 0 ? "" : string.Create(
            CultureInfo.InvariantCulture, $"with the sessions' own: {larger[^1].CpuRatio:0.00} at {larger[^1].Sessions}; {ScalePoint.JudgedFrom} beside as many: {least!.StanzaRatio:0.00}"));
        yield return Row("CPU of a session at rest, a second", point => point.RestRatio, point => point.RestMicroseconds, "us", "");
        yield return Row("memory a session", point => point.BytesEach / least!.BytesEach, point => point.BytesEach, "B", "");

        GoalRow Row(string what, Func<ScalePoint, double> ratio, Func<ScalePoint, double> value, string unit, string remark)
        {
            var name = $"{transport}, {what}: more sessions to {ScalePoint.JudgedFrom}";
            if (larger.Length == 0 || points.Any(point => !(value(point) > 0) || !(ratio(point) > 0)))
            {
                return GoalRow.NotMeasured(name, "x", Must, isMinimum: false);
            }

            var dearest = larger.MaxBy(ratio)!;
            double[] single = [.. measured.Where(point => point.Transport == transport && point.Sessions > ScalePoint.JudgedFrom).Select(ratio)];
            return new GoalRow(name, "x", ratio(dearest), single.Min(), single.Max(), value(dearest), unit, Must, Goal, false, remark);
        }
    }
}
