using System.Net;

namespace Gateway.Core.Backend.Dns;

/// <summary>What a message said to one question.</summary>
/// <param name="Outcome">How it went.</param>
/// <param name="IsTruncated">There is more than the message could hold: to be asked again over TCP (DISC-036).</param>
/// <param name="Ttl">How long it may be kept, in seconds; of all records that led to it the shortest. 0 when nothing was found.</param>
/// <param name="Services">The SRV records, in the order of the message.</param>
/// <param name="Addresses">The addresses, in the order of the message.</param>
public sealed record DnsAnswer(DnsOutcome Outcome, bool IsTruncated, uint Ttl, IReadOnlyList<SrvRecord> Services, IReadOnlyList<IPAddress> Addresses)
{
    /// <summary>Nobody answered.</summary>
    public static DnsAnswer None { get; } = new(DnsOutcome.NoAnswer, false, 0, [], []);

    /// <summary>Who was asked in vain and for how long, for the log; null if somebody answered.</summary>
    public string? Failure { get; init; }
}
