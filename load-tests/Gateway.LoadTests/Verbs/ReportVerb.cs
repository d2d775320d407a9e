using System.CommandLine;
using System.Text.Json;
using Gateway.LoadTests.Reporting;

namespace Gateway.LoadTests.Verbs;

/// <summary><c>report</c>: the HTML of results that were kept as JSON.</summary>
public static class ReportVerb
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var inputs = new Option<FileInfo[]>("--in")
        {
            Description = "A report, or a single run, that was written as JSON; may be repeated, and all become one.",
            HelpName = "FILE",
            Required = true,
            Arity = ArgumentArity.OneOrMore,
            AllowMultipleArgumentsPerToken = false,
        };
        var output = new Option<FileInfo>("--html") { Description = "The page to write.", HelpName = "FILE", Required = true };
        var command = new Command("report", "Writes the HTML report of results that were kept as JSON.") { inputs, output };
        command.SetAction(result =>
        {
            try
            {
                var reports = result.GetRequiredValue(inputs).Select(file => ReportFile.Read(file.FullName)).ToArray();
                var path = result.GetRequiredValue(output).FullName;
                HtmlReport.Write(ReportMerge.Merge(reports), path);
                Console.WriteLine(path);
                return 0;
            }
            catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or JsonException)
            {
                Console.Error.WriteLine(problem.Message);
                return 2;
            }
        });
        return command;
    }
}
