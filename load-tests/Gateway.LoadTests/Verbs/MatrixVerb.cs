using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Gateway.LoadTests.Matrix;
using Gateway.LoadTests.Results;
using Spectre.Console;

namespace Gateway.LoadTests.Verbs;

/// <summary><c>matrix</c>: everything, with a verdict.</summary>
internal static class MatrixVerb
{
    private static readonly Option<bool> Quick = new("--quick") { Description = "Within minutes, without peers; to see where one stands, not to be quoted." };
    private static readonly Option<string> Only = new("--only") { Description = "Only rows whose name contains it, such as bosh or 'ws paced'.", HelpName = "TEXT", DefaultValueFactory = _ => "" };
    private static readonly Option<int?> Rounds = new("--rounds") { Description = "Rounds; 5, and 2 with --quick." };
    private static readonly Option<double?> Seconds = new("--seconds") { Description = "What counts of each run; 6 s, and 3 s with --quick." };
    private static readonly Option<bool> NoPeers = new("--no-peers") { Description = "Without Prosody and ejabberd." };

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var gateway = new GatewayOptions();
        var command = new Command("matrix", "Floors, gateway and peers in interleaved rounds. Exit code 1: a row that must hold does not, or something was lost.") { Quick, Only, Rounds, Seconds, NoPeers };
        gateway.AddTo(command);
        command.SetAction((parsed, ct) => RunAsync(parsed, gateway, ct));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, GatewayOptions gateway, CancellationToken ct)
    {
        MatrixTable.FitConsole();
        var quick = parsed.GetValue(Quick);
        var options = new MatrixOptions
        {
            IsQuick = quick,
            Only = parsed.GetValue(Only) ?? "",
            Rounds = Math.Clamp(parsed.GetValue(Rounds) ?? (quick ? 2 : 5), 1, 100),
            Duration = TimeSpan.FromSeconds(Math.Clamp(parsed.GetValue(Seconds) ?? (quick ? 3 : 6), 0.5, 600)),
            HasPeers = !quick && !parsed.GetValue(NoPeers),
        };
        var plan = new MatrixPlan(options);
        if (plan.Rows.Count == 0)
        {
            await Console.Error.WriteLineAsync($"No row's name contains {options.Only}.");
            return 2;
        }

        var begun = Stopwatch.GetTimestamp();
        var at = DateTimeOffset.Now;
        var directory = gateway.Out(parsed, "matrix");
        var work = Directory.CreateTempSubdirectory("gateway-load-");
        try
        {
            var program = await gateway.PrepareAsync(parsed, work.FullName, ct);
            await using var stage = new Stage(work.FullName, program);
            await stage.StartAsync(plan.Everybody, ct);
            var runner = new MatrixRunner(options, plan, stage);
            foreach (var missing in stage.Missing)
            {
                AnsiConsole.MarkupLineInterpolated($"[yellow]{missing} is not installed: skipped[/]");
                runner.Remarks.Add($"{missing} is not installed and was skipped.");
            }

            await runner.RunAsync(ct);
            var report = new LoadReport
            {
                Title = quick ? "Load matrix (quick)" : "Load matrix",
                At = at,
                Machine = MachineFacts.Describe(),
                Commit = await Repository.CommitAsync(work.FullName, ct),
                Command = CommandLines.Own(),
                Goals = MatrixReport.GoalRows(plan, options, runner.Measured),
                Peers = MatrixReport.PeerRows(plan, runner.Measured),
                Runs = runner.Measured.Runs,
                Remarks = [.. Remarks(options), .. runner.Remarks],
            };
            var page = await MatrixReport.WriteAsync(report, directory);
            MatrixTable.Write(report.Peers);
            MatrixTable.Write(report.Goals);
            AnsiConsole.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{report.Machine}, commit {report.Commit}, {Stopwatch.GetElapsedTime(begun).TotalMinutes:0.0} min"));
            AnsiConsole.WriteLine(page);
            return report.Goals.All(row => row.MeetsMust) ? 0 : 1;
        }
        finally
        {
            work.Delete(recursive: true);
        }
    }

    private static IEnumerable<string> Remarks(MatrixOptions options)
    {
        yield return string.Create(
            CultureInfo.InvariantCulture,
            $"{options.Rounds} interleaved rounds of {options.Duration.TotalSeconds:0.#} s, peers {(options.HasPeers ? options.PeerRounds : 0)}, memory {options.IdleRounds} with a fresh process each; warm-up {options.FirstWarmUp.TotalSeconds:0.#} s at a program's first run of a kind, then {options.LaterWarmUp.TotalSeconds:0.#} s. A ratio is of neighbours in one round; shown is the median of the rounds with the least and the most.");
        yield return "Generator, program under test and server share the cores; CPU is user and system time of the program under test alone. A peer is its own server: its CPU includes what the sink does for the gateway.";
        if (options.IsQuick)
        {
            yield return "A quick run: it shows where one stands and is not to be quoted.";
        }
    }
}
