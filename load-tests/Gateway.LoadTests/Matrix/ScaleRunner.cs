using System.Globalization;
using Gateway.LoadTests.Matrix.Programs;
using Gateway.LoadTests.Reporting;
using Gateway.LoadTests.Results;
using Gateway.LoadTests.Scenarios;
using Spectre.Console;

namespace Gateway.LoadTests.Matrix;

/// <summary>
/// The same number of echoes a second over more and more sessions, and what a session at rest costs. What Kestrel does for each
/// connection once a second, whether anything comes or not, is a session's cost and no stanza's: the two are told apart, and both
/// must be level.
/// </summary>
internal sealed class ScaleRunner(Stage stage, IReadOnlyList<int> sizes, TimeSpan duration, int rounds)
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(5);

    /// <summary>Shorter than what is left of a held BOSH request's <c>wait</c>: no request comes meanwhile.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(10);

    /// <summary>Echoes of each session before anything counts: a BOSH session opens its second connection with its first.</summary>
    private const double RoundsBefore = 1.2;

    /// <summary>What a session costs in memory counts from here.</summary>
    private const int MemoryFrom = 100;

    /// <summary>Descriptors that are no session's. A WebSocket session takes two; a BOSH session may take a third for its second connection.</summary>
    private const int DescriptorsForRest = 1500;

    /// <summary>All runs.</summary>
    public List<RunResult> Runs { get; } = [];

    /// <summary>What was measured: one point for each size and round, in order.</summary>
    public List<ScalePoint> Points { get; } = [];

    /// <summary>The curve: of each size the medians of its rounds.</summary>
    public ScalePoint[] Curve => [.. Points.GroupBy(point => (point.Transport, point.Sessions)).Select(Median)];

    /// <summary>As many sessions as the descriptors of one process carry.</summary>
    public static int MostSessions(LoadTransport transport) =>
        (DescriptorLimit() - DescriptorsForRest) / (transport == LoadTransport.Bosh ? 3 : 2);

    /// <summary>The sizes that can be had.</summary>
    public static int[] Steps(LoadTransport transport, IReadOnlyCollection<int> sizes)
    {
        var most = MostSessions(transport);
        return [.. sizes.Where(size => size < most), .. sizes.Any(size => size >= most) ? new[] { most } : []];
    }

    /// <summary>Measures one transport; the same process for all rounds of the work, another for memory.</summary>
    public async Task RunAsync(LoadTransport transport, double rate, CancellationToken ct)
    {
        var steps = Steps(transport, sizes);
        var memory = await MemoryAsync(transport, steps, ct);
        await using var gateway = await stage.CreateAsync(Who.Gateway, ct) ?? throw new InvalidOperationException("no gateway");
        for (var round = 1; round <= rounds; round++)
        {
            foreach (var size in round % 2 == 1 ? steps : steps.Reverse())
            {
                var work = new Work($"{Name(transport)} paced", transport, LoadScenario.Paced) { Sessions = size, Rate = rate };
                var result = await OneAsync(work, gateway, WarmUp + TimeSpan.FromSeconds(RoundsBefore * size / rate), ct);
                var point = new ScalePoint(
                    transport, size, result.CpuMicroseconds, result.HasKeptRate && result.Faults.IsClean ? result.CpuMicrosecondsAboveRest : double.NaN, result.RestCores > 0 ? result.RestCores * 1e6 / size : double.NaN, memory.GetValueOrDefault(size), result.Latency?.P50 ?? 0, result.Latency?.P99 ?? 0);
                Points.Add(point);
                AnsiConsole.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"  {round} {Name(transport),-5} {size,6} sessions  {point.CpuMicroseconds,7:0.0} us an echo, {point.StanzaMicroseconds,5:0.0} above rest  {point.RestMicroseconds,5:0.00} us a second each  {point.BytesEach / 1024,6:0.0} KiB each  p50 {point.P50,6:0}  p99 {point.P99,7:0} us  {(result.Faults.IsClean ? "" : "FAULTS ")}{result.Limit}"));
            }
        }
    }

    private static ScalePoint Median(IEnumerable<ScalePoint> ofOneSize)
    {
        ScalePoint[] rounds = [.. ofOneSize];
        return rounds[0] with
        {
            CpuMicroseconds = Of(point => point.CpuMicroseconds),
            StanzaMicroseconds = Of(point => point.StanzaMicroseconds),
            RestMicroseconds = Of(point => point.RestMicroseconds),
            P50 = Of(point => point.P50),
            P99 = Of(point => point.P99),
        };

        double Of(Func<ScalePoint, double> value) => Quantity.Median(rounds.Select(value));
    }

    private static string Name(LoadTransport transport) => transport == LoadTransport.Bosh ? "bosh" : "ws";

    private static int DescriptorLimit()
    {
        const string limits = "/proc/self/limits";
        var line = File.Exists(limits) ? File.ReadLines(limits).FirstOrDefault(each => each.StartsWith("Max open files", StringComparison.Ordinal)) : null;
        var words = line?.Split(' ', StringSplitOptions.RemoveEmptyEntries);

        // The runtime raises the soft limit to the hard one.
        return words is [.., var hard, _] && int.TryParse(hard, NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? Math.Min(count, 1_000_000) : 1024;
    }

    /// <summary>Resident bytes for each session beyond <see cref="MemoryFrom"/>.</summary>
    private async Task<Dictionary<int, double>> MemoryAsync(LoadTransport transport, int[] steps, CancellationToken ct)
    {
        await using var gateway = await stage.CreateAsync(Who.Gateway, ct) ?? throw new InvalidOperationException("no gateway");
        var result = await OneAsync(new Work($"{Name(transport)} idle", transport, LoadScenario.Idle) { IdleSteps = [.. steps.Append(MemoryFrom).Distinct().Order()] }, gateway, TimeSpan.Zero, ct);
        var idle = result.Idle;
        var each = new Dictionary<int, double>();
        for (var i = 1; i < idle.Count; i++)
        {
            each[idle[i].Sessions] = (double)(idle[i].ResidentBytes - idle[0].ResidentBytes) / (idle[i].Sessions - idle[0].Sessions);
        }

        return each;
    }

    private async Task<RunResult> OneAsync(Work work, MeasuredProgram gateway, TimeSpan warmUp, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var options = work.For(gateway, stage.Sink)! with { Duration = duration, WarmUp = warmUp, Rest = work.Scenario == LoadScenario.Paced ? Rest : TimeSpan.Zero };
        var result = await ScenarioRunner.RunAsync(options, null, ct);
        Runs.Add(result);
        return result;
    }
}
