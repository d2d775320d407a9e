using System.Globalization;

namespace Gateway.Configuration;

/// <summary>
/// Reads the keys of one section. Asking for a key declares it: what was not asked for by the time of <see cref="Finish"/> is
/// an unknown key. No reading stops at an error; a wrong value counts as its default.
/// </summary>
internal sealed class ConfigurationReader(ConfigurationNode? node, string path, ConfigurationFindings findings)
{
    private readonly List<string> _known = [];

    /// <summary>The section's last name: a domain's or backend's.</summary>
    public string Name => node?.Name ?? Path[(Path.LastIndexOf(':') + 1)..];

    /// <summary>The whole key of the section.</summary>
    public string Path { get; } = path;

    /// <summary>Somebody wrote it.</summary>
    public bool Exists => node is not null && (node.Children.Count > 0 || node.Value is not null);

    /// <summary>The key is there; asking declares it.</summary>
    public bool Has(string key) => Take(key) is { } found && (found.Children.Count > 0 || found.Value is not null);

    /// <summary><c>true</c> or <c>false</c>.</summary>
    public bool Flag(string key, bool fallback) =>
        Scalar(key, fallback, text => bool.TryParse(text, out var flag) ? flag : null, v => v ? "true" : "false", "true or false");

    /// <summary>A plain whole number.</summary>
    public int Integer(string key, int fallback, int min, int max) =>
        Scalar(
            key,
            fallback,
            text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max ? number : null,
            v => v.ToString(CultureInfo.InvariantCulture),
            string.Create(CultureInfo.InvariantCulture, $"a whole number from {min} to {max}"));

    /// <summary>A number with a point or without.</summary>
    public double Number(string key, double fallback, double min, double max) =>
        Scalar(
            key,
            fallback,
            text => double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max ? number : null,
            v => v.ToString(CultureInfo.InvariantCulture),
            string.Create(CultureInfo.InvariantCulture, $"a number from {min} to {max}"));

    /// <summary>A time as <c>hh:mm:ss</c>.</summary>
    public TimeSpan Time(string key, TimeSpan fallback, TimeSpan min, TimeSpan max) =>
        Scalar(
            key,
            fallback,
            text => TimeSpan.TryParseExact(text, @"hh\:mm\:ss", CultureInfo.InvariantCulture, out var time) && time >= min && time <= max ? time : null,
            v => v.ToString("c", CultureInfo.InvariantCulture),
            $"a time as hh:mm:ss, from {min:c} to {max:c}");

    /// <summary>One word of a closed list.</summary>
    public T Choice<T>(string key, T fallback)
        where T : struct, Enum =>
        Scalar(
            key,
            fallback,
            text => Enum.GetNames<T>().Contains(text, StringComparer.OrdinalIgnoreCase) ? Enum.Parse<T>(text, ignoreCase: true) : null,
            v => v.ToString(),
            $"one of {string.Join(", ", Enum.GetNames<T>())}");

    /// <summary>A text, or null when it is not there or empty.</summary>
    /// <param name="key">Its name.</param>
    /// <param name="check">Says what would be right, or null if it is right.</param>
    /// <param name="secret">Never to be shown.</param>
    public string? Text(string key, Func<string, string?>? check = null, bool secret = false)
    {
        var found = Take(key);
        if (!IsScalar(found, "a text") || string.IsNullOrEmpty(found?.Value))
        {
            findings.Use($"{Path}:{key}", "null", found?.Source ?? "default");
            return null;
        }

        if (check?.Invoke(found.Value) is { } right)
        {
            findings.Complain(found.Path, secret ? "***" : found.Value, found.Source, right);
            return null;
        }

        findings.Use(found.Path, found.Value, found.Source, secret);
        return found.Value;
    }

    /// <summary>The absolute name of a file, or null when none is named.</summary>
    /// <param name="key">Its name.</param>
    /// <param name="check">Says what is wrong with the file of that absolute name, or null.</param>
    public string? File(string key, Func<string, string?> check)
    {
        var found = Take(key);
        if (!IsScalar(found, "the name of a file") || string.IsNullOrEmpty(found?.Value))
        {
            findings.Use($"{Path}:{key}", "null", found?.Source ?? "default");
            return null;
        }

        var absolute = System.IO.Path.GetFullPath(found.Value, found.BaseDirectory);
        findings.NameFile(absolute);
        var right = System.IO.File.Exists(absolute) ? check(absolute) : $"a file that is there; looked for {absolute}";
        if (right is not null)
        {
            findings.Complain(found.Path, found.Value, found.Source, right);
            return null;
        }

        findings.Use(found.Path, absolute, found.Source);
        findings.UseFile(found.Path, absolute);
        return absolute;
    }

    /// <summary>A list of texts; it comes whole from one source.</summary>
    /// <param name="key">Its name.</param>
    /// <param name="fallback">Used when it is not there.</param>
    /// <param name="check">Says what would be right instead of one item, or null if it is right.</param>
    public string[] List(string key, string[] fallback, Func<string, string?> check)
    {
        var found = Take(key);
        if (found is null || (found.Children.Count == 0 && found.Value is null))
        {
            findings.Use($"{Path}:{key}", Show(fallback), found?.Source ?? "default");
            return fallback;
        }

        if (found.Children.Count == 0 ? found.Value != "" : !found.IsList)
        {
            findings.Complain(found.Path, found.Value, found.Source, $"a list, as [ \"...\" ] in a file or {found.Path.Replace(":", "__", StringComparison.Ordinal)}__0 in the environment");
            return fallback;
        }

        var items = new List<string>();
        foreach (var item in found.Children)
        {
            if (item.Children.Count > 0 || item.Value is null || check(item.Value) is { })
            {
                findings.Complain(item.Path, item.Value, item.Source, item.Value is null ? "a text" : check(item.Value) ?? "a text");
                continue;
            }

            items.Add(item.Value);
        }

        findings.Use(found.Path, Show(items), found.Source);
        return [.. items];
    }

    /// <summary>Any of a closed list of words, each at most once; none when it is not there.</summary>
    public T Flags<T>(string key)
        where T : struct, Enum
    {
        string[] words = [.. Enum.GetNames<T>().Where(n => Convert.ToInt64(Enum.Parse<T>(n), CultureInfo.InvariantCulture) != 0)];
        var named = List(key, [], text => words.Contains(text, StringComparer.OrdinalIgnoreCase) ? null : $"one of {string.Join(", ", words)}");
        return named.Length == 0 ? default : Enum.Parse<T>(string.Join(',', named), ignoreCase: true);
    }

    /// <summary>A section below, which need not be there.</summary>
    public ConfigurationReader Section(string key)
    {
        var found = Take(key);
        if (found is { Children.Count: 0, Value: not (null or "") })
        {
            findings.Complain(found.Path, found.Value, found.Source, "a section with keys of its own");
        }

        return new ConfigurationReader(found, $"{Path}:{key}", findings);
    }

    /// <summary>The sections below one key, by names that the operator chose.</summary>
    public IReadOnlyList<ConfigurationReader> Entries(string key)
    {
        var found = Take(key);
        if (found is { Children.Count: 0, Value: not (null or "") })
        {
            findings.Complain(found.Path, found.Value, found.Source, "a section with one entry for each name");
        }

        return [.. (found?.Children ?? []).Select(child => Below(child, found!.Path))];
    }

    /// <summary>The sections that are the items of a list.</summary>
    public IReadOnlyList<ConfigurationReader> Items(string key)
    {
        var found = Take(key);
        if (found is not null && !found.IsList && (found.Children.Count > 0 || found.Value is not (null or "")))
        {
            findings.Complain(found.Path, found.Value, found.Source, "a list, as [ { ... } ]");
            return [];
        }

        return [.. (found?.Children ?? []).Select(child => Below(child, found!.Path))];
    }

    /// <summary>A value that was read is wrong for a reason that only shows with others in view.</summary>
    public void Complain(string key, string right)
    {
        var found = node?.Find(key);
        findings.Complain($"{Path}:{key}", found?.Value, found?.Source, right);
    }

    /// <summary>The section itself is wrong.</summary>
    public void Complain(string right) => findings.Complain(Path, node?.Source, right);

    /// <summary>All keys have been asked for: the rest is unknown.</summary>
    public void Finish()
    {
        foreach (var child in node?.Children ?? [])
        {
            if (!_known.Contains(child.Name, StringComparer.OrdinalIgnoreCase))
            {
                findings.MeetUnknown(child, _known);
            }
        }
    }

    private static string Show(IEnumerable<string> items) => $"[ {string.Join(", ", items.Select(i => $"\"{i}\""))} ]";

    private ConfigurationReader Below(ConfigurationNode child, string parent)
    {
        if (child is { Children.Count: 0, Value: not (null or "") })
        {
            findings.Complain(child.Path, child.Value, child.Source, "a section with keys of its own");
        }

        return new ConfigurationReader(child, $"{parent}:{child.Name}", findings);
    }

    private ConfigurationNode? Take(string key)
    {
        if (!_known.Contains(key, StringComparer.Ordinal))
        {
            _known.Add(key);
        }

        return node?.Find(key);
    }

    private bool IsScalar(ConfigurationNode? found, string right)
    {
        if (found is null or { Children.Count: 0 })
        {
            return true;
        }

        findings.Complain(found.Path, found.Value, found.Source, $"{right}, not a section or list");
        return false;
    }

    private T Scalar<T>(string key, T fallback, Func<string, T?> parse, Func<T, string> show, string right)
        where T : struct
    {
        var found = Take(key);
        if (!IsScalar(found, right) || found?.Value is null)
        {
            findings.Use($"{Path}:{key}", show(fallback), found?.Source ?? "default");
            return fallback;
        }

        if (parse(found.Value) is not { } value)
        {
            findings.Complain(found.Path, found.Value, found.Source, right);
            value = fallback;
        }

        findings.Use(found.Path, show(value), found.Source);
        return value;
    }
}
