using System.Globalization;
using Gateway.LoadTests.Results;

namespace Gateway.LoadTests.Reporting.Sections;

/// <summary>
/// A goal as a small bar: what was measured, the spread of the rounds as a whisker, and the two bounds as marks. The must stands at
/// the same place in every row, so that one look down the column tells where there is room.
/// </summary>
internal static class Bullet
{
    private const double Width = 170;
    private const double Height = 18;
    private const double MustAt = 120;

    /// <summary>Draws it; nothing where a bound of zero leaves no scale.</summary>
    public static void Write(HtmlWriter html, GoalRow goal)
    {
        if (!Quantity.IsReal(goal.Must) || goal.Must <= 0 || !Quantity.IsReal(goal.Measured))
        {
            return;
        }

        // Where more is better the goal lies beyond the must.
        var scale = goal.IsMinimum && Quantity.IsReal(goal.Goal) ? Math.Max(goal.Goal, goal.Must) : goal.Must;
        double X(double value) => Math.Clamp(MustAt * value / scale, 0, Width);

        using var svg = html.Open("svg", ("viewBox", $"0 0 {F(Width)} {F(Height)}"), ("width", F(Width)), ("height", F(Height)), ("role", "img"), ("aria-label", Words(goal)));
        html.Leaf("title", Words(goal));
        var (from, to) = goal.IsMinimum ? (X(goal.Must), Width) : (0, X(goal.Must));
        html.Empty("rect", ("class", "room"), ("x", F(from)), ("y", "2"), ("width", F(to - from)), ("height", F(Height - 4)));
        html.Empty("rect", ("class", goal.MeetsMust ? "bar" : "bar bad"), ("x", "0"), ("y", "6"), ("width", F(X(goal.Measured))), ("height", "6"));
        if (goal.Most > goal.Least)
        {
            html.Empty("path", ("class", "whisker"), ("d", $"M{F(X(goal.Least))} 9H{F(X(goal.Most))}M{F(X(goal.Least))} 6.5v5M{F(X(goal.Most))} 6.5v5"));
        }

        html.Empty("path", ("class", "must"), ("d", $"M{F(X(goal.Must))} 0v{F(Height)}"));
        if (Quantity.IsReal(goal.Goal))
        {
            html.Empty("path", ("class", "aim"), ("d", $"M{F(X(goal.Goal))} 0v{F(Height)}"));
        }

        if (goal.Measured / scale > Width / MustAt)
        {
            html.Empty("path", ("class", "beyond"), ("d", $"M{F(Width - 7)} 4l6 5l-6 5"));
        }
    }

    private static string Words(GoalRow goal) =>
        $"{Quantity.In(goal.Measured, goal.Unit)}: {Quantity.Number(100 * goal.Measured / goal.Must)} % of the must";

    private static string F(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);
}
