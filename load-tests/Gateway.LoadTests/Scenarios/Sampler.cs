using System.Diagnostics;
using Gateway.LoadTests.Measuring;
using Gateway.LoadTests.Results;

namespace Gateway.LoadTests.Scenarios;

/// <summary>Looks at the run and at the processes once a second, and at the processes exactly when counting begins and ends.</summary>
internal sealed class Sampler(RunContext run)
{
    // Counting descriptors walks over all of them: rarely, where there are thousands.
    private const int ManySessions = 2000;
    private const int RarelyEvery = 10;

    private readonly List<Sample> _samples = [];
    private readonly List<Role> _roles = [];
    private readonly CancellationTokenSource _end = new();
    private Task _loop = Task.CompletedTask;
    private long _begin;

    /// <summary>About one a second.</summary>
    public IReadOnlyList<Sample> Samples => _samples;

    /// <summary>What each process used, the one under test first.</summary>
    public IReadOnlyList<ProcessUse> Processes { get; private set; } = [];

    /// <summary>Counting begins.</summary>
    public void Begin()
    {
        var processes = run.Options.Processes;
        var roles = processes.Keys.OrderByDescending(role => role == "gateway").ThenBy(role => role, StringComparer.Ordinal).Select(role => (role, processes[role]));
        _roles.AddRange(roles.Append(("generator", Environment.ProcessId)).Select(role => new Role(role.Item1, role.Item2)));
        _begin = Stopwatch.GetTimestamp();
        _loop = LoopAsync();
    }

    /// <summary>Counting ends.</summary>
    public async Task EndAsync()
    {
        var last = _roles.ConvertAll(role => (role, reading: ProcessReading.Of(role.ProcessId)));
        run.Meter.EndInterval();
        await _end.CancelAsync();
        await _loop;
        run.Meter.EndInterval();
        Processes = last.ConvertAll(use => new ProcessUse(
            use.role.Name,
            use.reading.CpuSeconds - use.role.First.CpuSeconds,
            use.reading.ResidentBytes,
            Math.Max(use.role.Peak, use.reading.ResidentBytes),
            use.reading.Threads,
            use.reading.Handles));
        _end.Dispose();
    }

    private async Task LoopAsync()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        var before = _begin;
        long count = 0;
        try
        {
            while (await timer.WaitForNextTickAsync(_end.Token))
            {
                var now = Stopwatch.GetTimestamp();
                var seconds = (now - before) / (double)Stopwatch.Frequency;
                var newCount = run.Meter.Count;
                var (p50, p99) = run.Meter.EndInterval();
                var countHandles = run.Meter.Sessions < ManySessions || _samples.Count % RarelyEvery == 0;
                var cores = _roles.ConvertAll(role => role.Advance(countHandles) / seconds);
                var gateway = _roles[0].Name == "gateway" ? _roles[0] : null;
                var sample = new Sample(
                    (now - _begin) / (double)Stopwatch.Frequency,
                    (newCount - count) / seconds,
                    p50,
                    p99,
                    gateway is null ? 0 : cores[0],
                    gateway?.Last.ResidentBytes ?? 0,
                    gateway?.Last.Threads ?? 0,
                    gateway?.Last.Handles ?? 0,
                    cores[^1],
                    run.Meter.Sessions);
                _samples.Add(sample);
                run.Observer?.OnSample(sample);
                (before, count) = (now, newCount);
            }
        }
        catch (OperationCanceledException)
        {
            // The end.
        }
    }

    private sealed class Role
    {
        public Role(string name, int processId)
        {
            Name = name;
            ProcessId = processId;
            First = Last = ProcessReading.Of(processId);
            Peak = First.ResidentBytes;
        }

        public string Name { get; }

        public int ProcessId { get; }

        public ProcessReading First { get; }

        public ProcessReading Last { get; private set; }

        public long Peak { get; private set; }

        /// <returns>Processor seconds since the time before.</returns>
        public double Advance(bool countHandles)
        {
            var reading = ProcessReading.Of(ProcessId, countHandles ? -1 : Last.Handles);
            var used = reading.CpuSeconds - Last.CpuSeconds;
            Last = reading;
            Peak = Math.Max(Peak, reading.ResidentBytes);
            return Math.Max(0, used);
        }
    }
}
