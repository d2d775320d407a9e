using System.IO.Compression;
using System.Text;
using Gateway.Core.Bosh;

namespace Gateway.Tests.Transports.Bosh;

/// <summary>BOSH-011 on the wire: what the session says of its response is what happens.</summary>
public sealed class CompressionTests
{
    private static readonly string Long = new('x', 2000);

    [Theory]
    [InlineData(false, null, false)]
    [InlineData(true, null, true)]
    [InlineData(false, true, true)]
    [InlineData(true, false, false)]
    [Trait("Requirement", "BOSH-011")]
    public async Task Compression_IsWhatTheDomainSaysOrElseWhatAllHave(bool isCommon, bool? ofDomain, bool compressed)
    {
        await using var server = await BoshServer.StartAsync(
            options: new BoshOptions { Compression = isCommon }, ofDomain: ofDomain is { } own ? new BoshOptions { Compression = own } : null);
        using var connection = await RawHttp.ConnectAsync(server.Url);
        var (sid, backend) = await server.LogInAsync();
        backend.Receive($"<message><body>{Long}</body></message>");
        (await AskAsync(connection, sid, 103)).ShouldBe((compressed, $"<body {BoshServer.Ns}><message xmlns='jabber:client'><body>{Long}</body></message></body>"));
    }

    [Fact]
    [Trait("Requirement", "BOSH-011")]
    [Trait("Requirement", "BOSH-028")]
    public async Task TokenOfALogin_SharesItsBodyWithNobodyAndIsNotCompressed()
    {
        await using var server = await BoshServer.StartAsync(options: new BoshOptions { Compression = true });
        using var connection = await RawHttp.ConnectAsync(server.Url);
        var backend = server.Connector.Give();
        var sid = await server.CreateAsync();
        var success = $"<success xmlns='urn:xmpp:sasl:2'><token xmlns='urn:xmpp:fast:0' token='{Long}'/></success>";
        var stanza = $"<message xmlns='jabber:client'><body>{Long}</body></message>";
        backend.Receive(success + stanza);
        (await AskAsync(connection, sid, 101)).ShouldBe((false, $"<body {BoshServer.Ns}>{success}</body>"));
        (await AskAsync(connection, sid, 102)).ShouldBe((true, $"<body {BoshServer.Ns}>{stanza}</body>"));
    }

    private static async Task<(bool IsCompressed, string Body)> AskAsync(RawHttp connection, string sid, long rid)
    {
        await connection.SendAsync(RawHttp.Post(BoshServer.Request(sid, rid), "Accept-Encoding: gzip\r\n"));
        var response = await connection.ReadAsync();
        if (!response.Fields.Contains("Content-Encoding"))
        {
            return (false, response.Body);
        }

        using var reader = new StreamReader(new GZipStream(new MemoryStream(response.Bytes), CompressionMode.Decompress), Encoding.UTF8);
        return (true, await reader.ReadToEndAsync(TestContext.Current.CancellationToken));
    }
}
