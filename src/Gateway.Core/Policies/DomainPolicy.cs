namespace Gateway.Core.Policies;

/// <summary>From the <c>to</c> that a client names to a configured domain, or nothing. An address never comes from a client (EDGE-069, EDGE-070).</summary>
public sealed class DomainPolicy
{
    private readonly Dictionary<string, ServedDomain> _exact;
    private readonly ServedDomain[] _patterns;

    /// <summary>Takes the configured table.</summary>
    public DomainPolicy(IEnumerable<ServedDomain> domains)
    {
        var all = domains.ToArray();
        _exact = all.Where(d => !d.Name.StartsWith("*.", StringComparison.Ordinal)).ToDictionary(d => d.Name, StringComparer.OrdinalIgnoreCase);
        _patterns = [.. all.Where(d => d.Name.StartsWith("*.", StringComparison.Ordinal)).OrderByDescending(d => d.Name.Length)];
    }

    /// <summary>Some served domain, to speak for the gateway when the client named none that it knows (WS-035).</summary>
    public string First => _exact.Count > 0 ? _exact.Keys.First() : "localhost";

    /// <summary>Finds what serves a domain: an exact name wins over a pattern, the longest pattern wins.</summary>
    /// <param name="to">As the client wrote it.</param>
    public ServedDomain? Find(string to)
    {
        var name = to.EndsWith('.') ? to[..^1] : to;
        if (_exact.TryGetValue(name, out var exact))
        {
            return exact;
        }

        return Array.Find(_patterns, p => name.Length > p.Name.Length - 1 && name.EndsWith(p.Name[1..], StringComparison.OrdinalIgnoreCase));
    }
}

/// <summary>One row of the table of served domains.</summary>
/// <param name="Name">A domain, or <c>*.</c> and a domain; lower case.</param>
/// <param name="Backend">The name of its backend.</param>
public sealed record ServedDomain(string Name, string Backend);
