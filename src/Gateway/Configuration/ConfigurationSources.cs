using System.Text.Json;
using Gateway.Commands;

namespace Gateway.Configuration;

/// <summary>Where the configuration comes from, the later source winning (interface.md section 1).</summary>
internal static class ConfigurationSources
{
    /// <summary>The public listeners when none is configured; loopback only, for a proxy on the same machine.</summary>
    private static readonly Dictionary<string, string?> Listener = new() { ["Kestrel:Endpoints:Http:Url"] = "http://localhost:5280" };

    /// <summary>The public listeners of the demo when none is configured otherwise (interface.md section 6).</summary>
    private static readonly Dictionary<string, string?> DemoListeners = new()
    {
        ["Kestrel:Endpoints:Http:Url"] = "http://localhost:5280",
        ["Kestrel:Endpoints:Https:Url"] = "https://localhost:5443",
    };

    /// <summary>Replaces all sources: what is not named here has no say.</summary>
    /// <exception cref="InvalidConfigurationException">A file is missing or is no JSON.</exception>
    public static void Load(ConfigurationManager configuration, Invocation invocation, string environment, string programDirectory)
    {
        configuration.Sources.Clear();
        var missing = invocation.ConfigurationFiles.Where(file => !File.Exists(file)).Select(file => $"--config {file}: a file that is there").ToArray();
        if (missing.Length > 0)
        {
            throw new InvalidConfigurationException(missing);
        }

        try
        {
            configuration.SetBasePath(programDirectory);
            configuration.AddJsonFile("appsettings.json", optional: true, reloadOnChange: false);
            configuration.AddJsonFile($"appsettings.{environment}.json", optional: true, reloadOnChange: false);
            foreach (var file in invocation.ConfigurationFiles)
            {
                configuration.AddJsonFile(Path.GetFullPath(file), optional: false, reloadOnChange: false);
            }
        }
        catch (InvalidDataException e)
        {
            // The outer text names the file, the inner one what is wrong, and the innermost knows the place, counted from 0.
            var place = e.GetBaseException() is JsonException { LineNumber: { } line, BytePositionInLine: { } column } ? $": line {line + 1}, column {column + 1}" : ".";
            throw new InvalidConfigurationException([$"{e.Message} {e.InnerException?.Message.TrimEnd('.')}{place}".ReplaceLineEndings(" ")]);
        }

        configuration.AddEnvironmentVariables();
        configuration.AddCommandLine([.. invocation.Overrides]);

        var demo = string.Equals(configuration["Gateway:Demo:Enabled"], "true", StringComparison.OrdinalIgnoreCase);
        if (demo || !configuration.GetSection("Kestrel:Endpoints").GetChildren().Any())
        {
            configuration.Sources.Insert(0, new Microsoft.Extensions.Configuration.Memory.MemoryConfigurationSource { InitialData = demo ? DemoListeners : Listener });
        }
    }
}
