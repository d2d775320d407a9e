using System.CommandLine;
using Gateway.LoadTests.Matrix;
using Gateway.LoadTests.Results;
using Spectre.Console;

namespace Gateway.LoadTests.Verbs;

/// <summary><c>soak</c>: all kinds of load at once, for long.</summary>
internal static class SoakVerb
{
    private static readonly Option<TimeSpan> Length = new("--duration") { Description = "How long, hh:mm:ss.", DefaultValueFactory = _ => TimeSpan.FromHours(1) };
    private static readonly Option<int> Sessions = new("--sessions") { Description = "Sessions.", DefaultValueFactory = _ => 200 };
    private static readonly Option<double> Rate = new("--rate") { Description = "Echoes a second over all of them.", DefaultValueFactory = _ => 1000 };

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var gateway = new GatewayOptions();
        var command = new Command("soak", "Echoes, churn, cuts, resends and slow readers for an hour. Exit code 1: memory, handles or threads grow, or something was lost.") { Length, Sessions, Rate };
        gateway.AddTo(command);
        command.SetAction((parsed, ct) => RunAsync(parsed, gateway, ct));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, GatewayOptions gateway, CancellationToken ct)
    {
        MatrixTable.FitConsole();
        var at = DateTimeOffset.Now;
        var directory = gateway.Out(parsed, "soak");
        var work = Directory.CreateTempSubdirectory("gateway-load-");
        try
        {
            await using var stage = new Stage(work.FullName, await gateway.PrepareAsync(parsed, work.FullName, ct));
            await stage.StartAsync([Who.Gateway], ct);
            var program = stage.Find(Who.Gateway)!;
            var result = await RunConsole.RunAsync(
                new ScenarioOptions
                {
                    Name = "gateway mixed",
                    Transport = LoadTransport.WebSocket,
                    Scenario = LoadScenario.Mixed,
                    Target = program.WebSocket!,
                    SecondTarget = program.Bosh,
                    Server = stage.Sink.Tcp,
                    Sessions = parsed.GetValue(Sessions),
                    Rate = parsed.GetValue(Rate),
                    WarmUp = TimeSpan.FromSeconds(30),
                    Duration = parsed.GetValue(Length),
                    Processes = new Dictionary<string, int>(StringComparer.Ordinal) { ["gateway"] = program.Id, ["server"] = stage.Sink.Id },
                },
                ct);
            var goals = SoakVerdict.Rows(result).Append(Goals.Correctness([result])).ToArray();
            var report = new LoadReport
            {
                Title = "Soak",
                At = at,
                Machine = MachineFacts.Describe(),
                Commit = await Repository.CommitAsync(work.FullName, ct),
                Command = CommandLines.Own(),
                Goals = goals,
                Runs = [result],
                Remarks = [SoakVerdict.Remark],
            };
            var page = await MatrixReport.WriteAsync(report, directory);
            RunSummary.Write(result);
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
