using Gateway.LoadTests.Results;

namespace Gateway.LoadTests.Reporting.Sections;

/// <summary>One kind of work: who did it how well, and the plots. The table is the legend of the plots.</summary>
internal static class ScenarioSection
{
    /// <summary>Writes it.</summary>
    public static void Write(HtmlWriter html, ScenarioGroup group)
    {
        using var section = html.Open("section", ("id", group.Id), ("class", "scenario"));
        html.Leaf("h2", group.Title);
        html.Leaf("p", "note", Describe(group));
        Summary(html, group);
        if (group.IsLong)
        {
            using (html.Open("div", "plots two"))
            {
                OverTime.WriteAll(html, group);
            }

            Distribution.Write(html, group);
        }
        else
        {
            using var plots = html.Open("div", "plots split");
            Distribution.Write(html, group);
            using var stack = html.Open("div", "stack");
            OverTime.WriteShort(html, group);
        }
    }

    private static string Describe(ScenarioGroup group)
    {
        var options = (group.Runs.FirstOrDefault(run => RunName.IsGateway(run.Options.Name)) ?? group.Runs.First()).Options;
        var sessions = group.Runs.Select(run => run.Options.Sessions).Distinct().Order().ToArray();
        var rounds = group.Series.Max(series => series.Runs.Count);
        string[] parts =
        [
            group.Scenario switch
            {
                LoadScenario.Serial => "one session, one echo after the other",
                LoadScenario.Login => $"{options.Sessions} logins at a time",
                LoadScenario.Idle => "quiet sessions: " + string.Join(" → ", options.IdleSteps.Select(step => Quantity.Count(step))),
                _ when sessions.Length > 1 => $"{Quantity.Count(sessions[0])} to {Quantity.Count(sessions[^1])} sessions",
                _ => $"{Quantity.Count(options.Sessions)} sessions",
            },
            group.Scenario switch
            {
                LoadScenario.Paced or LoadScenario.Mixed => $"{Quantity.Number(options.Rate)} echoes/s in all, whether or not the last ones are back",
                LoadScenario.Flood => $"{options.Outstanding} echoes outstanding in each",
                LoadScenario.FanIn => $"bursts of {options.Burst} stanzas to each",
                _ => "",
            },
            group.Scenario is LoadScenario.Idle or LoadScenario.Login ? "" : $"stanzas of {options.StanzaBytes} bytes",
            $"{Quantity.Seconds(options.WarmUp.TotalSeconds)} of warm-up, {Quantity.Seconds(Math.Round(Quantity.Median(group.Runs.Select(run => run.Seconds)), 1))} counted",
            rounds > 1 ? $"{rounds} rounds, medians" : "",
        ];
        return string.Join(" · ", parts.Where(part => part.Length > 0));
    }

    private static void Summary(HtmlWriter html, ScenarioGroup group)
    {
        var hasLatency = group.Runs.Any(run => run.Latency is { Count: > 0 });
        var hasRequests = group.Runs.Any(run => run.Requests > 0);
        var isIdle = group.Scenario == LoadScenario.Idle;
        var unit = group.Runs.First().Unit;

        // Nothing at all is not a cost: it was not watched.
        double Cost(ScenarioSeries series) => series.Median(run => (isIdle ? run.BytesEach : run.CpuMicroseconds) is var cost and not 0 ? cost : null);
        var floor = group.Series.Where(series => RunName.IsFloor(series.Label)).Select(Cost).FirstOrDefault();
        var hasFloor = floor > 0 && group.Series.Count > 1;

        using var scroll = html.Open("div", "scroll");
        using var table = html.Open("table", "summary");
        Table.Head(
            html,
            [
                "",
                .. isIdle ? ["#memory a session"] : (string[])[$"#{unit}/s", "#spread", "#CPU each"],
                .. hasFloor ? ["#to the floor"] : Array.Empty<string>(),
                "faults",
                .. hasRequests ? ["#requests each"] : Array.Empty<string>(),
                .. hasLatency ? ["#p50", "#p90", "#p99", "#p99.9", "#max"] : Array.Empty<string>(),
                "#cores", "#gen.", "#memory", "limit",
            ]);
        using var body = html.Open("tbody");
        foreach (var series in group.Series)
        {
            using var row = html.Open("tr");
            using (html.Open("th", ("scope", "row")))
            {
                Swatch.Write(html, series.Look);
                html.Text(series.Label);
            }

            if (isIdle)
            {
                Table.Number(html, Quantity.Bytes(Cost(series)), "strong");
            }
            else
            {
                var rates = series.Runs.Select(run => run.Rate).ToArray();
                Table.Number(html, Quantity.Number(series.Median(run => run.Rate)), "strong");
                Table.Number(html, rates.Length > 1 ? $"{Quantity.Number(rates.Min())} … {Quantity.Number(rates.Max())}" : Quantity.None, "soft");
                Table.Number(html, Quantity.Microseconds(Cost(series)), "strong");
            }

            if (hasFloor)
            {
                Table.Number(html, RunName.IsFloor(series.Label) || !Quantity.IsReal(Cost(series)) ? Quantity.None : "×" + Quantity.Number(Math.Round(Cost(series) / floor, 2)));
            }

            html.Leaf("td", series.Runs.All(run => run.Faults.IsClean) ? "soft" : "bad", FaultText.Of(series.Runs.Select(run => run.Faults)));
            if (hasRequests)
            {
                Table.Number(html, series.Runs.Any(run => run.Requests > 0) ? Quantity.Number(series.Median(run => run.RequestsEach)) : Quantity.None);
            }

            if (hasLatency)
            {
                foreach (var value in (Func<LatencySummary, double>[])[l => l.P50, l => l.P90, l => l.P99, l => l.P999, l => l.Max])
                {
                    Table.Number(html, Quantity.Microseconds(series.Median(run => run.Latency is { Count: > 0 } latency ? value(latency) : null)));
                }
            }

            Table.Number(html, Quantity.Cores(series.Median(run => Uses.Cores(run, 0))));
            Table.Number(html, Quantity.Cores(series.Median(run => Uses.Cores(run, "generator"))));
            Table.Number(html, Quantity.Bytes(series.Median(run => run.Processes.Count > 0 ? run.Processes[0].ResidentBytes : null)));
            html.Leaf("td", string.Join(", ", series.Runs.Select(Uses.Limit).Where(limit => limit.Length > 0).Distinct()), ("class", "soft"));
        }
    }
}
