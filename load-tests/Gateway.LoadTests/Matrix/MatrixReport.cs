using System.Text.Json;
using Gateway.LoadTests.Reporting;
using Gateway.LoadTests.Results;

namespace Gateway.LoadTests.Matrix;

/// <summary>What a set of runs says, as JSON and as a page.</summary>
internal static class MatrixReport
{
    /// <summary>The rows of the plan, and correctness.</summary>
    public static IReadOnlyList<GoalRow> GoalRows(MatrixPlan plan, MatrixOptions options, Measurements measured) =>
    [
        .. plan.Rows.Select(row => row.Row(measured, plan.IsIdle(row) ? options.IdleRounds : options.Rounds)),
        Goals.Correctness(measured.Runs.Where(run => !Who.IsPeer(run.Options.Name.Split(' ')[0]))),
    ];

    /// <summary>The table of peers: the same work in the same unit.</summary>
    public static IReadOnlyList<PeerRow> PeerRows(MatrixPlan plan, Measurements measured)
    {
        var rows = new List<PeerRow>();
        foreach (var (work, everybody) in plan.Cells(idle: false).Concat(plan.Cells(idle: true)))
        {
            Add(work, everybody, work.IsIdle ? "KiB a session" : "CPU us", run => work.IsIdle ? run.BytesEach / 1024 : run.CpuMicroseconds);
            if (work.Scenario == LoadScenario.Flood)
            {
                Add(work, everybody, "echoes/s", run => run.Rate);
            }

            if (work.Scenario == LoadScenario.Paced)
            {
                Add(work, everybody, "p50 us", run => run.Latency?.P50 ?? double.NaN);
                Add(work, everybody, "p99 us", run => run.Latency?.P99 ?? double.NaN);
            }

            if (work is { Scenario: LoadScenario.Paced, Transport: LoadTransport.Bosh })
            {
                Add(work, everybody, "requests", run => run.RequestsEach);
            }
        }

        return rows;

        void Add(Work work, IReadOnlyList<string> everybody, string unit, Func<RunResult, double> value)
        {
            var values = new Dictionary<string, double>(StringComparer.Ordinal);
            foreach (var who in everybody)
            {
                var median = Quantity.Median(measured.Each(work.Name, who, value));
                if (double.IsFinite(median))
                {
                    values[who switch { Who.Relay or Who.SecureRelay or Who.Echo => "floor", Who.Tcp => "tcp", _ => who }] = median;
                }
            }

            if (values.Count > 1)
            {
                rows.Add(new PeerRow(work.Name, unit, values));
            }
        }
    }

    /// <summary>Writes <c>report.json</c> and <c>report.html</c>.</summary>
    public static async Task<string> WriteAsync(LoadReport report, string directory)
    {
        Directory.CreateDirectory(directory);
        await File.WriteAllTextAsync(Path.Combine(directory, "report.json"), JsonSerializer.Serialize(report, LoadReport.Json));
        var page = Path.Combine(directory, "report.html");
        HtmlReport.Write(report, page);
        return page;
    }
}
