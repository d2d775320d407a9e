using System.Globalization;
using Gateway.LoadTests.Reporting;
using Gateway.LoadTests.Results;

namespace Gateway.LoadTests.Matrix;

/// <summary>The goals: what must hold, and what is aimed at. A goal that is a multiple of a floor is told in the row's own unit.</summary>
internal static class Goals
{
    /// <summary>All rows but that of correctness, in their order.</summary>
    public static IReadOnlyList<GoalSpec> All { get; } =
    [
        Ratio("WebSocket paced, CPU an echo", Works.WsPaced, Works.WsPaced, Who.Relay, 2.0, 1.25),
        Ratio("WebSocket flood, CPU an echo", Works.WsFlood, Works.WsFlood, Who.Relay, 2.0, 1.3),
        Ratio("WebSocket fan-in, CPU a stanza", Works.WsFanIn, Works.WsFanIn, Who.Relay, 6, 3),
        Ratio("WebSocket login, CPU", Works.WsLogin, Works.WsLogin, Who.Relay, 2.0, 1.4),
        Idle("WebSocket idle session", Works.WsIdle, 24, 17),
        LatencyAboveTcp(),
        FloodRate(),
        Ratio("TLS paced, CPU an echo", Works.TlsPaced, Works.TlsPaced, Who.SecureRelay, 1.5, 0.95),
        Ratio("TLS flood, CPU an echo", Works.TlsFlood, Works.TlsFlood, Who.SecureRelay, 1.6, 1.1),
        Ratio("TLS login, CPU", Works.TlsLogin, Works.TlsLogin, Who.SecureRelay, 1.5, 1.15),
        Idle("TLS idle session", Works.TlsIdle, 60, 57),
        Ratio("BOSH one client, CPU an echo", Works.BoshSerial, Works.BoshSerial, Who.Echo, 4, 2.5),
        Plain("BOSH paced, requests an echo", Works.BoshPaced, "requests", 2.0, _ => 1.1, run => run.Requests > 0 ? run.RequestsEach : double.NaN),
        Cpu("BOSH paced, CPU an echo", Works.BoshPaced, 250, Works.WsPaced, 3),
        Ratio("BOSH flood, CPU an echo", Works.BoshFlood, Works.BoshFlood, Who.Echo, 2.5, 1.5),
        Cpu("BOSH fan-in, CPU a stanza", Works.BoshFanIn, 10, Works.WsFanIn, 6),
        Cpu("BOSH login, CPU", Works.BoshLogin, 650, Works.WsLogin, 2),
        Idle("BOSH idle session", Works.BoshIdle, 30, 22),
    ];

    /// <summary>What went wrong in all runs but those of peers.</summary>
    public static GoalRow Correctness(IEnumerable<RunResult> runs)
    {
        var all = runs.ToArray();
        var texts = all.SelectMany(run => run.Faults.Texts.Select(text => $"{run.Options.Name}: {text}")).Distinct(StringComparer.Ordinal).Take(5);
        return new GoalRow(
            "Correctness: all faults", "faults", all.Sum(run => run.Faults.Total), all.Min(run => run.Faults.Total), all.Max(run => run.Faults.Total), all.Sum(run => run.Checked), "stanzas checked",
            0, 0, false, string.Join("; ", texts));
    }

    /// <summary>Not a number where nothing was done, or less than was asked for: other work has another cost.</summary>
    private static double Cpu(RunResult run) => run.CpuMicroseconds > 0 && run.HasKeptRate ? run.CpuMicroseconds : double.NaN;

    private static GoalSpec Ratio(string what, string work, string floorWork, string floor, double must, double goal) =>
        new(what, work, floor, must, all => all.Each(work, Who.Gateway, floorWork, floor, (own, other) => Cpu(own) / Cpu(other)), _ => goal)
        {
            Needs = [(floorWork, floor)],
            Remark = all => Text($"{floor} = {Quantity.Median(all.Each(floorWork, floor, Cpu)):0.0#} us"),
        };

    private static GoalSpec Plain(string what, string work, string unit, double must, Func<Measurements, double> goal, Func<RunResult, double> value) =>
        new(what, work, unit, must, all => all.Each(work, Who.Gateway, value), goal);

    private static GoalSpec Cpu(string what, string work, double must, string floorWork, double floors) =>
        Plain(what, work, "us", must, all => floors * Quantity.Median(all.Each(floorWork, Who.Relay, Cpu)), Cpu) with
        {
            Needs = [(floorWork, Who.Relay)],
            Remark = all => Text($"goal {floors} L; {Quantity.Median(all.Each(work, Who.Gateway, floorWork, Who.Relay, (own, floor) => Cpu(own) / Cpu(floor))):0.0#} L"),
        };

    private static GoalSpec Idle(string what, string work, double must, double goal) =>
        Plain(what, work, "KiB", must, _ => goal, run => run.Idle.Count > 1 && run.BytesEach > 0 ? run.BytesEach / 1024 : double.NaN) with { Absolute = run => run.BytesEach, AbsoluteUnit = "B" };

    private static GoalSpec LatencyAboveTcp()
    {
        const string work = Works.WsPaced;
        return new GoalSpec(
            "WebSocket p50 above raw TCP, paced", work, "us", 85,
            all => all.Each(work, Who.Gateway, work, Who.Tcp, (own, tcp) => P50(own) - P50(tcp)),
            all => Quantity.Median(all.Each(work, Who.Relay, work, Who.Tcp, (floor, tcp) => 1.3 * P50(floor) - P50(tcp))))
        {
            Needs = [(work, Who.Relay), (work, Who.Tcp)],
            Absolute = P50,
            Remark = all => Text($"goal 1.3 L; {Quantity.Median(all.Each(work, Who.Gateway, work, Who.Relay, (own, floor) => P50(own) / P50(floor))):0.00} L"),
        };

        static double P50(RunResult run) => run.Latency?.P50 ?? double.NaN;
    }

    private static GoalSpec FloodRate()
    {
        const string work = Works.WsFlood;
        return new GoalSpec(
            "WebSocket flood, echoes a second", work, "/s", 40_000,
            all => all.Each(work, Who.Gateway, run => run.Rate),
            all => 0.75 * Quantity.Median(all.Each(work, Who.Relay, run => run.Rate)))
        {
            Needs = [(work, Who.Relay)],
            Absolute = run => run.Rate,
            AbsoluteUnit = "/s",
            IsMinimum = true,
            Remark = all => Text($"goal 0.75 L; {Quantity.Median(all.Each(work, Who.Gateway, work, Who.Relay, (own, floor) => own.Rate / floor.Rate)):0.00} L"),
        };
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
