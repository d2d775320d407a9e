using Gateway.Commands;

namespace Gateway.Configuration;

/// <summary>What the configuration is read from, at the start and again when it changes.</summary>
/// <param name="Invocation">What the command line said.</param>
/// <param name="Environment">Such as <c>Production</c>.</param>
/// <param name="Directory">Where the program's own files are.</param>
internal sealed record ConfigurationOrigin(Invocation Invocation, string Environment, string Directory)
{
    /// <summary>What was in them before they were read for the first time.</summary>
    public FileContents AtStart { get; } = FileContents.Of(
        [Path.Combine(Directory, "appsettings.json"), Path.Combine(Directory, $"appsettings.{Environment}.json"), .. Invocation.ConfigurationFiles.Select(Path.GetFullPath)]);

    /// <summary>Reads and checks all of it anew.</summary>
    /// <param name="running">What the gateway was started with.</param>
    /// <param name="findings">All that came to light.</param>
    /// <exception cref="InvalidConfigurationException">A file is missing or is no JSON.</exception>
    public GatewayOptions Read(GatewayOptions running, out ConfigurationFindings findings)
    {
        using var configuration = new ConfigurationManager();
        ConfigurationSources.Load(configuration, Invocation, Environment, Directory);
        return GatewayOptions.TryBind(configuration, running, out findings);
    }
}
