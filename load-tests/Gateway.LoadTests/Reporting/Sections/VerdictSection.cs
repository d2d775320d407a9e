using Gateway.LoadTests.Results;

namespace Gateway.LoadTests.Reporting.Sections;

/// <summary>The answer, before any number: do the musts hold, are the goals reached, did anything go wrong.</summary>
internal static class VerdictSection
{
    /// <summary>Writes it.</summary>
    public static void Write(HtmlWriter html, LoadReport report)
    {
        using var section = html.Open("section", ("class", "verdict"), ("aria-label", "Verdict"));
        if (report.Goals.Count > 0)
        {
            var missed = report.Goals.Where(goal => !goal.MeetsMust).ToArray();
            Tile(
                html,
                missed.Length == 0,
                missed.Length == 0 ? (report.Goals.Count == 1 ? "The must holds" : $"All {report.Goals.Count} musts hold") : $"{missed.Length} of {report.Goals.Count} musts missed",
                missed.Length == 0 ? "every bound that has to hold does" : string.Join(", ", missed.Select(goal => goal.What)));

            var reached = report.Goals.Count(goal => goal.MeetsGoal);
            var open = report.Goals.Where(goal => !goal.MeetsGoal && goal.MeetsMust).Select(goal => goal.What).ToArray();
            Tile(
                html,
                reached == report.Goals.Count,
                $"{reached} of {report.Goals.Count} goals reached",
                open.Length == 0 ? reached == report.Goals.Count ? "every row is as good as was aimed at" : "the others miss their must" : "open: " + string.Join(", ", open),
                isSevere: false);
        }

        var faulty = report.Runs.Where(run => !run.Faults.IsClean).ToArray();
        var ours = faulty.Count(run => RunName.IsGateway(RunName.Target(run.Options.Name)));
        Tile(
            html,
            faulty.Length == 0,
            faulty.Length == 0 ? "No faults" : ours == 0 ? $"Faults in {Runs(faulty.Length)}, none in the gateway's" : $"Faults in {Runs(ours)} of the gateway",
            faulty.Length == 0
                ? $"{Quantity.Count(report.Runs.Sum(run => run.Checked))} stanzas checked in {Runs(report.Runs.Count)}: none lost, doubled, reordered or changed; no login hung; no error"
                : string.Join("; ", faulty.GroupBy(run => run.Options.Name).Select(run => $"{run.Key}: {FaultText.Of(run.Select(each => each.Faults))}")),
            isSevere: ours > 0);
    }

    private static string Runs(int count) => count == 1 ? "1 run" : $"{Quantity.Count(count)} runs";

    private static void Tile(HtmlWriter html, bool isGood, string text, string detail, bool isSevere = true)
    {
        using var _ = html.Open("div", isGood ? "tile good" : isSevere ? "tile bad" : "tile open");
        html.Leaf("strong", $"{(isGood ? "✓" : isSevere ? "✗" : "○")} {text}");
        html.Leaf("span", detail);
    }
}
