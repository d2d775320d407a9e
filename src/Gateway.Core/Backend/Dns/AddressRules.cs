using System.Net;
using System.Net.Sockets;

namespace Gateway.Core.Backend.Dns;

/// <summary>Which addresses a DNS answer may lead to (DISC-035).</summary>
public static class AddressRules
{
    private static readonly IPNetwork[] Private =
    [
        // RFC 6890 and what it lists: "this" network, private, shared, loopback, link-local, special assignments, benchmarks.
        .. Networks("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.168.0.0/16", "198.18.0.0/15"),
        .. Networks("::/127", "fc00::/7", "fe80::/10", "fec0::/10"),
    ];

    private static readonly IPNetwork[] Impossible = [.. Networks("224.0.0.0/4", "255.255.255.255/32", "ff00::/8")];

    // Forms of IPv6 that carry an IPv4 address: NAT64 (RFC 6052), compatible ones (RFC 4291), 6to4 (RFC 3056).
    private static readonly (IPNetwork Network, int Offset)[] Carriers =
        [(IPNetwork.Parse("64:ff9b::/96"), 12), (IPNetwork.Parse("::/96"), 12), (IPNetwork.Parse("2002::/16"), 2)];

    /// <summary>No connection leads there: multicast, broadcast.</summary>
    public static bool IsImpossible(IPAddress address) => IsIn(address, Impossible);

    /// <summary>Loopback, link-local, unspecified or private: inside the operator's network, not on the Internet.</summary>
    public static bool IsPrivate(IPAddress address) => IsIn(address, Private);

    private static bool IsIn(IPAddress address, IPNetwork[] networks)
    {
        ArgumentNullException.ThrowIfNull(address);
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return Array.Exists(networks, n => n.Contains(plain)) || (Carried(plain) is { } inner && Array.Exists(networks, n => n.Contains(inner)));
    }

    private static IPAddress? Carried(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return null;
        }

        foreach (var (network, offset) in Carriers)
        {
            if (network.Contains(address))
            {
                return new IPAddress(address.GetAddressBytes().AsSpan(offset, 4));
            }
        }

        return null;
    }

    private static IEnumerable<IPNetwork> Networks(params string[] texts) => texts.Select(IPNetwork.Parse);
}
