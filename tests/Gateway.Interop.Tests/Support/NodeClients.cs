using System.Globalization;
using System.Text.Json;

namespace Gateway.Interop.Tests.Support;

/// <summary>One check of a driver, as it reported it.</summary>
internal sealed record Check(string Name, bool Ok, string? Detail);

/// <summary>Runs the scripts of clients/ and reads the line of JSON in which each reports.</summary>
internal static class NodeClients
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>`npm ci` if this checkout has not had it yet, or had it for another lock file.</summary>
    public static async Task InstallAsync(string logDirectory)
    {
        var clients = Needs.ClientsDirectory;
        await using var guard = await LockAsync(Path.Combine(clients, "obj"));
        var wanted = new FileInfo(Path.Combine(clients, "package-lock.json"));
        var installed = new FileInfo(Path.Combine(clients, "node_modules", ".package-lock.json"));
        if (installed.Exists && installed.LastWriteTimeUtc >= wanted.LastWriteTimeUtc)
        {
            return;
        }

        await using var npm = ServerProcess.Start(
            "npm", Needs.Find("npm")!, ["--prefix", clients, "ci", "--no-audit", "--no-fund", "--ignore-scripts"], logDirectory);
        await npm.WaitUntilAsync(_ => Task.FromResult(npm.HasExited), "installed packages", TimeSpan.FromMinutes(3));
        npm.ExitCode.ShouldBe(0, npm.Log());
        File.SetLastWriteTimeUtc(installed.FullName, DateTime.UtcNow);
    }

    public static async Task<IReadOnlyList<Check>> RunAsync(string script, object options, string authorityPath, string logDirectory)
    {
        await using var node = ServerProcess.Start(
            string.Create(CultureInfo.InvariantCulture, $"node-{Guid.NewGuid():N}"),
            Needs.Find("node")!,
            [Path.Combine(Needs.ClientsDirectory, script), JsonSerializer.Serialize(options, Json)],
            logDirectory,
            new Dictionary<string, string?> { ["NODE_EXTRA_CA_CERTS"] = authorityPath, ["NODE_OPTIONS"] = null });
        await node.WaitUntilAsync(_ => Task.FromResult(node.HasExited), "report", TimeSpan.FromSeconds(120));
        await node.TerminateAsync(TimeSpan.FromSeconds(5));

        var log = node.Log(maxCharacters: 4_000_000);
        var report = log.Split('\n').LastOrDefault(line => line.StartsWith("{\"checks\":", StringComparison.Ordinal));
        return report is null
            ? throw new InvalidOperationException($"{script} did not report:\n{log}")
            : JsonSerializer.Deserialize<Report>(report, Json)!.Checks;
    }

    private static async Task<FileStream> LockAsync(string directory)
    {
        Directory.CreateDirectory(directory);
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(4));
        while (true)
        {
            try
            {
                return new FileStream(Path.Combine(directory, "npm.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (!limit.IsCancellationRequested)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200), CancellationToken.None);
            }
        }
    }

    private sealed record Report(IReadOnlyList<Check> Checks);
}
