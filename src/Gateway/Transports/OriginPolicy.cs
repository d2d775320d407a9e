namespace Gateway.Transports;

/// <summary>One list of origins for every public path (EDGE-047): exact serialised origins, or <c>*</c>.</summary>
public sealed class OriginPolicy
{
    private readonly HashSet<string> _allowed;

    /// <summary>Takes the configured list.</summary>
    public OriginPolicy(IEnumerable<string> allowed)
    {
        _allowed = allowed.Select(origin => origin.ToLowerInvariant()).ToHashSet(StringComparer.Ordinal);
        AllowsAll = _allowed.Contains("*");
    }

    /// <summary>Every origin is welcome: no ambient credentials exist that a foreign page could use (EDGE-052).</summary>
    public bool AllowsAll { get; }

    /// <summary>Judges the <c>Origin</c> field of a request; none at all is not from a browser (WS-007), and <c>null</c> is
    /// welcome only where it is listed (EDGE-047).</summary>
    public bool Allows(string? origin) =>
        string.IsNullOrEmpty(origin) || (AllowsAll && origin != "null") || _allowed.Contains(origin.ToLowerInvariant());
}
