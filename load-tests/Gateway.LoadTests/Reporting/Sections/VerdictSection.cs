using Gateway.LoadTests.Results;

namespace Gateway.LoadTests.Reporting.Sections;

/// <summary>The answer, before any number: do the musts hold, are the goals reached, did anything go wrong.</summary>
internal static class VerdictSection
{
    private enum Verdict
    {
        Good,
        Open,
        Bad,
    }

    /// <summary>Writes it.</summary>
    public static void Write(HtmlWriter html, LoadReport report)
    {
        using var section = html.Open("section", ("class", "verdict"), ("aria-label", "Verdict"));
        Musts(html, [.. report.Goals.Where(goal => Quantity.IsReal(goal.Must))]);
        Goals(html, [.. report.Goals.Where(goal => Quantity.IsReal(goal.Goal))]);
        FaultsOf(html, report.Runs);
    }

    private static void Musts(HtmlWriter html, GoalRow[] rows)
    {
        var missed = rows.Where(row => !row.MeetsMust).ToArray();
        if (missed.Length > 0)
        {
            Tile(html, Verdict.Bad, $"{missed.Length} of {Of(rows.Length, "must")} missed", Names(missed));
        }
        else if (rows.Length > 0)
        {
            Tile(html, Verdict.Good, rows.Length == 1 ? "The must holds" : $"All {rows.Length} musts hold", "every bound that has to hold does");
        }
    }

    private static void Goals(HtmlWriter html, GoalRow[] rows)
    {
        var open = rows.Where(row => !row.MeetsGoal).ToArray();
        if (open.Length > 0)
        {
            Tile(html, Verdict.Open, $"{rows.Length - open.Length} of {Of(rows.Length, "goal")} reached", "open: " + Names(open));
        }
        else if (rows.Length > 0)
        {
            Tile(html, Verdict.Good, rows.Length == 1 ? "The goal is reached" : $"All {rows.Length} goals reached", "every row is as good as was aimed at");
        }
    }

    private static void FaultsOf(HtmlWriter html, IReadOnlyList<RunResult> runs)
    {
        var faulty = runs.Where(run => !run.Faults.IsClean).ToArray();
        var ours = faulty.Count(run => RunName.IsGateway(RunName.Target(run.Options.Name)));
        var seen = string.Join("; ", faulty.GroupBy(run => run.Options.Name).Select(run => $"{run.Key}: {FaultText.Of(run.Select(each => each.Faults))}"));
        var logins = runs.Where(run => run.Options.Scenario == LoadScenario.Login).Sum(run => run.Count);
        var volume = $"{Quantity.Count(runs.Sum(run => run.Checked))} stanzas checked{(logins > 0 ? $", {Quantity.Count(logins)} logins" : "")} in {Of(runs.Count, "run")}";
        if (ours > 0)
        {
            Tile(html, Verdict.Bad, $"Faults in {Of(ours, "run")} of the gateway", $"{seen}. {volume}");
        }
        else if (faulty.Length > 0)
        {
            Tile(html, Verdict.Open, $"Faults in {Of(faulty.Length, "run")}, none in the gateway's", $"{seen}. {volume}");
        }
        else if (runs.All(run => run.Checked == 0 && run.Options.Scenario is not (LoadScenario.Login or LoadScenario.Idle)))
        {
            Tile(html, Verdict.Open, "No faults, but nothing was checked", volume);
        }
        else
        {
            Tile(html, Verdict.Good, "No faults", volume + ": none lost, doubled, reordered or changed; no login hung; no error");
        }
    }

    private static string Of(int count, string what) => $"{Quantity.Count(count)} {what}{(count == 1 ? "" : "s")}";

    /// <summary>Several reports in one page have rows of the same name.</summary>
    private static string Names(IEnumerable<GoalRow> rows) =>
        string.Join(", ", rows.GroupBy(row => row.What).Select(same => same.Count() > 1 ? $"{same.Key} ({same.Count()} times)" : same.Key));

    private static void Tile(HtmlWriter html, Verdict verdict, string text, string detail)
    {
        var (look, sign) = verdict switch
        {
            Verdict.Good => ("good", "✓"),
            Verdict.Open => ("open", "○"),
            _ => ("bad", "✗"),
        };
        using var _ = html.Open("div", "tile " + look);
        html.Leaf("strong", $"{sign} {text}");
        html.Leaf("span", detail);
    }
}
