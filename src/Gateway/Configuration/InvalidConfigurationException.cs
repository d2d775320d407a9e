namespace Gateway.Configuration;

/// <summary>The configuration cannot be used; nothing was started.</summary>
public sealed class InvalidConfigurationException(IReadOnlyList<string> errors)
    : Exception(string.Join(Environment.NewLine, errors))
{
    /// <summary>Every error, one line each: the key, the value, what would be right.</summary>
    public IReadOnlyList<string> Errors { get; } = errors;
}
