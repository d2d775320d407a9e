using Gateway.Core.Sessions;

namespace Gateway.Core.Policies;

/// <summary>The domains of one configuration.</summary>
internal sealed class DomainTable
{
    private readonly Dictionary<string, ServedDomain> _exact = new(StringComparer.Ordinal);
    private readonly (string Suffix, ServedDomain Domain)[] _patterns;
    private readonly List<ServedDomain> _all = [];
    private volatile Widest? _widest;

    /// <summary>Takes the configured table.</summary>
    /// <exception cref="ArgumentException">A name is no domain.</exception>
    public DomainTable(IEnumerable<ServedDomain> domains)
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

    /// <summary>Every row.</summary>
    public IReadOnlyList<ServedDomain> All => _all;

    /// <summary>Some served domain, to speak for the gateway when the client named none that it knows (WS-035).</summary>
    public string First { get; } = "localhost";

    /// <summary>The bounds that hold before the domain is known: no domain's are wider.</summary>
    public SessionLimits WidestLimits(SessionLimits common)
    {
        if (_widest is not { } known || known.Common != common)
        {
            SessionLimits[] all = [common, .. _all.Where(d => d.Limits is not null).Select(d => d.Limits!)];
            _widest = known = new Widest(common, new SessionLimits
            {
                MaxStanzaBytes = all.Max(l => l.MaxStanzaBytes),
                MaxStanzaBytesBeforeAuth = all.Max(l => l.MaxStanzaBytesBeforeAuth),
                MaxDepth = all.Max(l => l.MaxDepth),
                MaxAttributes = all.Max(l => l.MaxAttributes),
                MaxSessions = common.MaxSessions,
                UnknownSidsPerMinutePerAddress = common.UnknownSidsPerMinutePerAddress,
            });
        }

        return known.Limits;
    }

    /// <summary>Finds what serves a domain: an exact name wins over a pattern, the longest pattern wins.</summary>
    public ServedDomain? Find(DomainName name)
    {
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

    private sealed record Widest(SessionLimits Common, SessionLimits Limits);
}
