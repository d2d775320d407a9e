using System.CommandLine;
using System.Globalization;
using Gateway.LoadTests.Matrix;
using Gateway.LoadTests.Results;
using Spectre.Console;

namespace Gateway.LoadTests.Verbs;

/// <summary><c>scale</c>: cost against the number of sessions.</summary>
internal static class ScaleVerb
{
    private static readonly Option<int[]> Sizes = new("--sessions")
    {
        Description = "Numbers of sessions; those beyond the descriptors of a process become as many as it can have.",
        DefaultValueFactory = _ => [100, 1000, 3000, 6000, 9000],
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<double> Seconds = new("--seconds") { Description = "What counts of each run.", DefaultValueFactory = _ => 15 };
    private static readonly Option<int> Rounds = new("--rounds") { Description = "Rounds, upwards and downwards in turn; medians count.", DefaultValueFactory = _ => 3 };
    private static readonly Option<double> Rate = new("--rate") { Description = "Echoes a second over WebSocket; a quarter of it over BOSH.", DefaultValueFactory = _ => 2000 };

    private static readonly LoadTransport[] Transports = [LoadTransport.WebSocket, LoadTransport.Bosh];

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var gateway = new GatewayOptions();
        var command = new Command("scale", "CPU of a stanza, CPU and memory of a session, with more and more sessions. Exit code 1: one of them grows by more than 15 % from 1,000 sessions on, or something was lost.") { Sizes, Seconds, Rounds, Rate };
        gateway.AddTo(command);
        command.SetAction((parsed, ct) => RunAsync(parsed, gateway, ct));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, GatewayOptions gateway, CancellationToken ct)
    {
        MatrixTable.FitConsole();
        int[] sizes = [.. parsed.GetRequiredValue(Sizes).Where(size => size > 0).Distinct().Order()];
        foreach (var transport in Transports)
        {
            if (ScaleRunner.Steps(transport, sizes)[^1] <= ScalePoint.JudgedFrom)
            {
                await Console.Error.WriteLineAsync($"{transport}: a size beyond {ScalePoint.JudgedFrom} sessions is needed; descriptors allow {ScaleRunner.MostSessions(transport)} sessions.");
                return 2;
            }
        }

        var rounds = Math.Clamp(parsed.GetValue(Rounds), 1, 100);
        var at = DateTimeOffset.Now;
        var directory = gateway.Out(parsed, "scale");
        var work = Directory.CreateTempSubdirectory("gateway-load-");
        try
        {
            await using var stage = new Stage(work.FullName, await gateway.PrepareAsync(parsed, work.FullName, ct));
            await stage.StartAsync([], ct);
            var runner = new ScaleRunner(stage, sizes, TimeSpan.FromSeconds(Math.Clamp(parsed.GetValue(Seconds), 1, 600)), rounds);
            var rate = parsed.GetValue(Rate);
            await runner.RunAsync(LoadTransport.WebSocket, rate, ct);
            await runner.RunAsync(LoadTransport.Bosh, rate / 4, ct);
            var goals = Transports.SelectMany(transport => ScaleVerdict.Rows(transport, runner.Curve, runner.Points)).Append(Goals.Correctness(runner.Runs)).ToArray();
            var report = new LoadReport
            {
                Title = "Scale",
                At = at,
                Machine = MachineFacts.Describe(),
                Commit = await Repository.CommitAsync(work.FullName, ct),
                Command = CommandLines.Own(),
                Goals = goals,
                Scale = runner.Curve,
                Runs = runner.Runs,
                Remarks =
                [
                    $"The same rate of echoes at every number of sessions, medians of {rounds} rounds. Beside each number, {ScalePoint.JudgedFrom} sessions work at a gateway of their own in the same seconds, and what is judged is the ratio of the two; {ScalePoint.JudgedFrom} beside {ScalePoint.JudgedFrom} shows what such a ratio is worth. The dearest size counts. Below {ScalePoint.JudgedFrom} nothing is judged: what a process costs at all is spread over too few. Least and most are of single rounds and sizes. What the process used at rest, right after, is taken from the CPU of a stanza; with what the process uses at all it is that of its sessions. Memory is of sessions at rest, counted from 100 on, in a process of its own, once.",
                    string.Create(CultureInfo.InvariantCulture, $"What bounds a process here is its descriptors: {ScaleRunner.MostSessions(LoadTransport.WebSocket)} WebSocket sessions of two, {ScaleRunner.MostSessions(LoadTransport.Bosh)} BOSH sessions of up to three."),
                ],
            };
            var page = await MatrixReport.WriteAsync(report, directory);
            MatrixTable.Write(goals);
            AnsiConsole.WriteLine(page);
            return goals.All(row => row.MeetsMust) ? 0 : 1;
        }
        finally
        {
            work.Delete(recursive: true);
        }
    }
}
