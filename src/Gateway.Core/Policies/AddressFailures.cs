using System.Buffers.Binary;
using System.Net;

namespace Gateway.Core.Policies;

/// <summary>
/// Failed logins of the last hour by client address, an IPv6 network of 64 bits counting as one. Never by account: that would
/// let anyone lock accounts out (EDGE-038). An hour begins with an address's first failure.
/// </summary>
/// <param name="most">Failures within an hour after which an address is barred; 0: never.</param>
/// <param name="time">The clock.</param>
internal sealed class AddressFailures(int most, TimeProvider time)
{
    /// <summary>Most addresses that are known at a time, some 2 MiB; beyond, new ones are not counted until old ones are forgotten.</summary>
    internal const int MostAddresses = 32 * 1024;

    private static readonly TimeSpan Window = TimeSpan.FromHours(1);
    private static readonly TimeSpan BetweenSweeps = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<UInt128, Entry> _entries = [];
    private long _swept = time.GetTimestamp();

    /// <summary>Addresses that are known now.</summary>
    internal int Known
    {
        get
        {
            lock (_lock)
            {
                return _entries.Count;
            }
        }
    }

    /// <summary>Counts a failure. True: it was the one that bars the address.</summary>
    public bool Count(IPAddress? address)
    {
        if (most == 0 || address is null)
        {
            return false;
        }

        var key = KeyOf(address);
        lock (_lock)
        {
            if (!_entries.TryGetValue(key, out var entry) || IsOver(entry))
            {
                if (_entries.Count >= MostAddresses && !Sweep())
                {
                    return false;
                }

                entry = new Entry(time.GetTimestamp(), 0);
            }

            _entries[key] = entry with { Failures = entry.Failures + 1 };
            return entry.Failures + 1 == most;
        }
    }

    /// <summary>The address has used up what it may.</summary>
    public bool IsBarred(IPAddress? address, out TimeSpan retryAfter)
    {
        retryAfter = default;
        if (most == 0 || address is null)
        {
            return false;
        }

        lock (_lock)
        {
            if (_entries.Count == 0 || !_entries.TryGetValue(KeyOf(address), out var entry) || entry.Failures < most || IsOver(entry))
            {
                return false;
            }

            retryAfter = Window - time.GetElapsedTime(entry.Since);
            return true;
        }
    }

    private static UInt128 KeyOf(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).TryWriteBytes(bytes, out var length);
        if (length == 4)
        {
            return BinaryPrimitives.ReadUInt32BigEndian(bytes);
        }

        // EDGE-029: the lower half is the client's to choose. No IPv4 address has a bit up there.
        return (UInt128)BinaryPrimitives.ReadUInt64BigEndian(bytes) << 64;
    }

    private bool IsOver(Entry entry) => time.GetElapsedTime(entry.Since) >= Window;

    /// <summary>Forgets what is over, not too often: it walks over everything.</summary>
    private bool Sweep()
    {
        if (time.GetElapsedTime(_swept) < BetweenSweeps)
        {
            return false;
        }

        _swept = time.GetTimestamp();
        foreach (var (key, entry) in _entries)
        {
            if (IsOver(entry))
            {
                _entries.Remove(key);
            }
        }

        return _entries.Count < MostAddresses;
    }

    private readonly record struct Entry(long Since, int Failures);
}
