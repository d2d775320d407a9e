using System.Text.Json;
using Gateway.LoadTests.Results;

namespace Gateway.LoadTests.Reporting;

/// <summary>Results that were kept as JSON.</summary>
internal static class ReportFile
{
    /// <summary>Reads a report, or a single run, which becomes a report of one.</summary>
    /// <exception cref="JsonException">It is neither; the text names the file.</exception>
    public static LoadReport Read(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            using var document = JsonDocument.Parse(stream);
            var isRun = document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("options", out _);
            var report = isRun
                ? document.Deserialize<RunResult>(LoadReport.Json) is { } run ? OfOne(run) : null
                : document.Deserialize<LoadReport>(LoadReport.Json);
            return report ?? throw new JsonException("there is nothing in it");
        }
        catch (JsonException problem)
        {
            throw new JsonException($"{path}: {problem.Message}", problem);
        }
    }

    private static LoadReport OfOne(RunResult run) => new()
    {
        Title = run.Options.Name,
        At = run.StartedAt,
        Machine = "",
        Commit = "",
        Command = "",
        Runs = [run],
    };
}
