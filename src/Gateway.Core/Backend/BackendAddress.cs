using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Gateway.Core.Backend;

/// <summary>A server's address as an operator writes it: <c>host:port</c>, <c>host</c>, <c>1.2.3.4:port</c>, <c>[v6]:port</c>.</summary>
/// <param name="Host">A DNS name or an address, without brackets.</param>
/// <param name="Port">1 to 65535; 0 if none was written.</param>
public sealed record BackendAddress(string Host, int Port)
{
    /// <summary>The port of servers that are reached without direct TLS (RFC 6120 §14.7).</summary>
    public const int DefaultPort = 5222;

    /// <summary>It is on this machine, and says so itself.</summary>
    public bool IsLoopback => IPAddress.TryParse(Host, out var literal) ? IPAddress.IsLoopback(literal) : Host.Equals("localhost", StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads an address.</summary>
    /// <param name="text">As configured.</param>
    /// <param name="address">The parts.</param>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out BackendAddress? address)
    {
        address = null;
        if (string.IsNullOrEmpty(text))
        {
            return false;
        }

        var hostEnd = text[0] == '[' ? text.IndexOf(']', StringComparison.Ordinal) + 1 : text.IndexOf(':', StringComparison.Ordinal);
        hostEnd = hostEnd < 0 ? text.Length : hostEnd;
        var host = text[..hostEnd];
        var port = 0;
        if (hostEnd < text.Length
            && (text[hostEnd] != ':'
                || !int.TryParse(text.AsSpan(hostEnd + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port)
                || port is < 1 or > ushort.MaxValue))
        {
            return false;
        }

        if (host.StartsWith('['))
        {
            host = host[1..^1];
            if (!IPAddress.TryParse(host, out var literal) || literal.AddressFamily != AddressFamily.InterNetworkV6)
            {
                return false;
            }
        }
        else if (Uri.CheckHostName(host) is not (UriHostNameType.Dns or UriHostNameType.IPv4))
        {
            return false;
        }

        address = new BackendAddress(host, port);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";
}
