using Gateway.Core.Sessions;

namespace Gateway.Core.Policies;

/// <summary>
/// From the <c>to</c> that a client names to a configured domain, or nothing. An address never comes from a client (EDGE-069, EDGE-070).
/// The table may change while sessions run: each goes on under the row that it began with.
/// </summary>
/// <param name="domains">The configured rows.</param>
/// <exception cref="ArgumentException">A name is no domain.</exception>
public sealed class DomainPolicy(IEnumerable<ServedDomain> domains)
{
    private volatile DomainTable _table = new(domains);

    /// <summary>Every row.</summary>
    public IReadOnlyList<ServedDomain> All => _table.All;

    /// <summary>Some served domain, to speak for the gateway when the client named none that it knows (WS-035).</summary>
    public string First => _table.First;

    /// <summary>Takes another table; nothing changes until the result is called.</summary>
    /// <exception cref="ArgumentException">A name is no domain.</exception>
    public Action Prepare(IEnumerable<ServedDomain> domains)
    {
        var table = new DomainTable(domains);
        return () => _table = table;
    }

    /// <summary>The bounds that hold before the domain is known: no domain's are wider.</summary>
    /// <param name="common">Those of domains that have none of their own.</param>
    public SessionLimits WidestLimits(SessionLimits common)
    {
        ArgumentNullException.ThrowIfNull(common);
        return _table.WidestLimits(common);
    }

    /// <summary>Finds what serves a domain: an exact name wins over a pattern, the longest pattern wins.</summary>
    /// <param name="to">As the client wrote it.</param>
    public ServedDomain? Find(string to) => Find(to, out _);

    /// <summary>As <see cref="Find(string)"/>, with the domain prepared: nothing of a client's own spelling need go further.</summary>
    /// <param name="to">As the client wrote it.</param>
    /// <param name="name">The domain in both spellings; only if something was found.</param>
    public ServedDomain? Find(string to, out DomainName name) => DomainName.TryPrepare(to, out name) ? _table.Find(name) : null;
}
