using Gateway.Core.Sessions;

namespace Gateway.Core.Policies;

/// <summary>From the <c>to</c> that a client names to a configured domain, or nothing. An address never comes from a client (EDGE-069, EDGE-070).</summary>
public sealed class DomainPolicy
{
    private readonly Dictionary<string, ServedDomain> _exact = new(StringComparer.Ordinal);
    private readonly (string Suffix, ServedDomain Domain)[] _patterns;
    private readonly List<ServedDomain> _all = [];

    /// <summary>Takes the configured table.</summary>
    /// <exception cref="ArgumentException">A name is no domain.</exception>
    public DomainPolicy(IEnumerable<ServedDomain> domains)
    {
        var patterns = new List<(string Suffix, ServedDomain Domain)>();
        foreach (var domain in domains)
        {
            var isPattern = domain.Name.StartsWith("*.", StringComparison.Ordinal);
            if (!DomainName.TryPrepare(isPattern ? domain.Name[2..] : domain.Name, out var name))
            {
                throw new ArgumentException($"{domain.Name} is no domain.", nameof(domains));
            }

            _all.Add(domain);
            if (isPattern)
            {
                patterns.Add(("." + name.Ascii, domain));
            }
            else if (_exact.TryAdd(name.Ascii, domain) && _exact.Count == 1)
            {
                First = name.Unicode;
            }
        }

        _patterns = [.. patterns.OrderByDescending(p => p.Suffix.Length)];
    }

    /// <summary>Some served domain, to speak for the gateway when the client named none that it knows (WS-035).</summary>
    public string First { get; } = "localhost";

    /// <summary>The bounds that hold before the domain is known: no domain's are wider.</summary>
    /// <param name="common">Those of domains that have none of their own.</param>
    public SessionLimits WidestLimits(SessionLimits common)
    {
        ArgumentNullException.ThrowIfNull(common);
        SessionLimits[] all = [common, .. _all.Where(d => d.Limits is not null).Select(d => d.Limits!)];
        return new SessionLimits
        {
            MaxStanzaBytes = all.Max(l => l.MaxStanzaBytes),
            MaxStanzaBytesBeforeAuth = all.Max(l => l.MaxStanzaBytesBeforeAuth),
            MaxDepth = all.Max(l => l.MaxDepth),
            MaxAttributes = all.Max(l => l.MaxAttributes),
            MaxSessions = common.MaxSessions,
            UnknownSidsPerMinutePerAddress = common.UnknownSidsPerMinutePerAddress,
        };
    }

    /// <summary>Finds what serves a domain: an exact name wins over a pattern, the longest pattern wins.</summary>
    /// <param name="to">As the client wrote it.</param>
    public ServedDomain? Find(string to) => Find(to, out _);

    /// <summary>As <see cref="Find(string)"/>, with the domain prepared: nothing of a client's own spelling need go further.</summary>
    /// <param name="to">As the client wrote it.</param>
    /// <param name="name">The domain in both spellings; only if something was found.</param>
    public ServedDomain? Find(string to, out DomainName name)
    {
        if (!DomainName.TryPrepare(to, out name))
        {
            return null;
        }

        if (_exact.TryGetValue(name.Ascii, out var exact))
        {
            return exact;
        }

        foreach (var (suffix, domain) in _patterns)
        {
            if (name.Ascii.Length > suffix.Length && name.Ascii.EndsWith(suffix, StringComparison.Ordinal))
            {
                return domain;
            }
        }

        return null;
    }
}
