using System.Globalization;
using Gateway.LoadTests.Matrix.Programs;
using Gateway.LoadTests.Results;
using Gateway.LoadTests.Scenarios;
using Spectre.Console;

namespace Gateway.LoadTests.Matrix;

/// <summary>
/// Runs all works in interleaved rounds: in each, everybody does each work once, one directly after the other, so that what the
/// machine does besides hits them alike and a ratio is of two neighbours.
/// </summary>
internal sealed class MatrixRunner(MatrixOptions options, MatrixPlan plan, Stage stage)
{
    private readonly HashSet<(string Work, string Who)> _warm = [];

    /// <summary>All runs.</summary>
    public Measurements Measured { get; } = new();

    /// <summary>What a reader ought to know.</summary>
    public List<string> Remarks { get; } = [];

    /// <summary>Does it all.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        for (var round = 0; round < options.Rounds; round++)
        {
            await RoundAsync(round, idle: false, ct);
        }

        for (var round = 0; round < options.IdleRounds; round++)
        {
            await RoundAsync(round, idle: true, ct);
        }
    }

    private async Task RoundAsync(int round, bool idle, CancellationToken ct)
    {
        AnsiConsole.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"[bold]{(idle ? "memory, " : "")}round {round + 1} of {(idle ? options.IdleRounds : options.Rounds)}[/]");
        foreach (var (work, everybody) in plan.Cells(idle))
        {
            var who = everybody.Where(each => !Who.IsPeer(each) || round < (idle ? 1 : options.PeerRounds)).ToArray();

            // Nobody is always the first, nobody always behind the same one.
            for (var i = 0; i < who.Length; i++)
            {
                ct.ThrowIfCancellationRequested();
                await OneAsync(work, who[(i + round) % who.Length], round, ct);
            }
        }
    }

    private async Task OneAsync(Work work, string who, int round, CancellationToken ct)
    {
        MeasuredProgram? fresh = null;
        try
        {
            if (work.IsIdle)
            {
                fresh = await stage.CreateAsync(who, ct);
            }

            if ((fresh ?? stage.Find(who)) is { } program && work.For(program, stage.Sink) is { } run)
            {
                run = run with { Duration = options.Duration, WarmUp = _warm.Add((work.Name, who)) ? options.FirstWarmUp : options.LaterWarmUp };
                var result = await ScenarioRunner.RunAsync(run, null, ct);
                Note(work, who, round, result);
            }
        }
        catch (Exception e) when (Who.IsPeer(who) && e is not OperationCanceledException)
        {
            Remarks.Add($"{who}, {work.Name}: {e.Message}");
            AnsiConsole.MarkupLineInterpolated($"  [yellow]{who,-9} {work.Name,-12} {e.Message}[/]");
        }
        finally
        {
            if (fresh is not null)
            {
                await fresh.DisposeAsync();
            }
        }
    }

    private void Note(Work work, string who, int round, RunResult result)
    {
        var number = work.IsIdle
            ? string.Create(CultureInfo.InvariantCulture, $"{result.BytesEach / 1024,8:0.0} KiB a session")
            : string.Create(CultureInfo.InvariantCulture, $"{result.CpuMicroseconds,8:0.00} us  {result.Rate,9:N0} {result.Unit}/s  p50 {result.Latency?.P50 ?? 0,7:0}  p99 {result.Latency?.P99 ?? 0,8:0} us");
        var faults = result.Faults;
        AnsiConsole.MarkupLineInterpolated($"  {who,-9} {work.Name,-12} {number}  [grey]{result.Limit}[/]");
        if (!faults.IsClean)
        {
            AnsiConsole.MarkupLineInterpolated($"  [red]{Faulty(result)}[/]");
            if (Who.IsPeer(who))
            {
                Remarks.Add($"{who}, {work.Name}: {Faulty(result)}");
            }
        }

        // A peer that failed did less than the work: its number would be too good.
        if (faults.IsClean || !Who.IsPeer(who))
        {
            Measured.Add(work.Name, who, round, result);
        }
    }

    private static string Faulty(RunResult result)
    {
        var faults = result.Faults;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{faults.Lost} lost, {faults.Doubled} doubled, {faults.Reordered} reordered, {faults.Changed} changed, {faults.HungLogins} hung, {faults.Errors} errors: {string.Join("; ", faults.Texts.Take(3))}");
    }
}
