using Gateway.LoadTests.Results;

namespace Gateway.LoadTests.Reporting;

/// <summary>Several reports as one: a full run made twice, or the same before and after a change.</summary>
internal static class ReportMerge
{
    /// <summary>Puts them together, in the order given.</summary>
    public static LoadReport Merge(IReadOnlyList<LoadReport> reports)
    {
        if (reports.Count == 1)
        {
            return reports[0];
        }

        // Of several commits the gateway is several programs; floors and peers stay what they are.
        var byCommit = reports.Select(report => report.Commit).Where(commit => commit.Length > 0).Distinct(StringComparer.Ordinal).Count() > 1;
        return new LoadReport
        {
            Title = string.Join(" + ", reports.Select(report => report.Title).Distinct(StringComparer.Ordinal)),
            At = reports.Max(report => report.At),
            Machine = Lines(reports, report => report.Machine),
            Commit = Lines(reports, report => report.Commit),
            Command = Lines(reports, report => report.Command),
            Goals = [.. reports.SelectMany(report => report.Goals.Select(goal => (Goal: goal, Report: report))).GroupBy(each => each.Goal.What).SelectMany(same => same).Select(each => Named(each.Goal, each.Report))],
            Peers = [.. reports.SelectMany(report => report.Peers.Select(peer => byCommit ? Renamed(peer, report) : peer)).GroupBy(peer => (peer.What, peer.Unit)).Select(Together)],
            Scale = [.. reports.SelectMany(report => report.Scale)],
            Runs = [.. reports.SelectMany(report => report.Runs.Select(run => byCommit ? Renamed(run, report) : run))],
            Remarks = [.. reports.SelectMany(report => report.Remarks).Distinct(StringComparer.Ordinal)],
        };
    }

    private static string Lines(IEnumerable<LoadReport> reports, Func<LoadReport, string> value) => string.Join('\n', reports.Select(value).Distinct(StringComparer.Ordinal));

    private static GoalRow Named(GoalRow goal, LoadReport report) =>
        goal with { Remark = $"{report.At.ToString("yyyy-MM-dd HH:mm", System.Globalization.CultureInfo.InvariantCulture)}, {Short(report)}. {goal.Remark}".TrimEnd() };

    private static PeerRow Renamed(PeerRow peer, LoadReport report) =>
        peer with { Values = peer.Values.ToDictionary(value => RunName.OfCommit(value.Key, Short(report)), value => value.Value, StringComparer.Ordinal) };

    private static RunResult Renamed(RunResult run, LoadReport report) => run with { Options = run.Options with { Name = RunName.OfCommit(run.Options.Name, Short(report)) } };

    private static string Short(LoadReport report)
    {
        var (commit, changes) = report.Commit.IndexOf('+', StringComparison.Ordinal) is var plus and >= 0 ? (report.Commit[..plus], "+") : (report.Commit, "");
        return commit[..Math.Min(7, commit.Length)] + changes;
    }

    private static PeerRow Together(IGrouping<(string What, string Unit), PeerRow> same) => new(
        same.Key.What,
        same.Key.Unit,
        same.SelectMany(peer => peer.Values).GroupBy(value => value.Key).ToDictionary(value => value.Key, value => Quantity.Median(value.Select(each => each.Value)), StringComparer.Ordinal));
}
