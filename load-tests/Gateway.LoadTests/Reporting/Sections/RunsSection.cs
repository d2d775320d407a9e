using System.Globalization;
using Gateway.LoadTests.Results;

namespace Gateway.LoadTests.Reporting.Sections;

/// <summary>All runs, each with what went wrong and with what limited it.</summary>
internal static class RunsSection
{
    private static readonly string[] Names =
    [
        "#", "run", "#at", "#s", "#count", "#rate", "faults", "#CPU each", "#req.", "#p50", "#p99", "#p99.9", "#max",
        "#cores", "#server's", "#gen.", "#memory", "#peak", "#threads", "#handles", "limit",
    ];

    /// <summary>Writes it.</summary>
    public static void Write(HtmlWriter html, LoadReport report)
    {
        if (report.Runs.Count == 0)
        {
            return;
        }

        using var section = html.Open("section", ("id", "runs"));
        html.Leaf("h2", "All runs");
        html.Leaf("p", "note", "In the order in which they were made. CPU, cores, memory, threads and handles are those of the program under test, requests (req.) are for each of what is counted; gen. is the load generator.");
        using var scroll = html.Open("div", "scroll");
        using var table = html.Open("table", "runs");
        Table.Head(html, Names);
        using var body = html.Open("tbody");
        for (var i = 0; i < report.Runs.Count; i++)
        {
            Row(html, i + 1, report.Runs[i]);
        }
    }

    private static void Row(HtmlWriter html, int number, RunResult run)
    {
        var process = run.Processes.Count > 0 ? run.Processes[0] : null;
        using (html.Open("tr"))
        {
            Table.Number(html, Quantity.Count(number), "soft");
            html.Leaf("th", run.Options.Name, ("scope", "row"), ("title", run.Options.Target.ToString()));
            Table.Number(html, run.StartedAt.ToString("HH:mm:ss", CultureInfo.InvariantCulture));
            Table.Number(html, Quantity.Number(Math.Round(run.Seconds, 1)));
            Table.Number(html, Quantity.Count(run.Count));
            Table.Number(html, run.Idle.Count > 1 ? $"{Quantity.Bytes(run.BytesEach)} each" : $"{Quantity.Number(run.Rate)} {run.Unit}/s", "strong");
            html.Leaf("td", run.Faults.IsClean ? "soft" : "bad", FaultText.Of(run.Faults));
            Table.Number(html, run.CpuMicroseconds > 0 ? Quantity.Microseconds(run.CpuMicroseconds) : Quantity.None);
            Table.Number(html, run.Requests > 0 ? Quantity.Number(run.RequestsEach) : Quantity.None);
            var latency = run.Latency is { Count: > 0 } ? run.Latency : null;
            foreach (var value in (double?[])[latency?.P50, latency?.P99, latency?.P999, latency?.Max])
            {
                Table.Number(html, Quantity.Microseconds(value ?? double.NaN));
            }

            foreach (var cores in (double?[])[Uses.Cores(run, 0), Uses.Cores(run, "server"), Uses.Cores(run, "generator")])
            {
                Table.Number(html, Quantity.Cores(cores));
            }

            Table.Number(html, process is null ? Quantity.None : Quantity.Bytes(process.ResidentBytes));
            Table.Number(html, process is null ? Quantity.None : Quantity.Bytes(process.PeakResidentBytes));
            Table.Number(html, process is null ? Quantity.None : Quantity.Count(process.Threads));
            Table.Number(html, process is null ? Quantity.None : Quantity.Count(process.Handles));
            html.Leaf("td", run.Limit.Length > 0 ? Uses.Limit(run) : Quantity.None, ("class", "limit"), ("title", run.Limit));
        }

        if (run.Faults.Texts.Count == 0)
        {
            return;
        }

        using var more = html.Open("tr", "texts");
        html.Empty("td");
        using var cell = html.Open("td", ("colspan", (Names.Length - 1).ToString(CultureInfo.InvariantCulture)));
        using var list = html.Open("ul");
        foreach (var text in run.Faults.Texts)
        {
            html.Leaf("li", text);
        }
    }
}
