using System.IO.Compression;
using System.Net;
using System.Text;
using Gateway.Core.Bosh;
using Gateway.TestKit;

namespace Gateway.Tests.Transports.Bosh;

/// <summary>bosh.md section 3: HTTP as clients really speak it, byte for byte.</summary>
public sealed class HttpTests
{
    private const string Long = "<message><body>tell tell tell tell tell tell tell tell tell tell tell tell tell tell tell tell</body></message>";

    private static async Task<(BoshServer Server, RawHttp Connection)> StartAsync(BoshOptions? options = null)
    {
        var server = await BoshServer.StartAsync(options: options);
        return (server, await RawHttp.ConnectAsync(server.Url));
    }

    [Fact]
    [Trait("Requirement", "BOSH-001")]
    [Trait("Requirement", "BOSH-008")]
    public async Task Http10_Response_HasALengthAndEndsTheConnection()
    {
        var (server, connection) = await StartAsync();
        await using var running = server;
        using var closing = connection;
        await connection.SendAsync(RawHttp.Post(BoshServer.Creation, version: "1.0"));
        var response = await connection.ReadAsync();
        response.Body.ShouldContain(" sid='");
        response.Fields["Content-Length"].ShouldBe([response.Bytes.Length.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        response.Fields.Contains("Transfer-Encoding").ShouldBeFalse();
        await connection.ShouldBeClosedAsync();
    }

    [Theory]
    [InlineData("1.0", "Connection: keep-alive\r\n")]
    [InlineData("1.1", "")]
    [Trait("Requirement", "BOSH-001")]
    public async Task KeptConnection_TakesTheWholeSession(string version, string headers)
    {
        var (server, connection) = await StartAsync();
        await using var running = server;
        using var closing = connection;
        await connection.SendAsync(RawHttp.Post(BoshServer.Creation, headers, version));
        var created = await connection.ReadAsync();
        created.Fields["Connection"].ShouldBe(version == "1.0" ? ["keep-alive"] : []);
        await connection.SendAsync(RawHttp.Post(BoshServer.Request(BoshServer.SidOf(created.Body), 101, attributes: "type='terminate'"), headers, version));
        (await connection.ReadAsync()).Body.ShouldBe($"<body type='terminate' {BoshServer.Ns}/>");
    }

    [Theory]
    [InlineData("5", 100)]
    [InlineData("400000", 413)]
    [Trait("Requirement", "BOSH-001")]
    public async Task Expect_BodyIsAskedForUnlessItIsTooLong(string length, int status)
    {
        var (server, connection) = await StartAsync();
        await using var running = server;
        using var closing = connection;
        await connection.SendAsync($"POST /http-bind HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: {length}\r\n\r\n");
        (await connection.ReadAsync()).Status.ShouldBe(status);
        if (status == 100)
        {
            await connection.SendAsync("<body");
            (await connection.ReadAsync()).Body.ShouldBe(BoshServer.BadRequest);
        }
    }

    [Fact]
    [Trait("Requirement", "BOSH-009")]
    public async Task ChunkedRequest_OneByteAChunkWithExtensionsAndTrailers_IsAcceptedAndTheNextOneToo()
    {
        var (server, connection) = await StartAsync();
        await using var running = server;
        using var closing = connection;
        var chunked = "POST /http-bind HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: Chunked\r\n\r\n"
            + string.Concat(BoshServer.Creation.Select(c => $"1;x=y\r\n{c}\r\n")) + "0\r\nX-Trailer: 1\r\n\r\n";
        for (var i = 0; i < 2; i++)
        {
            await connection.SendAsync(chunked);
            (await connection.ReadAsync()).Body.ShouldContain(" sid='");
        }
    }

    [Fact]
    [Trait("Requirement", "BOSH-007")]
    [Trait("Requirement", "BOSH-010")]
    [Trait("Requirement", "BOSH-012")]
    public async Task RequestOfLibpurple_IsAccepted()
    {
        var (server, connection) = await StartAsync();
        await using var running = server;
        using var closing = connection;
        await connection.SendAsync(
            "POST /http-bind HTTP/1.1\r\nHost: example.com\r\nUser-Agent: libpurple 2.14.10\r\nX-Nobody-Knows: it\r\nContent-Encoding: text/xml; charset=utf-8\r\n"
            + $"Content-Length: {BoshServer.Creation.Length}\r\n\r\n{BoshServer.Creation}");
        (await connection.ReadAsync()).Body.ShouldContain(" sid='");
    }

    [Fact]
    [Trait("Requirement", "BOSH-012")]
    public async Task GzippedBody_IsABadRequestAndTheConnectionGoesOn()
    {
        var (server, connection) = await StartAsync();
        await using var running = server;
        using var closing = connection;
        using var gzipped = new MemoryStream();
        await using (var gzip = new GZipStream(gzipped, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(Encoding.UTF8.GetBytes(BoshServer.Creation));
        }

        await connection.SendAsync($"POST /http-bind HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\nContent-Length: {gzipped.Length}\r\n\r\n");
        await connection.SendAsync(gzipped.ToArray());
        (await connection.ReadAsync()).Body.ShouldBe(BoshServer.BadRequest);
        await connection.SendAsync(RawHttp.Post(BoshServer.Creation));
        var created = (await connection.ReadAsync()).Body;
        created.ShouldContain(" sid='");
        created.ShouldNotContain("accept=");
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("HEAD")]
    [Trait("Requirement", "BOSH-016")]
    public async Task Get_TellsAPersonWhatTheAddressIs(string method)
    {
        var (server, connection) = await StartAsync();
        await using var running = server;
        using var closing = connection;
        await connection.SendAsync($"{method} /http-bind HTTP/1.1\r\nHost: x\r\nOrigin: https://a.example\r\n\r\n");
        var response = await connection.ReadAsync(isHead: method == "HEAD");
        response.Status.ShouldBe(405);
        response.Fields["Allow"].ShouldBe(["POST, OPTIONS"]);
        response.Fields["Content-Type"].ShouldBe(["text/plain; charset=utf-8"]);
        response.Fields["Content-Security-Policy"].ShouldBe(["default-src 'none'; frame-ancestors 'none'"]);
        response.Body.Contains("BOSH", StringComparison.Ordinal).ShouldBe(method == "GET");
        await connection.SendAsync(RawHttp.Post("no body at all"));
        (await connection.ReadAsync()).Body.ShouldBe(BoshServer.BadRequest);
    }

    [Theory]
    [InlineData("GET", "", 405)]
    [InlineData("GET", "?x", 404)]
    [InlineData("PUT", "", 405)]
    [Trait("Requirement", "EDGE-049")]
    public async Task RefusedMethod_NamesTheOriginAllTheSame(string method, string query, int status)
    {
        await using var server = await BoshServer.StartAsync();
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(server.Url, "/http-bind" + query));
        request.Headers.Add("Origin", "https://a.example");
        using var response = await server.Http.SendAsync(request, TestContext.Current.CancellationToken);
        ((int)response.StatusCode).ShouldBe(status);
        response.Headers.GetValues("Access-Control-Allow-Origin").ShouldBe(["*"]);
    }

    [Fact]
    [Trait("Requirement", "BOSH-013")]
    public async Task Charsets_AreNeitherOfferedNorConverted()
    {
        var (server, connection) = await StartAsync();
        await using var running = server;
        using var closing = connection;
        await connection.SendAsync(RawHttp.Post(BoshServer.Creation, "Content-Type: text/xml; charset=iso-8859-1\r\n"));
        var created = (await connection.ReadAsync()).Body;
        created.ShouldContain(" sid='");
        created.ShouldNotContain("charsets=");
        await connection.SendAsync(RawHttp.Post(BoshServer.Creation.Replace("hold", "charsets='ISO-8859-1' hold", StringComparison.Ordinal)));
        (await connection.ReadAsync()).Body.ShouldContain(" sid='");

        // In Latin-1 it would be a letter.
        var latin = Encoding.Latin1.GetBytes(RawHttp.Post("<body q='?'/>", "Content-Type: text/xml; charset=iso-8859-1\r\n").Replace('?', '\u00e9'));
        await connection.SendAsync(latin);
        (await connection.ReadAsync()).Body.ShouldBe(BoshServer.BadRequest);
    }

    [Theory]
    [InlineData(false, "gzip", false)]
    [InlineData(true, "gzip", true)]
    [InlineData(true, "br, GZIP;q=0.5", true)]
    [InlineData(true, "gzip;q=0", false)]
    [InlineData(true, "identity", false)]
    [InlineData(true, null, false)]
    [Trait("Requirement", "BOSH-011")]
    public async Task Response_IsCompressedOnlyWhenSwitchedOnAndAskedFor(bool isOn, string? accepted, bool compressed)
    {
        var (server, connection) = await StartAsync(new BoshOptions { Compression = isOn });
        await using var running = server;
        using var closing = connection;
        var (sid, backend) = await server.LogInAsync();
        backend.Receive(string.Concat(Enumerable.Repeat(Long, 20)));
        var headers = accepted is null ? "" : $"Accept-Encoding: {accepted}\r\n";
        await connection.SendAsync(RawHttp.Post(BoshServer.Request(sid, 103), headers));
        var response = await connection.ReadAsync();
        response.Fields["Content-Encoding"].ShouldBe(compressed ? ["gzip"] : []);
        response.Fields.Contains("Transfer-Encoding").ShouldBeFalse();
        using var gzip = new GZipStream(new MemoryStream(response.Bytes), CompressionMode.Decompress);
        using var reader = new StreamReader(compressed ? gzip : new MemoryStream(response.Bytes));
        (await reader.ReadToEndAsync(TestContext.Current.CancellationToken)).ShouldBe($"<body {BoshServer.Ns}>{string.Concat(Enumerable.Repeat(Long.Replace("<message>", "<message xmlns='jabber:client'>", StringComparison.Ordinal), 20))}</body>");

        // Below a kilobyte it is not worth it.
        backend.Receive(Long);
        await connection.SendAsync(RawHttp.Post(BoshServer.Request(sid, 104), headers));
        (await connection.ReadAsync()).Body.ShouldContain("tell");
    }

    [Fact]
    [Trait("Requirement", "BOSH-011")]
    public async Task Response_WithTheSidOrBeforeTheLogin_IsNeverCompressed()
    {
        var (server, connection) = await StartAsync(new BoshOptions { Compression = true });
        await using var running = server;
        using var closing = connection;
        var mechanisms = string.Concat(Enumerable.Range(0, 100).Select(i => $"<mechanism>X-MECHANISM-{i}</mechanism>"));
        server.Connector.Give(new FakeXmppStream(features: $"<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>{mechanisms}</mechanisms></stream:features>"));
        await connection.SendAsync(RawHttp.Post(BoshServer.Creation, "Accept-Encoding: gzip\r\n"));
        var response = await connection.ReadAsync();
        response.Bytes.Length.ShouldBeGreaterThan(2000);
        response.Body.ShouldContain(" sid='");
    }

    [Fact]
    [Trait("Requirement", "BOSH-010")]
    [Trait("Requirement", "EDGE-063")]
    public async Task FieldsCookieAndQuery_ReachNeitherTheServerNorTheResponse()
    {
        var (server, connection) = await StartAsync();
        await using var running = server;
        using var closing = connection;
        var backend = server.Connector.Give();
        var body = BoshServer.Creation;
        await connection.SendAsync(
            $"POST /http-bind?MARK=1 HTTP/1.1\r\nHost: MARK.example\r\nCookie: a=MARK\r\nX-MARK: MARK\r\nUser-Agent: MARK\r\nAccept-Language: MARK\r\nFrom: MARK@example.com\r\n"
            + $"Authorization: Basic MARK\r\nContent-Type: text/xml; x=MARK\r\nX-Forwarded-For: MARK\r\nReferer: http://MARK.example/\r\nContent-Length: {body.Length}\r\n\r\n{body}");
        var response = await connection.ReadAsync();
        response.Body.ShouldContain(" sid='");
        response.Body.ShouldNotContain("MARK", Case.Insensitive);
        response.Fields.SelectMany(f => f.Append(f.Key)).ShouldAllBe(text => !text.Contains("MARK", StringComparison.OrdinalIgnoreCase));
        await connection.SendAsync(RawHttp.Post(BoshServer.Request(BoshServer.SidOf(response.Body), 101, "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"), "X-MARK: MARK\r\n"));
        await backend.ExpectAsync("<auth");
        backend.Written.ShouldNotContain("MARK", Case.Insensitive);
        (server.Connector.Requests.ShouldHaveSingleItem() with { Client = Core.Sessions.ClientConnection.Unknown }).ToString().ShouldNotContain("MARK", Case.Insensitive);
    }

    [Fact]
    [Trait("Requirement", "BOSH-129")]
    [Trait("Requirement", "EDGE-052")]
    public async Task OneSession_OverManyConnectionsAndAddresses_NeedsNoCookie()
    {
        await using var server = await BoshServer.StartAsync();
        string sid;
        using (var first = await RawHttp.ConnectAsync(server.Url))
        {
            await first.SendAsync(RawHttp.Post(BoshServer.Creation));
            var created = await first.ReadAsync();
            created.Fields.Contains("Set-Cookie").ShouldBeFalse();
            sid = BoshServer.SidOf(created.Body);
        }

        using var second = await RawHttp.ConnectAsync(server.Url, from: IPAddress.Parse("127.0.0.2"));
        await second.SendAsync(RawHttp.Post(BoshServer.Request(sid, 101)));
        await TestTimeout.UntilAsync(() => server.HeldRequests == 1);
        using var third = await RawHttp.ConnectAsync(server.Url, from: IPAddress.Parse("127.0.0.3"));
        await third.SendAsync(RawHttp.Post(BoshServer.Request(sid, 102, attributes: "type='terminate'"), "Cookie: sid=another\r\nAuthorization: Basic eDp5\r\n"));
        (await third.ReadAsync()).Status.ShouldBe(200);
        (await second.ReadAsync()).Body.ShouldBe($"<body type='terminate' {BoshServer.Ns}/>");
    }
}
