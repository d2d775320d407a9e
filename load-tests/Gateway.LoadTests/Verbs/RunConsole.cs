using System.Globalization;
using Gateway.LoadTests.Results;
using Gateway.LoadTests.Scenarios;
using Spectre.Console;

namespace Gateway.LoadTests.Verbs;

/// <summary>Shows a run while it goes on: a live table on a terminal, otherwise a line now and then.</summary>
internal static class RunConsole
{
    private const int LinesShown = 12;

    /// <summary>The terminal; plain text where the output goes elsewhere, which Spectre does not find out by itself.</summary>
    public static IAnsiConsole Out { get; } = Console.IsOutputRedirected
        ? AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Interactive = InteractionSupport.No })
        : AnsiConsole.Console;

    /// <summary>Runs a scenario and shows it.</summary>
    public static Task<RunResult> RunAsync(ScenarioOptions options, CancellationToken cancellationToken) =>
        Out.Profile.Capabilities.Interactive
            ? RunLiveAsync(options, cancellationToken)
            : ScenarioRunner.RunAsync(options, new Lines(), cancellationToken);

    private static Task<RunResult> RunLiveAsync(ScenarioOptions options, CancellationToken cancellationToken)
    {
        var table = new Table().Border(TableBorder.Rounded).Title(Markup.Escape(options.Name));
        table.AddColumns("s", "per s", "p50 us", "p99 us", "gateway cores", "gateway MiB", "generator cores", "sessions");
        return Out.Live(table).StartAsync(context => ScenarioRunner.RunAsync(options, new Live(table, context), cancellationToken));
    }

    private static string[] Cells(Sample sample) =>
    [
        Text(sample.Seconds, "F0"), Text(sample.Rate, "N0"), Text(sample.P50, "N0"), Text(sample.P99, "N0"),
        Text(sample.GatewayCpu, "F2"), Text(sample.GatewayBytes / 1048576.0, "N0"), Text(sample.GeneratorCpu, "F2"), Text(sample.Sessions, "N0"),
    ];

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private sealed class Live(Table table, LiveDisplayContext context) : IRunObserver
    {
        public void OnSample(Sample sample)
        {
            table.AddRow(Cells(sample));
            if (table.Rows.Count > LinesShown)
            {
                table.RemoveRow(0);
            }

            context.Refresh();
        }

        public void OnPhase(string phase)
        {
            table.Caption(Markup.Escape(phase));
            context.Refresh();
        }
    }

    private sealed class Lines : IRunObserver
    {
        private double _next = 1;

        public void OnSample(Sample sample)
        {
            if (sample.Seconds < _next)
            {
                return;
            }

            // Denser at the beginning: an hour's run is not to fill a log.
            _next = sample.Seconds + Math.Clamp(sample.Seconds / 2, 5, 60) - 0.5;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{sample.Seconds,6:F0} s {sample.Rate,9:N0}/s  p50 {sample.P50:N0} us  p99 {sample.P99:N0} us  gateway {sample.GatewayCpu:F2} cores {sample.GatewayBytes / 1048576.0:N0} MiB  generator {sample.GeneratorCpu:F2} cores  {sample.Sessions} sessions"));
        }

        public void OnPhase(string phase) => Console.WriteLine(phase);
    }
}
