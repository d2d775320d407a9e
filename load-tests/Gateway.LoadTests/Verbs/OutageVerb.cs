using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Gateway.LoadTests.Measuring;
using Gateway.LoadTests.Scenarios;
using Spectre.Console;

namespace Gateway.LoadTests.Verbs;

/// <summary><c>outage</c>: logins against a backend that is down.</summary>
internal static class OutageVerb
{
    private static readonly Option<int> Rate = new("--rate") { Description = "Logins a second.", DefaultValueFactory = _ => 1000 };
    private static readonly Option<TimeSpan> Length = new("--duration") { Description = "How long, hh:mm:ss.", DefaultValueFactory = _ => TimeSpan.FromMinutes(2) };
    private static readonly Option<bool> Hangs = new("--hangs") { Description = "The backend takes connections and says nothing; otherwise it drops them at once." };

    // What may be under way when the breaker opens, and all that is tried after it: an attempt and some checks.
    private const int MostDials = 256 + 32;
    private const long MostGrowth = 16 << 20; // in the second half

    /// <summary>BOSH sessions that have ended are kept for half a minute, and the collector takes as long to follow: memory is level after a minute, half of the time.</summary>
    private static readonly TimeSpan Least = TimeSpan.FromMinutes(2);

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var gateway = new GatewayOptions();
        var command = new Command("outage", "Logins against a backend that is down. Exit code 1: a login was not refused as it should be, memory grows, or the backend is dialled again and again.") { Rate, Length, Hangs };
        gateway.AddTo(command);
        command.SetAction((parsed, ct) => RunAsync(parsed, gateway, ct));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, GatewayOptions gateway, CancellationToken ct)
    {
        var duration = parsed.GetValue(Length);
        if (duration < Least)
        {
            await Console.Error.WriteLineAsync($"--duration: below {Least} memory cannot be judged.");
            return 2;
        }

        var work = Directory.CreateTempSubdirectory("gateway-load-");
        try
        {
            var program = await gateway.PrepareAsync(parsed, work.FullName, ct);
            await using var dead = new DeadBackend(parsed.GetValue(Hangs));
            await using var running = await program.StartAsync(dead.EndPoint.Port, ct);
            using var logins = new RefusedLogins(running.Bosh!, running.WebSocket!, "localhost");

            await logins.RunAsync(100, TimeSpan.FromSeconds(1)); // compiled, and the breaker open
            var dialsBefore = dead.Dials;
            var before = ProcessReading.Of(running.Id);
            var started = Stopwatch.GetTimestamp();
            var load = logins.RunAsync(parsed.GetValue(Rate), duration);
            await Task.Delay(duration / 2, ct);
            var half = ProcessReading.ExactResidentBytes(running.Id);
            await load;
            var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            var after = ProcessReading.Of(running.Id);
            var end = ProcessReading.ExactResidentBytes(running.Id);

            var table = new Table().AddColumns("what", "measured");
            void Row(string what, FormattableString value) => table.AddRow(what, value.ToString(CultureInfo.InvariantCulture));
            Row("logins", $"{logins.Sent:N0}, {logins.Sent / seconds:N0} a second");
            Row("refused as they should be", $"{logins.Refused:N0}");
            Row("anything else", $"{logins.Wrong:N0}");
            Row("time to the refusal", $"p50 {Milliseconds(logins, 50):F1} ms, p99 {Milliseconds(logins, 99):F1} ms");
            Row("dials", $"{dead.Dials} ({dialsBefore} of them before)");
            Row("processor time of the gateway", $"{after.CpuSeconds - before.CpuSeconds:F1} s in {seconds:F1} s, {(after.CpuSeconds - before.CpuSeconds) * 1e6 / logins.Sent:N0} us a login");
            Row("resident memory, half of the time and end", $"{half >> 20} MiB, {end >> 20} MiB");
            Row("handles, threads", $"{after.Handles}, {after.Threads}");
            AnsiConsole.Write(table);
            if (logins.FirstWrong is { } wrong)
            {
                AnsiConsole.WriteLine(wrong);
            }

            return logins.Wrong == 0 && dead.Dials <= MostDials && end - half <= MostGrowth ? 0 : 1;
        }
        finally
        {
            work.Delete(recursive: true);
        }
    }

    private static double Milliseconds(RefusedLogins logins, double percentile) => logins.Times.Percentile(percentile) / 1e6;
}
