namespace Gateway.Configuration;

/// <summary>What reading the configuration brought to light: every error, and the values in force.</summary>
internal sealed class ConfigurationFindings
{
    private static readonly string[] SecretWords = ["password", "secret", "token"];

    private readonly List<string> _errors = [];
    private readonly List<EffectiveValue> _values = [];
    private readonly List<(ConfigurationNode Node, IReadOnlyCollection<string> Siblings)> _unknown = [];
    private readonly Dictionary<string, string> _files = new(StringComparer.OrdinalIgnoreCase);

    private readonly HashSet<string> _namedFiles = new(StringComparer.Ordinal);

    /// <summary>One line per error: the key, the value, what would be right.</summary>
    public IReadOnlyList<string> Errors => [.. _errors, .. _unknown.Select(Unknown)];

    /// <summary>The values in force, in the order of the table.</summary>
    public IReadOnlyList<EffectiveValue> Values => _values;

    /// <summary>File names by key, made absolute.</summary>
    public IReadOnlyDictionary<string, string> Files => _files;

    /// <summary>A value is wrong.</summary>
    /// <param name="path">The whole key.</param>
    /// <param name="value">As it was written; null if nothing was.</param>
    /// <param name="source">Where.</param>
    /// <param name="right">What would be right.</param>
    public void Complain(string path, string? value, string? source, string right)
    {
        var where = source is null or "default" ? "" : $" ({source})";
        var what = value is null ? "not set" : $"\"{OneLine(value)}\"";
        _errors.Add($"{path} = {what}{where}: {right}");
    }

    /// <summary>A section is wrong as such, or by its name.</summary>
    public void Complain(string path, string? source, string right) =>
        _errors.Add(source is null or "default" ? $"{path}: {right}" : $"{path} ({source}): {right}");

    /// <summary>A value is in force.</summary>
    public void Use(string path, string value, string source, bool secret = false) =>
        _values.Add(new EffectiveValue(path, secret ? "***" : OneLine(value), source));

    /// <summary>Absolute names of all files that are named, whether they are there and right or not.</summary>
    public IReadOnlyCollection<string> NamedFiles => _namedFiles;

    /// <summary>A file is named.</summary>
    public void NameFile(string absolute) => _namedFiles.Add(absolute);

    /// <summary>A file is named and right.</summary>
    public void UseFile(string path, string absolute) => _files[path] = absolute;

    /// <summary>A key is nobody's.</summary>
    public void MeetUnknown(ConfigurationNode node, IReadOnlyCollection<string> siblings) => _unknown.Add((node, siblings));

    private static string OneLine(string value)
    {
        var text = string.Concat(value.Select(c => char.IsControl(c) ? '?' : c));
        return text.Length > 200 ? text[..200] + "..." : text;
    }

    private string Unknown((ConfigurationNode Node, IReadOnlyCollection<string> Siblings) found)
    {
        var (node, siblings) = found;
        var where = node.Source == "default" ? "" : $" ({node.Source})";

        // A slip of the fingers first; then the right word in the wrong section; then whatever is nearest.
        var near = NearestKey.Find(node.Name, siblings);
        var slip = near is not null && NearestKey.Distance(near.ToUpperInvariant(), node.Name.ToUpperInvariant()) <= 2;
        var moved = slip ? null : _values.Find(v => v.Path.EndsWith(':' + node.Name, StringComparison.OrdinalIgnoreCase))?.Path;
        var hint = moved ?? near;
        var right = hint is null ? "unknown key" : $"unknown key; did you mean {hint}?";

        // A misspelt key may hold a secret, by its own name or by the name it was meant to have.
        var secret = SecretWords.Any(w => $"{node.Name} {hint}".Contains(w, StringComparison.OrdinalIgnoreCase));
        var value = node.Value is null ? "" : secret ? " = ***" : $" = \"{OneLine(node.Value)}\"";
        return $"{node.Path}{value}{where}: {right}";
    }
}

/// <summary>One value in force.</summary>
/// <param name="Path">The whole key.</param>
/// <param name="Value">As it may be shown; a secret is <c>***</c>.</param>
/// <param name="Source">A file's name, <c>environment</c>, <c>command line</c> or <c>default</c>.</param>
internal sealed record EffectiveValue(string Path, string Value, string Source);
