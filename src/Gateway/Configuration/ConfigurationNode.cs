using Microsoft.Extensions.Configuration.CommandLine;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Memory;

namespace Gateway.Configuration;

/// <summary>
/// One key of the merged configuration with where its value came from. Unlike the stock merge, a list comes whole from the
/// last source that names it: two origins in a file never become one origin and a left-over of the default.
/// </summary>
internal sealed class ConfigurationNode(string name, string path)
{
    private readonly List<ConfigurationNode> _children = [];

    /// <summary>The key as it was written.</summary>
    public string Name { get; } = name;

    /// <summary>The whole key, parts joined by colons.</summary>
    public string Path { get; } = path;

    /// <summary>Its value; null when it has none, or was written as null.</summary>
    public string? Value { get; private set; }

    /// <summary>Where the value, or the first key below it, came from.</summary>
    public string Source { get; private set; } = "default";

    /// <summary>What a relative file name in the value starts from: the directory of the file that names it, or the working directory.</summary>
    public string BaseDirectory { get; private set; } = Environment.CurrentDirectory;

    /// <summary>The keys below, as they came.</summary>
    public IReadOnlyList<ConfigurationNode> Children => _children;

    /// <summary>All keys below are indexes.</summary>
    public bool IsList => _children.Count > 0 && _children.TrueForAll(c => IsIndex(c.Name));

    /// <summary>Reads one top-level section of all sources, the last one winning.</summary>
    public static ConfigurationNode Read(IConfigurationRoot configuration, string section)
    {
        var node = new ConfigurationNode(section, section);
        foreach (var provider in configuration.Providers)
        {
            var (source, directory) = Describe(provider);
            node.Merge(provider, source, directory);
        }

        return node;
    }

    /// <summary>The key below of that name, in any case.</summary>
    public ConfigurationNode? Find(string key) => _children.Find(c => string.Equals(c.Name, key, StringComparison.OrdinalIgnoreCase));

    private static bool IsIndex(string key) => key.Length > 0 && key.All(char.IsAsciiDigit);

    private static (string Source, string BaseDirectory) Describe(IConfigurationProvider provider)
    {
        switch (provider)
        {
            case FileConfigurationProvider { Source: { Path: { } file } source }:
                var full = source.FileProvider?.GetFileInfo(file).PhysicalPath ?? System.IO.Path.GetFullPath(file);
                return (file, System.IO.Path.GetDirectoryName(full) ?? Environment.CurrentDirectory);
            case EnvironmentVariablesConfigurationProvider:
                return ("environment", Environment.CurrentDirectory);
            case CommandLineConfigurationProvider:
                return ("command line", Environment.CurrentDirectory);
            case MemoryConfigurationProvider:
                return ("default", Environment.CurrentDirectory);
            default:
                return (provider.ToString() ?? "unknown", Environment.CurrentDirectory);
        }
    }

    private void Merge(IConfigurationProvider provider, string source, string directory)
    {
        var keys = provider.GetChildKeys([], Path).Distinct(StringComparer.OrdinalIgnoreCase).ToArray();
        var named = provider.TryGet(Path, out var value);
        if (named || keys.Length > 0)
        {
            (Value, Source, BaseDirectory) = (named ? value : Value, source, directory);
        }

        // An empty list is written as a key without children.
        if ((keys.Length > 0 && keys.All(IsIndex)) || (named && keys.Length == 0 && IsList))
        {
            _children.Clear();
        }

        foreach (var key in keys)
        {
            var child = Find(key);
            if (child is null)
            {
                child = new ConfigurationNode(key, $"{Path}:{key}");
                _children.Add(child);
            }

            child.Merge(provider, source, directory);
        }
    }
}
