using System.Buffers.Binary;
using System.Net;

namespace Gateway.Core.Backend.Dns;

/// <summary>
/// The wire format of one question and its answer (RFC 1035 §4.1, DISC-037, DISC-038). Pure, and linear in the message's length:
/// a name costs at most 255 bytes and 64 jumps, an answer is walked at most once for each alias that is followed.
/// </summary>
public static class DnsMessage
{
    /// <summary>Most bytes of a query: header, longest name, type and class.</summary>
    public const int MaxQueryLength = HeaderLength + MaxNameLength + 4;

    private const int HeaderLength = 12;
    private const int MaxNameLength = 255;
    private const int MaxLabelLength = 63;
    private const int MaxJumps = 64;
    private const int MaxAliases = 8;
    private const ushort Internet = 1;
    private const ushort RecursionDesired = 0x0100;

    /// <summary>Writes a query.</summary>
    /// <param name="output">At least <see cref="MaxQueryLength"/> bytes.</param>
    /// <param name="id">The query's id.</param>
    /// <param name="name">A name of ASCII letters, digits, hyphens and underscores, with or without its last dot.</param>
    /// <param name="type">What is asked for.</param>
    /// <returns>Bytes written; 0 if the name is none.</returns>
    public static int WriteQuery(Span<byte> output, ushort id, string name, DnsRecordType type)
    {
        ArgumentNullException.ThrowIfNull(name);
        output[..HeaderLength].Clear();
        BinaryPrimitives.WriteUInt16BigEndian(output, id);
        BinaryPrimitives.WriteUInt16BigEndian(output[2..], RecursionDesired);
        BinaryPrimitives.WriteUInt16BigEndian(output[4..], 1);
        var at = HeaderLength;
        foreach (var range in name.AsSpan().TrimEnd('.').Split('.'))
        {
            var label = name.AsSpan(range);
            if (label.Length is 0 or > MaxLabelLength || at + 1 + label.Length + 1 > HeaderLength + MaxNameLength)
            {
                return 0;
            }

            output[at++] = (byte)label.Length;
            foreach (var c in label)
            {
                if (!IsNameByte(c))
                {
                    return 0;
                }

                output[at++] = (byte)c;
            }
        }

        output[at++] = 0;
        BinaryPrimitives.WriteUInt16BigEndian(output[at..], (ushort)type);
        BinaryPrimitives.WriteUInt16BigEndian(output[(at + 2)..], Internet);
        return at + 4;
    }

    /// <summary>Reads the answer to one query; what belongs to no query of ours, or is no DNS message, is refused (DISC-039).</summary>
    /// <param name="message">As it came.</param>
    /// <param name="id">The query's id.</param>
    /// <param name="name">The query's name.</param>
    /// <param name="type">The query's type.</param>
    /// <param name="answer">What it says; aliases are followed within the message (DISC-032).</param>
    public static bool TryRead(ReadOnlySpan<byte> message, ushort id, string name, DnsRecordType type, out DnsAnswer answer)
    {
        ArgumentNullException.ThrowIfNull(name);
        answer = DnsAnswer.None;
        if (message.Length < HeaderLength || BinaryPrimitives.ReadUInt16BigEndian(message) != id)
        {
            return false;
        }

        var flags = BinaryPrimitives.ReadUInt16BigEndian(message[2..]);
        const int Response = 0x8000, OpCode = 0x7800, Truncated = 0x0200, ResponseCode = 0x000F;
        var asked = name.TrimEnd('.').ToLowerInvariant();
        var at = HeaderLength;
        if ((flags & (Response | OpCode)) != Response
            || BinaryPrimitives.ReadUInt16BigEndian(message[4..]) != 1
            || !TryReadName(message, ref at, out var question) || question != asked
            || !TryReadUInt16(message, ref at, out var questionType) || questionType != (ushort)type
            || !TryReadUInt16(message, ref at, out var questionClass) || questionClass != Internet)
        {
            return false;
        }

        if ((flags & Truncated) != 0)
        {
            answer = DnsAnswer.None with { IsTruncated = true };
            return true;
        }

        const int NoError = 0, NameError = 3;
        switch (flags & ResponseCode)
        {
            case NameError:
                answer = DnsAnswer.None with { Outcome = DnsOutcome.NoData };
                return true;
            case NoError:
                return TryReadRecords(message, at, BinaryPrimitives.ReadUInt16BigEndian(message[6..]), asked, type, out answer);
            default:
                return true;
        }
    }

    /// <summary>Walks the answer section, once more for each alias of the name asked for.</summary>
    private static bool TryReadRecords(ReadOnlySpan<byte> message, int start, int count, string name, DnsRecordType type, out DnsAnswer answer)
    {
        answer = DnsAnswer.None with { Outcome = DnsOutcome.NoData };
        var services = new List<SrvRecord>();
        var addresses = new List<IPAddress>();
        var ttl = uint.MaxValue;
        for (var aliases = 0; aliases <= MaxAliases; aliases++)
        {
            string? alias = null;
            var at = start;
            for (var i = 0; i < count; i++)
            {
                if (!TryReadRecord(message, ref at, out var record))
                {
                    return false;
                }

                if (record.Owner != name || record.Class != Internet)
                {
                    continue;
                }

                if (record.Type == (ushort)DnsRecordType.CName)
                {
                    var target = record.DataStart;
                    if (!TryReadName(message, ref target, out var found) || target != at)
                    {
                        return false;
                    }

                    (alias, ttl) = (found, Math.Min(ttl, record.Ttl));
                }
                else if (record.Type == (ushort)type)
                {
                    if (!TryReadData(message, record, at, type, services, addresses))
                    {
                        return false;
                    }

                    ttl = Math.Min(ttl, record.Ttl);
                }
            }

            if (services.Count + addresses.Count > 0)
            {
                answer = new DnsAnswer(DnsOutcome.Found, false, ttl, services, addresses);
                return true;
            }

            if (string.IsNullOrEmpty(alias))
            {
                return true;
            }

            name = alias;
        }

        return true;
    }

    private static bool TryReadData(ReadOnlySpan<byte> message, in Record record, int end, DnsRecordType type, List<SrvRecord> services, List<IPAddress> addresses)
    {
        if (type != DnsRecordType.Srv)
        {
            var length = type == DnsRecordType.A ? 4 : 16;
            if (end - record.DataStart != length)
            {
                return false;
            }

            addresses.Add(new IPAddress(message.Slice(record.DataStart, length)));
            return true;
        }

        var at = record.DataStart;
        if (!TryReadUInt16(message, ref at, out var priority) || !TryReadUInt16(message, ref at, out var weight) || !TryReadUInt16(message, ref at, out var port)
            || !TryReadName(message, ref at, out var target) || at != end)
        {
            return false;
        }

        // A target that is no host name leads nowhere; the other records still do.
        if (target is not null)
        {
            services.Add(new SrvRecord(priority, weight, port, target));
        }

        return true;
    }

    private static bool TryReadRecord(ReadOnlySpan<byte> message, ref int at, out Record record)
    {
        record = default;
        if (!TryReadName(message, ref at, out var owner) || !TryReadUInt16(message, ref at, out var type) || !TryReadUInt16(message, ref at, out var kind)
            || !TryReadUInt16(message, ref at, out var high) || !TryReadUInt16(message, ref at, out var low) || !TryReadUInt16(message, ref at, out var length)
            || length > message.Length - at)
        {
            return false;
        }

        // RFC 2181 §8: a time with its top bit set is none.
        var ttl = high > short.MaxValue ? 0 : ((uint)high << 16) | low;
        record = new Record(owner, type, kind, ttl, at);
        at += length;
        return true;
    }

    private static bool TryReadUInt16(ReadOnlySpan<byte> message, ref int at, out ushort value)
    {
        value = 0;
        return at + 2 <= message.Length && BinaryPrimitives.TryReadUInt16BigEndian(message.Slice((at += 2) - 2, 2), out value);
    }

    /// <summary>Reads a name, compressed or not. One with bytes that no host or service name has is null: nothing of ours matches it.</summary>
    private static bool TryReadName(ReadOnlySpan<byte> message, ref int at, out string? name)
    {
        name = null;
        Span<char> text = stackalloc char[MaxNameLength];
        var (length, jumps, position, end, isUsable) = (0, 0, at, -1, true);
        while (position < message.Length)
        {
            var head = message[position++];
            switch (head >> 6)
            {
                case 0 when head == 0:
                    at = end < 0 ? position : end;
                    name = isUsable ? new string(text[..Math.Max(0, length - 1)]) : null;
                    return true;
                case 0:
                    if (position + head > message.Length || length + head + 1 >= MaxNameLength)
                    {
                        return false;
                    }

                    foreach (var b in message.Slice(position, head))
                    {
                        isUsable &= IsNameByte((char)b);
                        text[length++] = char.ToLowerInvariant((char)b);
                    }

                    text[length++] = '.';
                    position += head;
                    break;
                case 3 when position < message.Length && ++jumps <= MaxJumps:
                    var target = ((head & 0x3F) << 8) | message[position++];
                    end = end < 0 ? position : end;
                    position = target;
                    break;
                default:
                    return false; // the two forms that RFC 1035 §4.1.4 keeps for later, a chain without end, or nothing there
            }
        }

        return false;
    }

    private static bool IsNameByte(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '_';

    private readonly record struct Record(string? Owner, ushort Type, ushort Class, uint Ttl, int DataStart);
}
