using System.Net;
using Gateway.Core.Backend.Dns;

namespace Gateway.Fuzz.Targets;

/// <summary>Reads an answer to one question with lists and strings, all records first and their meaning after: slow, and hard to get wrong.</summary>
internal sealed class PlainDnsReader
{
    private const int MostAliases = 8;

    private readonly byte[] _message;
    private int _at;

    private PlainDnsReader(byte[] message) => _message = message;

    /// <summary>What the message says; null if it is no answer to that question.</summary>
    public static DnsAnswer? Read(byte[] message, ushort id, string name, DnsRecordType type)
    {
        try
        {
            return new PlainDnsReader(message).Read(id, name, type);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private DnsAnswer? Read(ushort id, string name, DnsRecordType type)
    {
        var header = Enumerable.Range(0, 6).Select(_ => UInt16()).ToArray();
        if (header[0] != id || header[1] >> 11 != 0b10000 || header[2] != 1 || Name() != name || UInt16() != (int)type || UInt16() != 1)
        {
            return null;
        }

        if ((header[1] & 0x0200) != 0)
        {
            return DnsAnswer.None with { IsTruncated = true };
        }

        var outcome = header[1] & 0xF;
        return outcome == 0 ? Meaning(header[3], name, type) : DnsAnswer.None with { Outcome = outcome == 3 ? DnsOutcome.NoData : DnsOutcome.NoAnswer };
    }

    /// <summary>The records are read again for each alias, as the product does: what nobody looks at may be broken.</summary>
    private DnsAnswer Meaning(int count, string name, DnsRecordType type)
    {
        var start = _at;
        var ttl = uint.MaxValue;
        for (var aliases = 0; aliases <= MostAliases; aliases++)
        {
            var (services, addresses, alias) = (new List<SrvRecord>(), new List<IPAddress>(), (string?)null);
            _at = start;
            for (var i = 0; i < count; i++)
            {
                var owner = Name();
                var (kind, space) = (UInt16(), UInt16());
                var time = ((uint)UInt16() << 16) | (uint)UInt16();
                var end = UInt16() + _at;
                Demand(end <= _message.Length);
                if (owner == name && space == 1 && kind == 5)
                {
                    (alias, ttl) = (Name(), Math.Min(ttl, Time(time)));
                    Demand(_at == end);
                }
                else if (owner == name && space == 1 && kind == (int)type)
                {
                    ttl = Math.Min(ttl, Time(time));
                    if (type == DnsRecordType.Srv)
                    {
                        var (priority, weight, port, target) = (UInt16(), UInt16(), UInt16(), Name());
                        Demand(_at == end);
                        if (target is not null)
                        {
                            services.Add(new SrvRecord((ushort)priority, (ushort)weight, (ushort)port, target));
                        }
                    }
                    else
                    {
                        Demand(end - _at == (type == DnsRecordType.A ? 4 : 16));
                        addresses.Add(new IPAddress(_message[_at..end]));
                    }
                }

                _at = end;
            }

            if (services.Count + addresses.Count > 0)
            {
                return new DnsAnswer(DnsOutcome.Found, false, ttl, services, addresses);
            }

            if (string.IsNullOrEmpty(alias))
            {
                break;
            }

            name = alias;
        }

        return DnsAnswer.None with { Outcome = DnsOutcome.NoData };
    }

    private static uint Time(uint seconds) => seconds > int.MaxValue ? 0 : seconds;

    /// <summary>In lower case, labels joined by dots; null if it has bytes that no host has.</summary>
    private string? Name()
    {
        var labels = new List<string>();
        var (at, after, jumps, isHost) = (_at, 0, 0, true);
        while (true)
        {
            Demand(at < _message.Length);
            int length = _message[at++];
            if (length >= 0xC0)
            {
                Demand(at < _message.Length && ++jumps <= 64);
                after = after == 0 ? at + 1 : after;
                at = ((length & 0x3F) << 8) | _message[at];
                continue;
            }

            Demand(length < 0x40 && at + length <= _message.Length);
            if (length == 0)
            {
                break;
            }

            Demand(labels.Sum(l => l.Length + 1) + length + 1 < 255);
            labels.Add(new string([.. _message[at..(at + length)].Select(b => (char)b)]));
            isHost &= labels[^1].All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');
            at += length;
        }

        _at = after == 0 ? at : after;
        return isHost ? string.Join('.', labels).ToLowerInvariant() : null;
    }

    private int UInt16()
    {
        Demand(_at + 2 <= _message.Length);
        _at += 2;
        return (_message[_at - 2] << 8) | _message[_at - 1];
    }

    private static void Demand(bool isSo)
    {
        if (!isSo)
        {
            throw new FormatException();
        }
    }
}
