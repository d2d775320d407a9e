using System.Diagnostics;

namespace Gateway.Fuzz;

/// <summary>Plays the kept inputs and then new ones, target by target; tells, shrinks and keeps what fails.</summary>
/// <param name="time">How long, all targets together; null: by cases.</param>
/// <param name="cases">Cases of each target at most.</param>
/// <param name="seed">Case n is made from seed + n.</param>
/// <param name="corpus">The folder of kept inputs.</param>
/// <param name="output">For people.</param>
internal sealed class FuzzRunner(TimeSpan? time, int cases, int seed, string corpus, TextWriter output)
{
    private readonly Watchdog _watchdog = new(corpus, output);

    /// <summary>Runs targets one after the other.</summary>
    /// <returns>The exit code: 1 when something was found.</returns>
    public async Task<int> RunAsync(string[] names)
    {
        var findings = 0;
        var unobserved = 0;
        TaskScheduler.UnobservedTaskException += (_, e) =>
        {
            Interlocked.Increment(ref unobserved);
            output.WriteLine("unobserved: " + e.Exception);
        };
        using (_watchdog)
        {
            for (var i = 0; i < names.Length; i++)
            {
                await using var target = await FuzzTargets.MakeAsync(names[i]);
                findings += await RunAsync(target, time / names.Length);
            }
        }

        GC.Collect();
        GC.WaitForPendingFinalizers();
        findings += Volatile.Read(ref unobserved);
        using var process = Process.GetCurrentProcess();
        output.WriteLine($"{findings} findings, peak working set {process.PeakWorkingSet64 / 1048576.0:0.0} MiB");
        return findings == 0 ? 0 : 1;
    }

    private async Task<int> RunAsync(IFuzzTarget target, TimeSpan? share)
    {
        var folder = Path.Combine(corpus, target.Name);
        var kept = Directory.Exists(folder) ? Directory.GetFiles(folder).Order(StringComparer.Ordinal).ToArray() : [];
        foreach (var file in kept)
        {
            if (await TryAsync(target, await File.ReadAllBytesAsync(file), settle: true) is { } failure)
            {
                output.WriteLine($"{target.Name}: the kept input {Path.GetFileName(file)} fails: {failure}");
                return 1;
            }
        }

        var watch = Stopwatch.StartNew();
        var next = 0;
        Footprint? warm = null;
        while (next < cases && (share is null || watch.Elapsed < share))
        {
            var count = Math.Min(target.BatchSize, cases - next);
            if (await RunBatchAsync(target, next, count) is { } finding)
            {
                await TellAsync(target, finding);
                return 1;
            }

            next += count;
            warm ??= Footprint.Take();
        }

        var end = Footprint.Take();
        output.WriteLine($"{target.Name}: {kept.Length} kept and {next} new cases, {next / watch.Elapsed.TotalSeconds:0}/s, heap {warm} -> {end}");
        if (warm is not null && end.HasGrownFrom(warm))
        {
            output.WriteLine($"{target.Name}: it keeps memory or handles.");
            return 1;
        }

        return 0;
    }

    /// <summary>Plays neighbouring cases; null if all is well.</summary>
    private async Task<Finding?> RunBatchAsync(IFuzzTarget target, int first, int count)
    {
        Finding? finding = null;
        if (target.AtATime == 1)
        {
            for (var number = first; number < first + count && finding is null; number++)
            {
                var input = Input(target, number);
                finding = await TryAsync(target, input, settle: false) is { } failure ? new Finding(number, input, failure) : null;
            }
        }
        else
        {
            await Parallel.ForEachAsync(Enumerable.Range(first, count), new ParallelOptions { MaxDegreeOfParallelism = target.AtATime }, async (number, _) =>
            {
                var input = Input(target, number);
                if (finding is null && await TryAsync(target, input, settle: false) is { } failure)
                {
                    Interlocked.CompareExchange(ref finding, new Finding(number, input, failure), null);
                }
            });
        }

        return finding ?? (await SettleAsync(target) is { } left ? await BlameAsync(target, first, count, left) : null);
    }

    /// <summary>Something is wrong behind a batch: plays its cases one by one to learn which of them it is.</summary>
    private async Task<Finding> BlameAsync(IFuzzTarget target, int first, int count, string left)
    {
        for (var number = first; number < first + count; number++)
        {
            var input = Input(target, number);
            if (await TryAsync(target, input, settle: true) is { } failure)
            {
                return new Finding(number, input, failure);
            }
        }

        return new Finding(first, null, $"cases {first} to {first + count - 1} together, none alone: {left}");
    }

    private async Task TellAsync(IFuzzTarget target, Finding finding)
    {
        output.WriteLine($"{target.Name}: seed {seed + finding.Number} fails: {finding.Failure}");
        output.WriteLine($"again: --target {target.Name} --seed {seed + finding.Number} --cases 1");
        if (finding.Input is { } input)
        {
            var file = Path.Combine(Directory.CreateDirectory(Path.Combine(corpus, target.Name)).FullName, $"seed-{seed + finding.Number}");
            await File.WriteAllBytesAsync(file, input);
            var kind = Kind(finding.Failure);
            var small = await Shrinker.ShrinkAsync(input, async candidate => await TryAsync(target, candidate, settle: true) is { } failure && Kind(failure) == kind);
            await File.WriteAllBytesAsync(file, small);
            output.WriteLine($"{small.Length} of {input.Length} bytes kept in {file}");
        }
    }

    private async Task<string?> TryAsync(IFuzzTarget target, byte[] input, bool settle)
    {
        using var watched = _watchdog.Watch(target.Name, input);
        try
        {
            await target.RunAsync(input);
            if (settle)
            {
                await target.SettleAsync();
            }

            return null;
        }
        catch (Exception e)
        {
            return e.ToString();
        }
    }

    private static async Task<string?> SettleAsync(IFuzzTarget target)
    {
        try
        {
            await target.SettleAsync();
            return null;
        }
        catch (Exception e)
        {
            return e.ToString();
        }
    }

    /// <summary>What tells one failure from another: the exception and how its message begins.</summary>
    private static string Kind(string failure) => failure.Split('\n')[0] is var line && line.Length > 60 ? line[..60] : line;

    private byte[] Input(IFuzzTarget target, int number) => target.Generate(new Random(seed + number));

    private sealed record Finding(int Number, byte[]? Input, string Failure);
}
