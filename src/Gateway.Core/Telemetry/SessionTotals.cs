using System.Diagnostics.Metrics;
using Gateway.Core.Sessions;

namespace Gateway.Core.Telemetry;

/// <summary>
/// Sums of all sessions, ended and live, read when somebody asks. An ended session's counters are folded into the sums in one
/// step with its leaving the registry, so that no sum ever falls.
/// </summary>
internal sealed class SessionTotals(SessionRegistry registry)
{
    private static readonly ClientTransport[] Transports = Enum.GetValues<ClientTransport>();

    private readonly Lock _lock = new();
    private readonly Sums[] _ended = new Sums[Transports.Length];

    // A series that is gone must be told as 0, or its last value would stand for ever. Bounded by the configured domains.
    private readonly HashSet<(ClientTransport Transport, string Domain)> _seen = [];

    /// <summary>Takes an ended session out of the registry and keeps its counts.</summary>
    /// <returns>False if that was done before.</returns>
    public bool Fold(IClientSession session)
    {
        lock (_lock)
        {
            if (!registry.Remove(session))
            {
                return false;
            }

            _ended[(int)session.Transport].Add(session.Counters);
            return true;
        }
    }

    /// <summary>Stanzas by transport and direction.</summary>
    public IEnumerable<Measurement<long>> Stanzas() => Measure(s => s.StanzasUp, s => s.StanzasDown);

    /// <summary>Bytes of stanzas by transport and direction.</summary>
    public IEnumerable<Measurement<long>> Bytes() => Measure(s => s.BytesUp, s => s.BytesDown);

    /// <summary>Live sessions by transport and domain. Those that have not named one yet are in none: a label is only ever a configured name.</summary>
    public IEnumerable<Measurement<long>> Active()
    {
        lock (_lock)
        {
            var counts = _seen.ToDictionary(key => key, _ => 0L);
            foreach (var session in registry.Sessions)
            {
                if (session.Domain is { Length: > 0 } domain)
                {
                    var key = (session.Transport, domain);
                    counts[key] = counts.GetValueOrDefault(key) + 1;
                }
            }

            _seen.UnionWith(counts.Keys);
            return [.. counts.Select(c => new Measurement<long>(c.Value, new("transport", c.Key.Transport.ToLabel()), new("domain", c.Key.Domain)))];
        }
    }

    private Measurement<long>[] Measure(Func<Sums, long> up, Func<Sums, long> down)
    {
        Sums[] sums;
        lock (_lock)
        {
            sums = [.. _ended];
            foreach (var session in registry.Sessions)
            {
                sums[(int)session.Transport].Add(session.Counters);
            }
        }

        return [.. Transports.SelectMany<ClientTransport, Measurement<long>>(transport =>
        [
            new(up(sums[(int)transport]), new("transport", transport.ToLabel()), new("direction", "up")),
            new(down(sums[(int)transport]), new("transport", transport.ToLabel()), new("direction", "down")),
        ])];
    }

    private struct Sums
    {
        public long StanzasUp;
        public long StanzasDown;
        public long BytesUp;
        public long BytesDown;

        public void Add(SessionCounters counters)
        {
            StanzasUp += counters.StanzasUp;
            StanzasDown += counters.StanzasDown;
            BytesUp += counters.BytesUp;
            BytesDown += counters.BytesDown;
        }
    }
}
