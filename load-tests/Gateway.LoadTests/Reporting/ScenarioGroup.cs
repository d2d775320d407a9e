using System.Globalization;
using Gateway.LoadTests.Reporting.Plots;
using Gateway.LoadTests.Results;

namespace Gateway.LoadTests.Reporting;

/// <summary>The runs that did the same work, which may be laid over each other.</summary>
internal sealed record ScenarioGroup(string Title, string Id, LoadScenario Scenario, IReadOnlyList<ScenarioSeries> Series)
{
    /// <summary>All of its runs.</summary>
    public IEnumerable<RunResult> Runs => Series.SelectMany(series => series.Runs);

    /// <summary>Long enough that what happens over time is the point: a soak.</summary>
    public bool IsLong => Runs.Any(run => run.Samples.Count >= 90);

    /// <summary>Groups in the order in which they first ran.</summary>
    public static IReadOnlyList<ScenarioGroup> Of(LoadReport report, TargetLooks looks)
    {
        // A floor belongs to what stands on it: raw TCP to WebSocket, the POST that comes back to BOSH.
        var webSocket = report.Runs.Where(run => run.Options.Transport == LoadTransport.WebSocket).Select(run => run.Options.Scenario).ToHashSet();
        string Family(ScenarioOptions options) => options.Transport switch
        {
            LoadTransport.Tcp when webSocket.Contains(options.Scenario) => "WebSocket",
            LoadTransport.Tcp => "TCP",
            LoadTransport.WebSocket => "WebSocket",
            _ => "BOSH",
        };

        return
        [
            .. from run in report.Runs
               let options = run.Options
               group run by (Family: options.Scenario == LoadScenario.Mixed ? "" : Family(options), options.Scenario, IsTls: options.Target.Scheme is "wss" or "https") into same
               let tls = same.Key.IsTls ? " behind TLS" : ""
               let title = same.Key.Scenario == LoadScenario.Mixed ? "Mixed load" + tls : $"{same.Key.Family}{tls}, {Name(same.Key.Scenario)}"
               select new ScenarioGroup(title, Slug(title), same.Key.Scenario, SeriesOf([.. same], looks)),
        ];
    }

    /// <summary>A scenario in prose.</summary>
    public static string Name(LoadScenario scenario) => scenario switch
    {
        LoadScenario.FanIn => "fan-in",
        LoadScenario.SlowReaders => "slow readers",
        _ => scenario.ToString().ToLowerInvariant(),
    };

    private static IReadOnlyList<ScenarioSeries> SeriesOf(IReadOnlyList<RunResult> runs, TargetLooks looks)
    {
        // The same target with several numbers of sessions is a scale run: a line for each number, not rounds of one.
        var variants = runs.GroupBy(run => (Target: RunName.Target(run.Options.Name), Sessions: run.Options.Scenario == LoadScenario.Idle ? 0 : run.Options.Sessions)).ToArray();
        var scaled = variants.GroupBy(each => each.Key.Target).Where(each => each.Count() > 1)
            .ToDictionary(each => each.Key, each => each.Select(variant => variant.Key.Sessions).Order().ToArray());
        return
        [
            .. variants.Select(variant => !scaled.TryGetValue(variant.Key.Target, out var sizes)
                ? new ScenarioSeries(variant.Key.Target, looks.Of(variant.Key.Target), [.. variant])
                : new ScenarioSeries(
                    (scaled.Count > 1 ? variant.Key.Target + " " : "") + Quantity.Count(variant.Key.Sessions),
                    scaled.Count > 1 ? looks.Of(variant.Key.Target) : TargetLooks.Step(Array.IndexOf(sizes, variant.Key.Sessions), sizes.Length),
                    [.. variant])),
        ];
    }

    private static string Slug(string title) =>
        string.Concat(title.ToLower(CultureInfo.InvariantCulture).Select(each => char.IsAsciiLetterOrDigit(each) ? each : '-'));
}

/// <summary>One who was measured: its rounds.</summary>
internal sealed record ScenarioSeries(string Label, Look Look, IReadOnlyList<RunResult> Runs)
{
    /// <summary>The median of the rounds; rounds that have no such value do not count.</summary>
    public double Median(Func<RunResult, double?> value) => Quantity.Median(Runs.Select(value).OfType<double>());
}
