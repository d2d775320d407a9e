using System.Net;
using Gateway.Core.Backend.Dns;
using Gateway.Fuzz.Inputs;
using Gateway.TestKit;

namespace Gateway.Fuzz.Targets;

/// <summary>
/// Answers of DNS servers (RFC 1035, RFC 2782). The first byte says what was asked for, the rest is the message. Whatever the product
/// makes of it, a second reader that was written for nothing but being plain makes the same of it.
/// </summary>
internal sealed class DnsTarget : ParserTarget
{
    private const ushort Id = 0x1234;
    private const string Service = "_xmpp-client._tcp.example.org";
    private const string Host = "a.example.org";

    /// <inheritdoc/>
    public override string Name => "dns";

    /// <inheritdoc/>
    public override byte[] Generate(Random random)
    {
        var message = Message(random);
        return random.Next(3) == 0 ? message : Mutator.Mutate(random, message, Message(random));
    }

    /// <inheritdoc/>
    protected override void Run(byte[] input)
    {
        if (input.Length == 0)
        {
            return;
        }

        var type = TypeOf(input[0]);
        var name = type == DnsRecordType.Srv ? Service : Host;
        var message = input[1..];
        var isAnswer = DnsMessage.TryRead(message, Id, name, type, out var answer);
        var expected = PlainDnsReader.Read(message, Id, name, type);

        isAnswer.ShouldBe(expected is not null);
        if (expected is null)
        {
            return;
        }

        (answer.Outcome, answer.IsTruncated).ShouldBe((expected.Outcome, expected.IsTruncated));
        answer.Services.ShouldBe(expected.Services);
        answer.Addresses.ShouldBe(expected.Addresses);
        answer.Ttl.ShouldBe(expected.Ttl);
        answer.Services.ShouldAllBe(s => s.Target.Length < 254 && s.Target.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-' || c == '_' || c == '.'));
    }

    private static DnsRecordType TypeOf(byte chosen) => (chosen % 3) switch { 0 => DnsRecordType.Srv, 1 => DnsRecordType.A, _ => DnsRecordType.Aaaa };

    private static byte[] Message(Random random)
    {
        var chosen = (byte)random.Next(3);
        var type = TypeOf(chosen);
        var name = type == DnsRecordType.Srv ? Service : Host;
        var count = random.Next(5);
        var message = new List<byte> { chosen, Id >> 8, Id & 0xFF, 0x81, (byte)(0x80 | (random.Next(8) == 0 ? random.Next(6) : 0)), 0, 1, 0, (byte)count, 0, 0, 0, 0 };
        message.AddRange(DnsRecords.Name(random.Next(4) == 0 ? name.ToUpperInvariant() : name));
        message.AddRange([0, (byte)type, 0, 1]);
        byte[] owner = [0xC0, 12];
        for (var i = 0; i < count; i++)
        {
            var isAlias = random.Next(4) == 0;
            byte[] data = isAlias ? DnsRecords.Name("b.example.org")
                : type == DnsRecordType.Srv ? [0, (byte)random.Next(3), 0, (byte)random.Next(3), 20, 102, .. random.Next(2) == 0 ? DnsRecords.Name("s.example.org") : (byte[])[1, (byte)'s', 0xC0, 30]]
                : (type == DnsRecordType.A ? IPAddress.Loopback : IPAddress.IPv6Loopback).GetAddressBytes();
            message.AddRange(owner);
            message.AddRange([0, (byte)(isAlias ? 5 : (int)type), 0, 1, (byte)(random.Next(8) == 0 ? 0x80 : 0), 0, 1, 44, 0, (byte)data.Length]);
            message.AddRange(data);
            owner = isAlias ? DnsRecords.Name("b.example.org") : owner;
        }

        return [.. message];
    }
}
