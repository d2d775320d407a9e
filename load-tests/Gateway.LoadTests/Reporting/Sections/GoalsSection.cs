using Gateway.LoadTests.Results;

namespace Gateway.LoadTests.Reporting.Sections;

/// <summary>The table of goals: every bound with what was measured against it.</summary>
internal static class GoalsSection
{
    /// <summary>Writes it.</summary>
    public static void Write(HtmlWriter html, LoadReport report)
    {
        if (report.Goals.Count == 0)
        {
            return;
        }

        using var section = html.Open("section", ("id", "goals"));
        html.Leaf("h2", "Goals");
        using var scroll = html.Open("div", "scroll");
        using var table = html.Open("table", "goals");
        Table.Head(html, "what", "#measured", "#spread", "#absolute", "#must", "#goal", "against the bounds", "verdict", "remark");
        using var body = html.Open("tbody");
        foreach (var goal in report.Goals)
        {
            Row(html, goal);
        }
    }

    private static void Row(HtmlWriter html, GoalRow goal)
    {
        using var row = html.Open("tr");
        html.Leaf("th", goal.What, ("scope", "row"));
        Table.Number(html, Quantity.In(goal.Measured, goal.Unit), "strong");
        Table.Number(html, goal.Least == goal.Most ? Quantity.None : $"{Quantity.Number(goal.Least)} … {Quantity.Number(goal.Most)}", "soft");
        Table.Number(html, goal.AbsoluteUnit == goal.Unit ? Quantity.None : Quantity.In(goal.Absolute, goal.AbsoluteUnit));
        Table.Number(html, Bound(goal, goal.Must));
        Table.Number(html, Bound(goal, goal.Goal));
        using (html.Open("td", "bullet"))
        {
            Bullet.Write(html, goal);
        }

        var (look, text) = (goal.MeetsMust, goal.MeetsGoal) switch
        {
            (true, true) => ("good", "✓ goal"),
            (true, false) => ("open", "○ must"),
            _ => ("bad", "✗ missed"),
        };
        html.Leaf("td", "verdict-cell " + look, text);
        html.Leaf("td", "remark", goal.Remark);
    }

    private static string Bound(GoalRow goal, double bound) =>
        Quantity.IsReal(bound) ? $"{(goal.IsMinimum ? "≥" : "≤")} {Quantity.In(bound, goal.Unit)}" : Quantity.None;
}
