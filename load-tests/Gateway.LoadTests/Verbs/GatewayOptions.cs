using System.CommandLine;
using Gateway.LoadTests.Matrix.Programs;
using Spectre.Console;

namespace Gateway.LoadTests.Verbs;

/// <summary>What all verbs take that start a gateway, and where they write.</summary>
internal sealed class GatewayOptions
{
    private readonly Option<string[]> _configuration = new("--gateway-config")
    {
        Description = "A key of the gateway's configuration with its value, such as Gateway:Bosh:MaxWait=00:00:30. Repeatable.",
        HelpName = "KEY=VALUE",
    };

    private readonly Option<DirectoryInfo> _gateway = new("--gateway") { Description = "A published gateway to measure; otherwise this repository's is published.", HelpName = "DIR" };
    private readonly Option<DirectoryInfo> _out = new("--out") { Description = "Where report.json and report.html go; otherwise a folder among the system's temporary files.", HelpName = "DIR" };

    /// <summary>Adds them.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_gateway);
        command.Options.Add(_configuration);
        command.Options.Add(_out);
    }

    /// <summary>Where the report goes; made when it is not there.</summary>
    public string Out(ParseResult parsed, string verb)
    {
        var given = parsed.GetValue(_out);
        return given is null ? Directory.CreateTempSubdirectory($"gateway-{verb}-").FullName : Directory.CreateDirectory(given.FullName).FullName;
    }

    /// <summary>The gateway to start, published if need be.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="directory">For what it needs.</param>
    /// <param name="ct">Gives up.</param>
    public async Task<GatewayProgram> PrepareAsync(ParseResult parsed, string directory, CancellationToken ct)
    {
        var folder = parsed.GetValue(_gateway)?.FullName;
        if (folder is null)
        {
            AnsiConsole.WriteLine("publishing the gateway");
            folder = await GatewayProgram.PublishAsync(directory, ct);
        }

        return new GatewayProgram(folder, directory, parsed.GetValue(_configuration) ?? []);
    }
}
