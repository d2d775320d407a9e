using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Gateway.LoadTests.Results;

namespace Gateway.LoadTests.Verbs;

/// <summary><c>run</c>: one scenario.</summary>
internal static class RunVerb
{
    private static readonly Option<LoadTransport> Transport = Word("--transport", "How the load reaches the target.", LoadTransport.WebSocket);
    private static readonly Option<LoadScenario> Scenario = Word("--scenario", "What the sessions do.", LoadScenario.Paced);
    private static readonly Option<Uri> Target = Address("--target", "ws://, wss://, http://, https:// or tcp://; loopback only.", required: true);
    private static readonly Option<Uri> SecondTarget = Address("--second-target", "Mixed: where BOSH sessions go; --target takes the WebSocket sessions.", required: false);
    private static readonly Option<Uri> Server = Address("--server", "The XMPP server's client port, for the senders of fan-in, slow-readers and mixed.", required: false);
    private static readonly Option<string> Domain = new("--domain") { Description = "The XMPP domain.", DefaultValueFactory = _ => "localhost" };
    private static readonly Option<bool> IsRawStream = new("--raw-stream") { Description = "WebSocket: a TCP stream's bytes in messages, for a relay that knows no XMPP." };
    private static readonly Option<int> Sessions = new("--sessions") { Description = "Sessions; logins at a time for login and churn.", DefaultValueFactory = _ => 100 };
    private static readonly Option<double> Rate = new("--rate") { Description = "Paced, mixed, slow-readers: echoes a second over all sessions.", DefaultValueFactory = _ => 2000 };
    private static readonly Option<int> Outstanding = new("--outstanding") { Description = "Flood: echoes on their way for each session.", DefaultValueFactory = _ => 20 };
    private static readonly Option<int> Burst = new("--burst") { Description = "Fan-in: stanzas of one burst.", DefaultValueFactory = _ => 50 };
    private static readonly Option<int> Size = new("--size") { Description = "Bytes of a stanza.", DefaultValueFactory = _ => 230 };
    private static readonly Option<TimeSpan> WarmUp = new("--warm-up") { Description = "The same work before anything counts, hh:mm:ss.", DefaultValueFactory = _ => TimeSpan.FromSeconds(7) };
    private static readonly Option<TimeSpan> Duration = new("--duration") { Description = "What counts, hh:mm:ss.", DefaultValueFactory = _ => TimeSpan.FromSeconds(10) };
    private static readonly Option<int[]> IdleSteps = new("--idle-steps") { Description = "Idle: memory is read at these numbers of sessions, with commas between.", CustomParser = ParseSteps, DefaultValueFactory = _ => [1000, 3000] };
    private static readonly Option<string[]> Processes = new("--pid") { Description = "A process to sample, as ROLE=PID; gateway is the one under test. Repeatable." };
    private static readonly Option<string> Name = new("--name") { Description = "What the report calls it." };
    private static readonly Option<FileInfo> Json = new("--json") { Description = "Writes the result there." };

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command("run", "Runs one scenario and says what it showed. Exit code 1: a stanza was lost, doubled, reordered or changed, something failed, or nothing was done.")
        {
            Transport, Scenario, Target, SecondTarget, Server, Domain, IsRawStream, Sessions, Rate, Outstanding, Burst, Size, WarmUp, Duration, IdleSteps, Processes, Name, Json,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        RunResult result;
        try
        {
            var options = Read(arguments);
            result = await RunConsole.RunAsync(options, cancellationToken);
        }
        catch (ArgumentException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 2;
        }

        RunSummary.Write(result);
        if (arguments.GetValue(Json) is { } file)
        {
            await File.WriteAllTextAsync(file.FullName, JsonSerializer.Serialize(result, LoadReport.Json), cancellationToken);
        }

        return result.Faults.IsClean && result.Count > 0 ? 0 : 1;
    }

    private static ScenarioOptions Read(ParseResult arguments)
    {
        var transport = arguments.GetValue(Transport);
        var scenario = arguments.GetValue(Scenario);
        return new ScenarioOptions
        {
            Name = arguments.GetValue(Name) ?? $"{Spelled(transport)} {Spelled(scenario)}",
            Transport = transport,
            Scenario = scenario,
            Target = arguments.GetValue(Target)!,
            SecondTarget = arguments.GetValue(SecondTarget),
            Server = arguments.GetValue(Server),
            Domain = arguments.GetValue(Domain)!,
            IsRawStream = arguments.GetValue(IsRawStream),
            Sessions = arguments.GetValue(Sessions),
            Rate = arguments.GetValue(Rate),
            Outstanding = arguments.GetValue(Outstanding),
            Burst = arguments.GetValue(Burst),
            StanzaBytes = arguments.GetValue(Size),
            WarmUp = arguments.GetValue(WarmUp),
            Duration = arguments.GetValue(Duration),
            IdleSteps = arguments.GetValue(IdleSteps)!,
            Processes = (arguments.GetValue(Processes) ?? []).Select(ParseProcess).ToDictionary(StringComparer.Ordinal),
        };
    }

    private static KeyValuePair<string, int> ParseProcess(string text) =>
        text.Split('=') is [{ Length: > 0 } role, var number] && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var process)
            ? KeyValuePair.Create(role, process)
            : throw new ArgumentException($"--pid {text}: ROLE=PID.");

    private static int[] ParseSteps(System.CommandLine.Parsing.ArgumentResult argument)
    {
        try
        {
            return [.. argument.Tokens.SelectMany(token => token.Value.Split(',')).Select(step => int.Parse(step, NumberStyles.None, CultureInfo.InvariantCulture))];
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            argument.AddError("Numbers of sessions with commas between: 1000,3000.");
            return [];
        }
    }

    private static Option<Uri> Address(string name, string description, bool required) => new(name)
    {
        Description = description,
        Required = required,
        CustomParser = argument =>
        {
            if (Uri.TryCreate(argument.Tokens[0].Value, UriKind.Absolute, out var uri))
            {
                return uri;
            }

            argument.AddError($"{argument.Tokens[0].Value} is no absolute URL.");
            return null;
        },
    };

    /// <summary>An enumeration whose members are spelled fan-in, slow-readers.</summary>
    private static Option<T> Word<T>(string name, string description, T byDefault)
        where T : struct, Enum
    {
        var words = Enum.GetValues<T>().ToDictionary(Spelled, value => value, StringComparer.OrdinalIgnoreCase);
        return new Option<T>(name)
        {
            Description = $"{description} One of {string.Join(", ", words.Keys)}.",
            DefaultValueFactory = _ => byDefault,
            CustomParser = argument =>
            {
                if (words.TryGetValue(argument.Tokens[0].Value, out var value))
                {
                    return value;
                }

                argument.AddError($"{name}: one of {string.Join(", ", words.Keys)}.");
                return byDefault;
            },
        };
    }

    private static string Spelled<T>(T value)
        where T : struct, Enum => value.ToString() switch
        {
            nameof(LoadScenario.FanIn) => "fan-in",
            nameof(LoadScenario.SlowReaders) => "slow-readers",
            var word => word.ToLowerInvariant(),
        };
}
