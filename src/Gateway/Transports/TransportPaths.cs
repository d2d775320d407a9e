using System.Collections.Frozen;

namespace Gateway.Transports;

/// <summary>Paths on which XMPP is served: in any case, with or without a slash behind.</summary>
internal sealed class TransportPaths(IEnumerable<string> paths)
{
    private readonly FrozenSet<string> _paths = paths
        .SelectMany(path => new[] { path.TrimEnd('/'), path.TrimEnd('/') + "/" })
        .ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>It is one of them.</summary>
    public bool Contains(PathString path) => _paths.Contains(path.Value ?? "");
}
