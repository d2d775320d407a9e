using System.CommandLine;
using Gateway.Configuration;

namespace Gateway.Commands;

/// <summary>The command line: <c>gateway [run]</c> and <c>gateway check</c>.</summary>
internal static class GatewayCommand
{
    /// <summary>Does what the arguments say.</summary>
    /// <param name="arguments">Of the process.</param>
    /// <param name="output">For answers.</param>
    /// <param name="error">For errors.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> InvokeAsync(string[] arguments, TextWriter output, TextWriter error)
    {
        var (rest, overrides) = Invocation.Split(arguments);
        var files = new Option<string[]>("--config")
        {
            Description = "A JSON file with settings; may be repeated, the later one wins.",
            HelpName = "FILE",
            Recursive = true,
            Arity = ArgumentArity.OneOrMore,
            AllowMultipleArgumentsPerToken = false,
        };

        Invocation Said(ParseResult result) => new(result.GetValue(files) ?? [], overrides);
        Task<int> Run(ParseResult result, CancellationToken _) => RunCommand.RunAsync(Said(result), output, error);

        var run = new Command("run", "Runs the gateway until SIGTERM or Ctrl-C (the default).");
        run.SetAction(Run);
        var check = new Command("check", "Validates the configuration and prints the values in force with where each came from.");
        check.SetAction(result => CheckCommand.Run(Said(result), output, error));
        var root = new RootCommand(
            "An HTTP gateway for XMPP: BOSH and WebSocket in front, any XMPP server behind."
            + " Any setting can be given as --Section:Key=value, such as --Gateway:Bosh:MaxWait=00:00:30;"
            + " appsettings.json explains them all.")
        {
            files, run, check,
        };
        root.SetAction(Run);

        var parsed = root.Parse(rest);
        var exit = await parsed.InvokeAsync(new InvocationConfiguration
        {
            Output = output,
            Error = error,
            // Signals are the host's: it drains.
            ProcessTerminationTimeout = null,
        });
        return parsed.Errors.Count > 0 ? ExitCode.BadConfiguration : exit;
    }

    /// <summary>Says what is wrong with the configuration, one line each.</summary>
    public static int Refuse(InvalidConfigurationException problem, TextWriter error)
    {
        error.WriteLine(problem.Errors.Count == 1 ? "The configuration has an error:" : $"The configuration has {problem.Errors.Count} errors:");
        foreach (var line in problem.Errors)
        {
            error.WriteLine(line);
        }

        return ExitCode.BadConfiguration;
    }
}
