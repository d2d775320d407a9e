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

    /// <summary>The sizes that can be had, in rising order, and the one that the others are compared to.</summary>
    public static int[] Steps(LoadTransport transport, IReadOnlyCollection<int> sizes)
    {
        var most = MostSessions(transport);
        return [.. sizes.Append(ScalePoint.JudgedFrom).Select(size => Math.Min(size, most)).Distinct().Order()];
    }

    /// <summary>Measures one transport; the same two processes for all rounds of the work, another for memory.</summary>
    public async Task RunAsync(LoadTransport transport, double rate, CancellationToken ct)
    {
        var steps = Steps(transport, sizes);
        var memory = await MemoryAsync(transport, steps, ct);
        await using var gateway = await GatewayAsync(ct);
        await using var reference = await GatewayAsync(ct);
        for (var round = 1; round <= rounds; round++)
        {
            foreach (var size in round % 2 == 1 ? steps : steps.Reverse())
            {
                var point = await PairAsync(transport, size, rate, gateway, reference, ct) with { BytesEach = memory.GetValueOrDefault(size) };
                Points.Add(point);
                AnsiConsole.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"  {round} {Name(transport),-5} {size,6} sessions  {point.CpuMicroseconds,7:0.0} us an echo, {point.StanzaMicroseconds,5:0.0} above rest  {point.RestMicroseconds,5:0.00} us a second each  {point.BytesEach / 1024,6:0.0} KiB each  p50 {point.P50,6:0}  p99 {point.P99,7:0} us  to {ScalePoint.JudgedFrom} beside it {point.CpuRatio:0.00}, {point.StanzaRatio:0.00}, {point.RestRatio:0.00}  {Runs[^1].Limit}"));
            }
        }
    }

    /// <summary>A number of sessions at one gateway and <see cref="ScalePoint.JudgedFrom"/> at another, in the same seconds: a shared machine wavers by more than the bound from one minute to the next.</summary>
    private async Task<ScalePoint> PairAsync(LoadTransport transport, int size, double rate, MeasuredProgram gateway, MeasuredProgram reference, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();

        // A paced run ends with a whole turn over its sessions: both end when the larger one does.
        var turn = Math.Max(size, ScalePoint.JudgedFrom) / rate;
        var counted = TimeSpan.FromSeconds((Math.Ceiling(duration.TotalSeconds / turn) * turn) - 0.1);
        var results = await ScenarioRunner.RunTogetherAsync([Options(size, gateway), Options(ScalePoint.JudgedFrom, reference)], ct);
        Runs.AddRange(results);
        var (own, other) = (results[0], results[1]);
        var counts = results.All(result => result.HasKeptRate && result.Faults.IsClean && result.RestCores > 0);
        return new ScalePoint(
            transport, size, own.CpuMicroseconds, counts ? own.CpuMicrosecondsAboveRest : double.NaN, counts ? RestEach(own) : double.NaN, BytesEach: 0, own.Latency?.P50 ?? 0, own.Latency?.P99 ?? 0,
            CpuRatio: counts ? own.CpuMicroseconds / other.CpuMicroseconds : double.NaN,
            StanzaRatio: counts ? own.CpuMicrosecondsAboveRest / other.CpuMicrosecondsAboveRest : double.NaN,
            RestRatio: counts ? RestEach(own) / RestEach(other) : double.NaN);

        ScenarioOptions Options(int sessions, MeasuredProgram program)
        {
            var work = new Work($"{Name(transport)} paced", transport, LoadScenario.Paced) { Sessions = sessions, Rate = rate };
            return work.For(program, stage.Sink)! with { Duration = counted, WarmUp = WarmUp + TimeSpan.FromSeconds(RoundsBefore * turn), Rest = Rest };
        }

        static double RestEach(RunResult result) => result.RestCores * 1e6 / result.Options.Sessions;
    }

    private async Task<MeasuredProgram> GatewayAsync(CancellationToken ct) => await stage.CreateAsync(Who.Gateway, ct) ?? throw new InvalidOperationException("no gateway");

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
            CpuRatio = Of(point => point.CpuRatio),
            StanzaRatio = Of(point => point.StanzaRatio),
            RestRatio = Of(point => point.RestRatio),
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
        ct.ThrowIfCancellationRequested();
        await using var gateway = await GatewayAsync(ct);
        var work = new Work($"{Name(transport)} idle", transport, LoadScenario.Idle) { IdleSteps = [.. steps.Append(MemoryFrom).Distinct().Order()] };
        var result = await ScenarioRunner.RunAsync(work.For(gateway, stage.Sink)! with { WarmUp = TimeSpan.Zero }, null, ct);
        Runs.Add(result);
        var idle = result.Idle;
        var each = new Dictionary<int, double>();
        for (var i = 1; i < idle.Count; i++)
        {
            each[idle[i].Sessions] = (double)(idle[i].ResidentBytes - idle[0].ResidentBytes) / (idle[i].Sessions - idle[0].Sessions);
        }

        return each;
    }
}
