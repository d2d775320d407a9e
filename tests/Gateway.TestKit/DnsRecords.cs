using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace Gateway.TestKit;

/// <summary>The records of one name, in wire format; the owner is a pointer to the question (RFC 1035 §4.1.4).</summary>
public sealed class DnsRecords
{
    private const ushort AType = 1;
    private const ushort AaaaType = 28;
    private const ushort SrvType = 33;

    private readonly Lock _lock = new();
    private readonly List<(ushort Type, byte[] Bytes)> _records = [];

    /// <summary>Adds an SRV record.</summary>
    public DnsRecords Srv(ushort priority, ushort weight, int port, string target, uint ttl = 300)
    {
        var data = new byte[6];
        BinaryPrimitives.WriteUInt16BigEndian(data, priority);
        BinaryPrimitives.WriteUInt16BigEndian(data.AsSpan(2), weight);
        BinaryPrimitives.WriteUInt16BigEndian(data.AsSpan(4), (ushort)port);
        return Add(SrvType, ttl, [.. data, .. Name(target)]);
    }

    /// <summary>Adds an address of either family.</summary>
    public DnsRecords Address(string address, uint ttl = 300)
    {
        var bytes = IPAddress.Parse(address).GetAddressBytes();
        return Add(bytes.Length == 4 ? AType : AaaaType, ttl, bytes);
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            _records.Clear();
        }
    }

    /// <summary>A name in wire format.</summary>
    /// <param name="name">Labels with dots between them; empty or a dot for the root.</param>
    public static byte[] Name(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var labels = name.Split('.', StringSplitOptions.RemoveEmptyEntries);
        return [.. labels.SelectMany(l => Encoding.Latin1.GetBytes(l).Prepend((byte)l.Length)), 0];
    }

    internal IReadOnlyList<byte[]> Of(ushort type)
    {
        lock (_lock)
        {
            return [.. _records.Where(r => r.Type == type).Select(r => r.Bytes)];
        }
    }

    private DnsRecords Add(ushort type, uint ttl, byte[] data)
    {
        var record = new byte[12 + data.Length];
        record[0] = 0xC0;
        record[1] = 12; // the question's name
        BinaryPrimitives.WriteUInt16BigEndian(record.AsSpan(2), type);
        BinaryPrimitives.WriteUInt16BigEndian(record.AsSpan(4), 1);
        BinaryPrimitives.WriteUInt32BigEndian(record.AsSpan(6), ttl);
        BinaryPrimitives.WriteUInt16BigEndian(record.AsSpan(10), (ushort)data.Length);
        data.CopyTo(record.AsSpan(12));
        lock (_lock)
        {
            _records.Add((type, record));
        }

        return this;
    }
}
