using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Text;
using Gateway.Core.Backend.ProxyProtocol;
using Gateway.Core.Sessions;

namespace Gateway.Core.Tests.Backend.ProxyProtocol;

public sealed class ProxyProtocolHeaderTests
{
    private const string Signature = "0d0a0d0a000d0a515549540a";

    [Theory]
    [InlineData("192.0.2.33:51234", "198.51.100.7:443", "PROXY TCP4 192.0.2.33 198.51.100.7 51234 443\r\n")]
    [InlineData("[2001:db8::21]:51234", "[2001:db8:1::7]:443", "PROXY TCP6 2001:db8::21 2001:db8:1::7 51234 443\r\n")]
    [InlineData("[::ffff:192.0.2.33]:51234", "198.51.100.7:443", "PROXY TCP4 192.0.2.33 198.51.100.7 51234 443\r\n")]
    [InlineData("[fe80::1%2]:51234", "[fe80::2%2]:443", "PROXY TCP6 fe80::1 fe80::2 51234 443\r\n")]
    [InlineData("[2001:db8::5efe:102:304]:51234", "[2001:db8:1::7]:443", "PROXY TCP6 2001:db8:0:0:0:5efe:102:304 2001:db8:1::7 51234 443\r\n")]
    [InlineData("192.0.2.33:0", "198.51.100.7:443", "PROXY TCP4 192.0.2.33 198.51.100.7 0 443\r\n")]
    [InlineData("192.0.2.33:51234", "[2001:db8:1::7]:443", "PROXY TCP6 0:0:0:0:0:ffff:c000:221 2001:db8:1::7 51234 443\r\n")]
    [InlineData("[2001:db8::21]:51234", "198.51.100.7:443", "PROXY TCP6 2001:db8::21 0:0:0:0:0:ffff:c633:6407 51234 443\r\n")]
    [Trait("Requirement", "PP-009")]
    [Trait("Requirement", "PP-011")]
    [Trait("Requirement", "PP-014")]
    [Trait("Requirement", "PP-029")]
    [Trait("Requirement", "PP-030")]
    public void V1_Addresses_AreOneLine(string client, string local, string line) =>
        Text(ProxyProtocolHeader.ForClient(ProxyProtocolVersion.V1, Connection(client, local), "s", ProxyProtocolFields.None)).ShouldBe(line);

    [Fact]
    [Trait("Requirement", "PP-010")]
    public void V1_LongestLine_IsWithinTheBound()
    {
        var end = "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535";
        var line = ProxyProtocolHeader.ForClient(ProxyProtocolVersion.V1, Connection(end, end), "s", ProxyProtocolFields.None);

        line.Length.ShouldBe(104);
        line.Length.ShouldBeLessThanOrEqualTo(ProxyProtocolHeader.LongestV1);
    }

    [Theory]
    [InlineData("192.0.2.33:51234", "198.51.100.7:443", "2111000cc0000221c6336407c82201bb")]
    [InlineData("[2001:db8::21]:51234", "[2001:db8:1::7]:443", "2121002420010db800000000000000000000002120010db8000100000000000000000007c82201bb")]
    [InlineData("192.0.2.33:51234", "[2001:db8:1::7]:443", "2121002400000000000000000000ffffc000022120010db8000100000000000000000007c82201bb")]
    [InlineData("[::ffff:192.0.2.33]:0", "[::ffff:198.51.100.7]:443", "2111000cc0000221c6336407000001bb")]
    [Trait("Requirement", "PP-029")]
    [Trait("Requirement", "PP-030")]
    public void V2_Addresses_AreTheDocumentsBytes(string client, string local, string bytes) =>
        Hex(ProxyProtocolHeader.ForClient(ProxyProtocolVersion.V2, Connection(client, local), "s", ProxyProtocolFields.None)).ShouldBe(Signature + bytes);

    [Fact]
    [Trait("Requirement", "PP-031")]
    public void V2_AllFields_AreThereWithACorrectChecksumAtTheEnd()
    {
        var client = Connection("192.0.2.33:51234", "198.51.100.7:443") with
        {
            Authority = "gw.example.com",
            Tls = new EdgeTls(SslProtocols.Tls13, TlsCipherSuite.TLS_AES_128_GCM_SHA256),
        };
        const ProxyProtocolFields All = ProxyProtocolFields.UniqueId | ProxyProtocolFields.Authority | ProxyProtocolFields.Ssl | ProxyProtocolFields.Crc32C;
        var header = ProxyProtocolHeader.ForClient(ProxyProtocolVersion.V2, client, "0123456789abcdef", All);

        Hex(header)[..^8].ShouldBe(
            Signature + "21110062" + "c0000221c6336407c82201bb"
            + "02000e67772e6578616d706c652e636f6d"
            + "05001030313233343536373839616263646566"
            + "200028" + "01" + "00000001" + "210007544c5376312e33" + "230016544c535f4145535f3132385f47434d5f534841323536"
            + "030004");
        Checksum(header).ShouldBe(Hex(header)[^8..]);
        Checksum("123456789"u8.ToArray()).ShouldBe("e3069283");
    }

    [Theory]
    [InlineData('a', 256)]
    [InlineData('中', 86)]
    [Trait("Requirement", "PP-031")]
    public void V2_NoTlsAndAnAuthorityThatIsTooLong_AreLeftOut(char letter, int count)
    {
        var client = Connection("192.0.2.33:51234", "198.51.100.7:443") with { Authority = new string(letter, count) };

        ProxyProtocolHeader.ForClient(ProxyProtocolVersion.V2, client, "s", ProxyProtocolFields.Authority | ProxyProtocolFields.Ssl).Length.ShouldBe(28);
    }

    [Fact]
    [Trait("Requirement", "PP-027")]
    public void ForItself_IsLocalOrTheConnectionsOwnAddresses()
    {
        var (from, to) = (IPEndPoint.Parse("127.0.0.1:40000"), IPEndPoint.Parse("127.0.0.1:5222"));

        Hex(ProxyProtocolHeader.ForItself(ProxyProtocolVersion.V2, from, to)).ShouldBe(Signature + "20000000");
        Text(ProxyProtocolHeader.ForItself(ProxyProtocolVersion.V1, from, to)).ShouldBe("PROXY TCP4 127.0.0.1 127.0.0.1 40000 5222\r\n");
    }

    [Fact]
    public void ForClient_NothingIsKnown_SaysSo()
    {
        Text(ProxyProtocolHeader.ForClient(ProxyProtocolVersion.V1, ClientConnection.Unknown, "s", ProxyProtocolFields.None)).ShouldBe("PROXY UNKNOWN\r\n");
        Hex(ProxyProtocolHeader.ForClient(ProxyProtocolVersion.V2, ClientConnection.Unknown, "s", ProxyProtocolFields.Crc32C)).ShouldBe(Signature + "20000000");
    }

    /// <summary>CRC-32C bit by bit, with the last four bytes as zeros (PP-023); the table of the product is another one.</summary>
    private static string Checksum(byte[] header)
    {
        var bytes = header.Length > 9 ? [.. header[..^4], 0, 0, 0, 0] : header;
        var crc = uint.MaxValue;
        foreach (var b in bytes)
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0x82F63B78 : crc >> 1;
            }
        }

        return (~crc).ToString("x8", System.Globalization.CultureInfo.InvariantCulture);
    }

    private static ClientConnection Connection(string client, string local) => new(IPEndPoint.Parse(client), IPEndPoint.Parse(local));

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);

    private static string Text(byte[] bytes) => Encoding.ASCII.GetString(bytes);
}
