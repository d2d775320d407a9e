using System.CommandLine;
using System.Globalization;
using Gateway.LoadTests.Matrix;
using Gateway.LoadTests.Results;
using Spectre.Console;

namespace Gateway.LoadTests.Verbs;

/// <summary><c>scale</c>: cost against the number of sessions.</summary>
internal static class ScaleVerb
{
    private const double Tolerance = 0.15;

    /// <summary>Below it nothing is judged: what a process costs at all is spread over too few sessions.</summary>
    private const int JudgedFrom = 1000;

    private static readonly Option<int[]> Sizes = new("--sessions")
    {
        Description = "Numbers of sessions; those beyond the descriptors of a process become as many as it can have.",
        DefaultValueFactory = _ => [100, 1000, 3000, 6000, 9000],
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<double> Seconds = new("--seconds") { Description = "What counts of each run.", DefaultValueFactory = _ => 15 };
    private static readonly Option<int> Rounds = new("--rounds") { Description = "Rounds, each from the smallest size to the largest; medians count.", DefaultValueFactory = _ => 3 };
    private static readonly Option<double> Rate = new("--rate") { Description = "Echoes a second over WebSocket; a quarter of it over BOSH.", DefaultValueFactory = _ => 2000 };

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var gateway = new GatewayOptions();
        var command = new Command("scale", "CPU of a stanza, CPU and memory of a session, from a hundred sessions to as many as descriptors allow. Exit code 1: one of them grows by more than 15 %.") { Sizes, Seconds, Rounds, Rate };
        gateway.AddTo(command);
        command.SetAction((parsed, ct) => RunAsync(parsed, gateway, ct));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, GatewayOptions gateway, CancellationToken ct)
    {
        MatrixTable.FitConsole();
        var at = DateTimeOffset.Now;
        var directory = gateway.Out(parsed, "scale");
        var work = Directory.CreateTempSubdirectory("gateway-load-");
        try
        {
            await using var stage = new Stage(work.FullName, await gateway.PrepareAsync(parsed, work.FullName, ct));
            await stage.StartAsync([], ct);
            var runner = new ScaleRunner(
                stage, [.. parsed.GetRequiredValue(Sizes).Where(size => size > 0).Order()], TimeSpan.FromSeconds(Math.Clamp(parsed.GetValue(Seconds), 1, 600)), Math.Clamp(parsed.GetValue(Rounds), 1, 100));
            var rate = parsed.GetValue(Rate);
            await runner.RunAsync(LoadTransport.WebSocket, rate, ct);
            await runner.RunAsync(LoadTransport.Bosh, rate / 4, ct);
            var goals = runner.Curve.GroupBy(point => point.Transport).SelectMany(curve => Rows(curve, runner.Points)).Append(Goals.Correctness(runner.Runs)).ToArray();
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
                    $"The same rate of echoes at every number of sessions, medians of {parsed.GetValue(Rounds)} rounds; least and most are of single rounds. What the process used at rest, right after, is taken from the CPU of a stanza; with what the process uses at all it is that of its sessions. Memory is of sessions at rest, counted from the smallest number on, in a process of its own.",
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

    /// <summary>The largest size, to the smallest judged one.</summary>
    private static IEnumerable<GoalRow> Rows(IGrouping<LoadTransport, ScalePoint> curve, IReadOnlyList<ScalePoint> measured)
    {
        ScalePoint[] points = [.. curve.Where(point => point.Sessions >= JudgedFrom)];
        if (points.Length < 2)
        {
            yield break;
        }

        var (first, last) = (points[0], points[^1]);
        yield return Row("CPU of a stanza", point => point.StanzaMicroseconds, "us", string.Create(
            CultureInfo.InvariantCulture, $"with the sessions' own: {last.CpuMicroseconds / first.CpuMicroseconds:0.00}"));
        yield return Row("CPU of a session at rest, a second", point => point.RestMicroseconds, "us");
        if (first.BytesEach > 0)
        {
            yield return Row("memory a session", point => point.BytesEach, "B");
        }

        GoalRow Row(string what, Func<ScalePoint, double> value, string unit, string remark = "")
        {
            if (measured.Any(point => point.Transport == curve.Key && point.Sessions >= JudgedFrom && value(point) <= 0))
            {
                throw new InvalidOperationException($"{curve.Key}, {what}: not measured");
            }

            double[] ratios = [.. Of(last).Zip(Of(first), (most, least) => most / least)];
            return new GoalRow(
                string.Create(CultureInfo.InvariantCulture, $"{curve.Key}, {what}: {last.Sessions} sessions to {first.Sessions}"),
                "x", value(last) / value(first), ratios.Min(), ratios.Max(), value(last), unit, 1 + Tolerance, 1.0 + Tolerance / 3, false, remark);

            IEnumerable<double> Of(ScalePoint size) => measured.Where(point => point.Transport == size.Transport && point.Sessions == size.Sessions).Select(value);
        }
    }
}
