namespace Gateway.Commands;

/// <summary>What the command line said, verb aside.</summary>
/// <param name="ConfigurationFiles">Files given with <c>--config</c>, the later one winning.</param>
/// <param name="Overrides">Single keys, as <c>--Gateway:Bosh:MaxWait=00:00:30</c>.</param>
internal sealed record Invocation(IReadOnlyList<string> ConfigurationFiles, IReadOnlyList<string> Overrides)
{
    /// <summary>Nothing was said.</summary>
    public static Invocation Empty { get; } = new([], []);

    /// <summary>Takes the overrides out of the arguments, wherever they stand; what is left is for the verbs.</summary>
    public static (string[] Verbs, string[] Overrides) Split(IReadOnlyList<string> arguments)
    {
        var rest = new List<string>();
        var overrides = new List<string>();
        for (var i = 0; i < arguments.Count; i++)
        {
            var argument = arguments[i];
            var key = argument.Split('=', 2)[0];
            var isOverride = key.StartsWith("--", StringComparison.Ordinal) && key.Contains(':', StringComparison.Ordinal)
                && !key.StartsWith("--config:", StringComparison.Ordinal);
            if (!isOverride)
            {
                rest.Add(argument);
            }
            else if (key.Length == argument.Length && i + 1 < arguments.Count && !arguments[i + 1].StartsWith("--", StringComparison.Ordinal))
            {
                overrides.Add($"{key}={arguments[++i]}");
            }
            else
            {
                overrides.Add(key.Length == argument.Length ? key + "=" : argument);
            }
        }

        return ([.. rest], [.. overrides]);
    }
}
