using System.Diagnostics;
using Gateway.LoadTests.Measuring;
using Gateway.LoadTests.Results;

namespace Gateway.LoadTests.Scenarios;

/// <summary>Runs one scenario.</summary>
public static class ScenarioRunner
{
    private static readonly TimeSpan QuietBoundary = TimeSpan.FromMilliseconds(100);

    /// <summary>Runs it, and returns in bounded time; faults are in the result, not exceptions.</summary>
    /// <exception cref="ArgumentException">Options that do not go together, or a target beyond loopback.</exception>
    public static Task<RunResult> RunAsync(ScenarioOptions options, IRunObserver? observer, CancellationToken ct) => RunAsync(options, new Rendezvous(1), observer, ct);

    /// <summary>Runs several at the same time: they begin to count, to rest and to close together.</summary>
    /// <exception cref="ArgumentException">Options that do not go together, or a target beyond loopback.</exception>
    public static Task<RunResult[]> RunTogetherAsync(IReadOnlyCollection<ScenarioOptions> all, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(all);
        var rendezvous = new Rendezvous(all.Count);
        return Task.WhenAll(all.Select(OneAsync));

        async Task<RunResult> OneAsync(ScenarioOptions options)
        {
            try
            {
                return await RunAsync(options, rendezvous, null, ct);
            }
            finally
            {
                rendezvous.Leave();
            }
        }
    }

    private static async Task<RunResult> RunAsync(ScenarioOptions options, Rendezvous rendezvous, IRunObserver? observer, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(options);
        ProcessDefaults.Apply();
        var run = new RunContext(options, observer, ct);
        var scenario = ScenarioFactory.Create(run);
        var startedAt = DateTimeOffset.Now;

        observer?.OnPhase("opening sessions");
        await scenario.OpenAsync();
        var hasOpened = run.Meter.Faults.ToFaults().IsClean;
        if (hasOpened && scenario.HasWarmUp && options.WarmUp > TimeSpan.Zero)
        {
            observer?.OnPhase("warming up");
            await scenario.WorkAsync(options.WarmUp);
        }

        await rendezvous.MeetAsync();
        var sampler = new Sampler(run);
        var (seconds, count, requests, restCores) = (0.0, 0L, 0L, 0.0);
        if (hasOpened && !scenario.IsDead && !ct.IsCancellationRequested)
        {
            // Nothing is on its way, here or there: what is counted from now on was caused from now on.
            GC.Collect();
            await Task.Delay(QuietBoundary, CancellationToken.None);
            observer?.OnPhase("counting");
            run.Meter.Begin();
            sampler.Begin();
            var begin = Stopwatch.GetTimestamp();
            await scenario.WorkAsync(options.Duration);
            seconds = (Math.Max(run.Meter.LastArrival, begin) - begin) / (double)Stopwatch.Frequency;
            (count, requests) = (run.Meter.Count, run.Meter.Requests);
            await sampler.EndAsync();
        }

        scenario.Settle();
        await rendezvous.MeetAsync();
        if (count > 0 && run.Meter.Faults.ToFaults().IsClean)
        {
            restCores = await RestAsync(options, observer, ct);
        }

        await rendezvous.MeetAsync();
        observer?.OnPhase("closing sessions");
        await scenario.CloseAsync();
        return new RunResult
        {
            Options = options,
            StartedAt = startedAt,
            Seconds = seconds,
            Unit = scenario.Unit,
            Count = count,
            Requests = requests,
            Latency = run.Meter.Total.Summarize(),
            Faults = run.Meter.Faults.ToFaults(),
            Checked = run.Meter.Checked,
            Deeds = run.Meter.Deeds,
            Processes = sampler.Processes,
            RestCores = restCores,
            Idle = scenario.Idle,
            Samples = sampler.Samples,
            Limit = RunLimit.Describe(options, scenario.KeptPace, seconds, sampler.Processes),
        };
    }

    private static async Task<double> RestAsync(ScenarioOptions options, IRunObserver? observer, CancellationToken ct)
    {
        if (options.Rest <= TimeSpan.Zero || !options.Processes.TryGetValue("gateway", out var process))
        {
            return 0;
        }

        observer?.OnPhase("resting");
        var (begin, before) = (Stopwatch.GetTimestamp(), ProcessReading.Of(process, handles: 0).CpuSeconds);
        await Task.Delay(options.Rest, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return (ProcessReading.Of(process, handles: 0).CpuSeconds - before) / Stopwatch.GetElapsedTime(begin).TotalSeconds;
    }
}
