using System.Globalization;
using System.Net;
using Gateway.Core.Backend.Dns;
using Gateway.TestKit;

namespace Gateway.Core.Tests.Backend.Dns;

public sealed class DnsMessageTests
{
    private const ushort Id = 0x1234;
    private const string Name = "_xmpp-client._tcp.example.com";

    [Fact]
    [Trait("Requirement", "DISC-037")]
    public void WriteQuery_Name_IsAsRfc1035Draws()
    {
        var output = new byte[DnsMessage.MaxQueryLength];

        var length = DnsMessage.WriteQuery(output, Id, "a.example.", DnsRecordType.Srv);

        Convert.ToHexString(output.AsSpan(0, length)).ShouldBe("1234" + "0100" + "0001" + "0000" + "0000" + "0000" + "0161076578616D706C6500" + "0021" + "0001");
    }

    [Theory]
    [InlineData("")]
    [InlineData("a..b")]
    [InlineData("bücher.example")]
    [InlineData("a b.example")]
    public void WriteQuery_NoName_WritesNothing(string name) => DnsMessage.WriteQuery(new byte[DnsMessage.MaxQueryLength], Id, name, DnsRecordType.A).ShouldBe(0);

    [Fact]
    public void WriteQuery_LabelsAndNamesTooLong_WriteNothing()
    {
        var output = new byte[DnsMessage.MaxQueryLength];

        DnsMessage.WriteQuery(output, Id, new string('a', 64) + ".example", DnsRecordType.A).ShouldBe(0);
        DnsMessage.WriteQuery(output, Id, string.Join('.', Enumerable.Repeat(new string('a', 63), 4)), DnsRecordType.A).ShouldBe(0);
        DnsMessage.WriteQuery(output, Id, string.Join('.', Enumerable.Repeat(new string('a', 63), 3)) + "." + new string('a', 61), DnsRecordType.A)
            .ShouldBe(DnsMessage.MaxQueryLength);
    }

    [Fact]
    [Trait("Requirement", "DISC-037")]
    [Trait("Requirement", "DISC-038")]
    public void Read_TheChecklistsRecord_GivesItsParts()
    {
        var answer = Read(Message(Record(33, "0005000a1467016107" + "6578616d706c65036e657400")));

        answer.Outcome.ShouldBe(DnsOutcome.Found);
        answer.Ttl.ShouldBe(300u);
        answer.Services.ShouldHaveSingleItem().ShouldBe(new SrvRecord(5, 10, 5223, "a.example.net"));
    }

    [Fact]
    [Trait("Requirement", "DISC-038")]
    public void Read_CompressedTarget_IsFollowed() =>
        // "xmpp" and then the question's "example.com", which begins at 12 + 13 + 5.
        Read(Message(Record(33, "000000001466" + "04786d7070c01e"))).Services.ShouldHaveSingleItem().Target.ShouldBe("xmpp.example.com");

    [Fact]
    [Trait("Requirement", "DISC-036")]
    public void Read_ManyRecords_GivesAll()
    {
        var records = Enumerable.Range(0, 300).Select(i => Record(33, $"{i:x4}00001466" + "016100")).ToArray();

        Read(Message(records)).Services.Select(s => (int)s.Priority).ShouldBe(Enumerable.Range(0, 300));
    }

    [Fact]
    [Trait("Requirement", "DISC-032")]
    public void Read_AliasesInAnyOrder_AreFollowed()
    {
        var message = Message(
            DnsRecordType.A,
            [.. DnsRecords.Name("c"), .. Record(1, "c0000207", owner: "", ttl: 70)],
            [.. DnsRecords.Name("b"), .. Record(5, "016300", owner: "", ttl: 60)],
            Record(5, "016200"),
            [.. DnsRecords.Name("stranger"), .. Record(1, "0a000001", owner: "")]);

        var answer = Read(message, type: DnsRecordType.A);

        answer.Addresses.ShouldHaveSingleItem().ShouldBe(IPAddress.Parse("192.0.2.7"));
        answer.Ttl.ShouldBe(60u);
    }

    [Fact]
    public void Read_AliasesInACircle_IsNoData() =>
        Read(Message(DnsRecordType.A, Record(5, "016200"), [.. DnsRecords.Name("b"), .. Record(5, "c00c", owner: "")]), type: DnsRecordType.A).Outcome.ShouldBe(DnsOutcome.NoData);

    [Fact]
    [Trait("Requirement", "DISC-028")]
    public void Read_TargetOfTheRoot_IsARecordThatSaysNo()
    {
        var answer = Read(Message(Record(33, "000000000000" + "00")));

        answer.Outcome.ShouldBe(DnsOutcome.Found);
        answer.Services.ShouldHaveSingleItem().Target.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(0x8183, DnsOutcome.NoData)]
    [InlineData(0x8182, DnsOutcome.NoAnswer)]
    [InlineData(0x8185, DnsOutcome.NoAnswer)]
    [InlineData(0x8180, DnsOutcome.NoData)]
    [Trait("Requirement", "DISC-037")]
    public void Read_ResponseCode_IsItsOutcome(int flags, DnsOutcome outcome) => Read(Message(flags)).Outcome.ShouldBe(outcome);

    [Fact]
    [Trait("Requirement", "DISC-036")]
    public void Read_Truncated_SaysSo() => Read(Message(0x8380)).IsTruncated.ShouldBeTrue();

    [Fact]
    [Trait("Requirement", "DISC-039")]
    public void Read_AnswerToSomethingElse_IsRefused()
    {
        var message = Message(Record(33, "000000001466" + "016100"));

        DnsMessage.TryRead(message, Id, Name.ToUpperInvariant() + ".", DnsRecordType.Srv, out _).ShouldBeTrue();
        DnsMessage.TryRead(message, Id + 1, Name, DnsRecordType.Srv, out _).ShouldBeFalse();
        DnsMessage.TryRead(message, Id, "_xmpps-client._tcp.example.com", DnsRecordType.Srv, out _).ShouldBeFalse();
        DnsMessage.TryRead(message, Id, Name, DnsRecordType.A, out _).ShouldBeFalse();
        DnsMessage.TryRead(Message(0x0180), Id, Name, DnsRecordType.Srv, out _).ShouldBeFalse("a query");
        DnsMessage.TryRead(Message(0x9180), Id, Name, DnsRecordType.Srv, out _).ShouldBeFalse("another opcode");
    }

    [Theory]
    [InlineData("000000001466" + "c0ff", "a pointer beyond the end")]
    [InlineData("000000001466" + "c041", "a pointer to itself")]
    [InlineData("000000001466" + "416100", "a reserved form")]
    [InlineData("000000001466" + "0161", "a target without end")]
    [InlineData("000000001466" + "01610000", "bytes behind the target")]
    [InlineData("0000", "no room for the numbers")]
    [InlineData("000000001466" + "3f6100", "a label beyond the end")]
    [Trait("Requirement", "DISC-038")]
    public void Read_BrokenTarget_IsRefused(string data, string what)
    {
        var message = Message(Record(33, data));
        what.Contains("itself", StringComparison.Ordinal).ShouldBe(message[^1] == message.Length - 2);

        DnsMessage.TryRead(message, Id, Name, DnsRecordType.Srv, out _).ShouldBeFalse(what);
    }

    [Fact]
    [Trait("Requirement", "DISC-038")]
    public void Read_LongNamesAndManyJumps_AreBounded()
    {
        var longest = string.Concat(Enumerable.Repeat("3f" + string.Concat(Enumerable.Repeat("61", 63)), 3));
        Accepts("000000001466" + longest + "3d" + string.Concat(Enumerable.Repeat("61", 61)) + "00").ShouldBeTrue();
        Accepts("000000001466" + longest + "3e" + string.Concat(Enumerable.Repeat("61", 62)) + "00").ShouldBeFalse();

        // Each pointer leads to the one before it; the first leads to the question's name.
        var (start, chain) = (Message([]).Length + 12 + 6, "");
        for (var i = 0; i < 65; i++)
        {
            chain += i == 0 ? "c00c" : string.Create(CultureInfo.InvariantCulture, $"c0{start + ((i - 1) * 2):x2}");
            var record = Record(16, "000000000000" + chain);
            var message = Message(record, Record(33, string.Create(CultureInfo.InvariantCulture, $"000000001466c0{start + (i * 2):x2}")));
            DnsMessage.TryRead(message, Id, Name, DnsRecordType.Srv, out _).ShouldBe(i + 2 <= 64, $"{i + 2} jumps");
        }
    }

    [Fact]
    public void Read_TargetThatIsNoHostName_LeavesTheOthers() =>
        Read(Message(Record(33, "000000001466" + "02612000"), Record(33, "000000001466" + "016200"))).Services.ShouldHaveSingleItem().Target.ShouldBe("b");

    [Theory]
    [InlineData("7f00", false)]
    [InlineData("7f000001", true)]
    [InlineData("7f00000101", false)]
    public void Read_AddressOfAnotherLength_IsRefused(string data, bool accepted) =>
        DnsMessage.TryRead(Message(DnsRecordType.A, Record(1, data)), Id, Name, DnsRecordType.A, out _).ShouldBe(accepted);

    [Fact]
    [Trait("Requirement", "DISC-038")]
    public void Read_MutatedMessages_NeverFailsAndIsBounded()
    {
        var random = new Random(20261121);
        byte[][] seeds =
        [
            Message(Record(33, "0005000a1467016107" + "6578616d706c65036e657400"), Record(33, "000000001466" + "04786d7070c01e")),
            Message(DnsRecordType.A, Record(5, "016200"), [.. DnsRecords.Name("b"), .. Record(1, "c0000207", owner: "")]),
            Message(0x8183),
        ];
        var accepted = 0;
        for (var run = 0; run < 200_000; run++)
        {
            var message = (byte[])seeds[run % seeds.Length].Clone();
            for (var i = random.Next(4); i >= 0; i--)
            {
                message[random.Next(12, message.Length)] = (byte)(random.Next(3) == 0 ? 0xC0 | random.Next(2) : random.Next(256));
            }

            message = random.Next(4) == 0 ? message[..random.Next(message.Length + 1)] : message;
            var type = run % seeds.Length == 1 ? DnsRecordType.A : DnsRecordType.Srv;
            if (DnsMessage.TryRead(message, Id, Name, type, out var answer))
            {
                accepted++;
                answer.Services.All(s => s.Target.Length < 254 && s.Target.All(c => char.IsAsciiLetterOrDigit(c) || "-_.".Contains(c))).ShouldBeTrue();
            }
        }

        accepted.ShouldBeGreaterThan(1000);
    }

    private static bool Accepts(string data) => DnsMessage.TryRead(Message(Record(33, data)), Id, Name, DnsRecordType.Srv, out _);

    private static DnsAnswer Read(byte[] message, DnsRecordType type = DnsRecordType.Srv)
    {
        DnsMessage.TryRead(message, Id, Name, type, out var answer).ShouldBeTrue();
        return answer;
    }

    private static byte[] Message(params byte[][] records) => Message(0x8180, DnsRecordType.Srv, records);

    private static byte[] Message(DnsRecordType type, params byte[][] records) => Message(0x8180, type, records);

    private static byte[] Message(int flags, DnsRecordType type = DnsRecordType.Srv, params byte[][] records) =>
    [
        Id >> 8, Id & 0xFF, (byte)(flags >> 8), (byte)flags, 0, 1, (byte)(records.Length >> 8), (byte)records.Length, 0, 0, 0, 0,
        .. DnsRecords.Name(Name), 0, (byte)type, 0, 1, .. records.SelectMany(r => r),
    ];

    private static byte[] Record(int type, string data, string owner = "c00c", int ttl = 300) =>
        Convert.FromHexString(string.Create(CultureInfo.InvariantCulture, $"{owner}{type:x4}0001{ttl:x8}{data.Length / 2:x4}{data}"));
}
