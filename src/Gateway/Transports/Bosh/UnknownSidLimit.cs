using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Gateway.Transports.Bosh;

/// <summary>
/// Who guesses sids is stopped (EDGE-033). One number for each of so many places, whatever comes: an address has the place that
/// its hash gives it, with a seed of this process. Two that share a place share the limit for guesses; what guesses nothing, a
/// creation above all, is refused only to an address that has filled its place alone.
/// </summary>
/// <param name="perMinute">Most requests with an unknown sid in a minute; 0: no limit.</param>
/// <param name="time">The clock.</param>
internal sealed class UnknownSidLimit(int perMinute, TimeProvider time)
{
    private const int Places = 1 << 14;
    private const int Window = 60;
    private const int CountBits = 20;
    private const int MarkBits = 12;
    private const uint Shared = 0;

    private readonly long _start = time.GetTimestamp();

    // From above: 32 bits for the second in which the window began, 12 for the mark of the one address that counted in it, 20
    // for the requests in it; that is enough for a million, which is the most that can be configured.
    private readonly long[] _places = new long[perMinute > 0 ? Places : 0];

    /// <summary>Judges a request that names no live session.</summary>
    /// <param name="context">The request; it is told when to come again.</param>
    /// <param name="isUnknown">It names one that does not exist, which counts.</param>
    /// <returns>Its answer, or null to go on.</returns>
    public BoshAdmission? Refuses(HttpContext context, bool isUnknown)
    {
        if (perMinute == 0)
        {
            return null;
        }

        var hash = HashOf(context.Connection.RemoteIpAddress);
        ref var place = ref _places[hash & (Places - 1)];
        var mark = Math.Max(hash >> (32 - MarkBits), 1);
        var now = (long)time.GetElapsedTime(_start).TotalSeconds;
        while (true)
        {
            var seen = Volatile.Read(ref place);
            var (since, owner, count) = (seen >> 32, (uint)seen >> CountBits, (uint)seen & ((1u << CountBits) - 1));
            if (now - since >= Window)
            {
                (since, count) = (now, 0);
            }

            owner = count == 0 ? mark : owner;
            if (count >= perMinute && (isUnknown || owner == mark))
            {
                context.Response.Headers.RetryAfter = (since + Window - now).ToString(CultureInfo.InvariantCulture);
                return BoshAdmission.WithStatus(StatusCodes.Status429TooManyRequests);
            }

            if (!isUnknown || Interlocked.CompareExchange(ref place, (since << 32) | ((owner == mark ? mark : Shared) << CountBits) | (count + 1), seen) == seen)
            {
                return null;
            }
        }
    }

    private static uint HashOf(IPAddress? address)
    {
        if (address is null)
        {
            return 0;
        }

        Span<byte> bytes = stackalloc byte[16];
        var isLong = address.AddressFamily == AddressFamily.InterNetworkV6 && !address.IsIPv4MappedToIPv6;
        (isLong ? address : address.MapToIPv6()).TryWriteBytes(bytes, out _);

        // A subscriber of IPv6 has a /64; one of IPv4 an address, which is at the end of a mapped one.
        return (uint)HashCode.Combine(isLong, BinaryPrimitives.ReadUInt64LittleEndian(isLong ? bytes : bytes[8..]));
    }
}
