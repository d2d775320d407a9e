using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Numerics;
using System.Text;

namespace Gateway.Core.Backend.ProxyProtocol;

/// <summary>The bytes of a PROXY header, versions 1 and 2 ("The PROXY protocol", revision of 2026-04-27). Pure.</summary>
public static class ProxyProtocolHeader
{
    /// <summary>Longest header of version 1, with CR LF (PP-010).</summary>
    public const int LongestV1 = 107;

    private const int FixedV2 = 16;
    private const int AddressesOf4 = 12;
    private const int AddressesOf6 = 36;

    // All that may follow: ALPN and other fields of a fixed few bytes, and an authority, which is a host name.
    private const int LongestAuthority = 255;
    private const int LongestText = 64;

    private enum Field : byte
    {
        Authority = 0x02,
        Crc32C = 0x03,
        UniqueId = 0x05,
        Ssl = 0x20,
        SslVersion = 0x21,
        SslCipher = 0x23,
    }

    private static ReadOnlySpan<byte> Signature => "\r\n\r\n\0\r\nQUIT\n"u8;

    /// <summary>For a connection that is made for a client.</summary>
    /// <param name="version">1 or 2.</param>
    /// <param name="client">Whose addresses it tells; without them the header says that they are not known.</param>
    /// <param name="uniqueId">The session's name, for <see cref="ProxyProtocolFields.UniqueId"/>.</param>
    /// <param name="fields">What version 2 says beside them.</param>
    public static byte[] ForClient(ProxyProtocolVersion version, Sessions.ClientConnection client, string uniqueId, ProxyProtocolFields fields)
    {
        ArgumentNullException.ThrowIfNull(client);
        if (client.Remote is not { } remote || client.Local is not { } local)
        {
            return version == ProxyProtocolVersion.V1 ? "PROXY UNKNOWN\r\n"u8.ToArray() : Local();
        }

        return version == ProxyProtocolVersion.V1 ? Line(remote, local) : Binary(remote, local, client, uniqueId, fields);
    }

    /// <summary>For a connection that the gateway makes for itself (PP-027).</summary>
    /// <param name="version">1 or 2.</param>
    /// <param name="from">The connection's own end, told by version 1.</param>
    /// <param name="to">Its other end.</param>
    public static byte[] ForItself(ProxyProtocolVersion version, IPEndPoint from, IPEndPoint to) =>
        version == ProxyProtocolVersion.V1 ? Line(from, to) : Local();

    private static byte[] Local()
    {
        var header = new byte[FixedV2];
        Signature.CopyTo(header);
        header[12] = 0x20;
        return header;
    }

    private static byte[] Line(IPEndPoint source, IPEndPoint destination)
    {
        var isFour = Align(source, destination, out var from, out var to);
        return Encoding.ASCII.GetBytes(string.Create(
            System.Globalization.CultureInfo.InvariantCulture, $"PROXY {(isFour ? "TCP4" : "TCP6")} {Text(from)} {Text(to)} {source.Port} {destination.Port}\r\n"));
    }

    private static byte[] Binary(IPEndPoint source, IPEndPoint destination, Sessions.ClientConnection client, string uniqueId, ProxyProtocolFields fields)
    {
        var isFour = Align(source, destination, out var from, out var to);
        Span<byte> header = stackalloc byte[FixedV2 + AddressesOf6 + 3 + LongestAuthority + 3 + LongestText + 3 + 5 + (2 * (3 + LongestText)) + 3 + sizeof(uint)];
        Signature.CopyTo(header);
        header[12] = 0x21;
        header[13] = isFour ? (byte)0x11 : (byte)0x21;
        var at = FixedV2 + (isFour ? AddressesOf4 : AddressesOf6);
        var addresses = header[FixedV2..at];
        var size = (addresses.Length - (2 * sizeof(ushort))) / 2;
        from.TryWriteBytes(addresses, out _);
        to.TryWriteBytes(addresses[size..], out _);
        BinaryPrimitives.WriteUInt16BigEndian(addresses[(2 * size)..], (ushort)source.Port);
        BinaryPrimitives.WriteUInt16BigEndian(addresses[((2 * size) + sizeof(ushort))..], (ushort)destination.Port);

        if (fields.HasFlag(ProxyProtocolFields.Authority) && client.Authority is { Length: > 0 } authority && Encoding.UTF8.GetByteCount(authority) <= LongestAuthority)
        {
            at += Put(header[at..], Field.Authority, authority);
        }

        if (fields.HasFlag(ProxyProtocolFields.UniqueId))
        {
            at += Put(header[at..], Field.UniqueId, uniqueId);
        }

        if (fields.HasFlag(ProxyProtocolFields.Ssl) && client.Tls is { } tls)
        {
            var ssl = header[(at + 3)..];
            var length = 5;
            ssl[0] = 0x01; // TLS was used
            BinaryPrimitives.WriteUInt32BigEndian(ssl[1..], 1); // and no client certificate verified
            length += Put(ssl[length..], Field.SslVersion, tls.Version);
            length += Put(ssl[length..], Field.SslCipher, tls.Cipher);
            PutHead(header[at..], Field.Ssl, length);
            at += 3 + length;
        }

        var hasChecksum = fields.HasFlag(ProxyProtocolFields.Crc32C);
        if (hasChecksum)
        {
            PutHead(header[at..], Field.Crc32C, sizeof(uint));
            header.Slice(at + 3, sizeof(uint)).Clear();
            at += 3 + sizeof(uint);
        }

        BinaryPrimitives.WriteUInt16BigEndian(header[14..], (ushort)(at - FixedV2));
        if (hasChecksum)
        {
            BinaryPrimitives.WriteUInt32BigEndian(header[(at - sizeof(uint))..], Checksum(header[..at]));
        }

        return header[..at].ToArray();
    }

    /// <summary>CRC-32C over the header with zeros where the checksum stands (PP-023).</summary>
    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes)
        {
            crc = BitOperations.Crc32C(crc, b);
        }

        return ~crc;
    }

    private static int Put(Span<byte> at, Field field, string value)
    {
        var length = Encoding.UTF8.GetBytes(value, at[3..]);
        PutHead(at, field, length);
        return 3 + length;
    }

    private static void PutHead(Span<byte> at, Field field, int length)
    {
        at[0] = (byte)field;
        BinaryPrimitives.WriteUInt16BigEndian(at[1..], (ushort)length);
    }

    /// <summary>Brings both addresses to one family: IPv4 if both are, however they are written (PP-024), otherwise IPv6 (PP-029).</summary>
    private static bool Align(IPEndPoint source, IPEndPoint destination, out IPAddress from, out IPAddress to)
    {
        (from, to) = (Plain(source.Address), Plain(destination.Address));
        if (from.AddressFamily == AddressFamily.InterNetwork && to.AddressFamily == AddressFamily.InterNetwork)
        {
            return true;
        }

        (from, to) = (from.MapToIPv6(), to.MapToIPv6());
        return false;
    }

    /// <summary>An address in the form of PP-011: hexadecimal groups only, where the platform would write the last two of some with dots.</summary>
    private static string Text(IPAddress address)
    {
        var text = address.ToString();
        if (address.AddressFamily == AddressFamily.InterNetwork || !text.Contains('.', StringComparison.Ordinal))
        {
            return text;
        }

        var bytes = address.GetAddressBytes();
        return string.Join(':', Enumerable.Range(0, 8).Select(i =>
            BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(2 * i)).ToString("x", System.Globalization.CultureInfo.InvariantCulture)));
    }

    /// <summary>Without the form of a dual-stack socket and without a zone, which means nothing on another machine.</summary>
    private static IPAddress Plain(IPAddress address) =>
        address.IsIPv4MappedToIPv6 ? address.MapToIPv4()
        : address is { AddressFamily: AddressFamily.InterNetworkV6, ScopeId: not 0 } ? new IPAddress(address.GetAddressBytes())
        : address;
}
