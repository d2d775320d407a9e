using System.Text;

namespace Gateway.Tests.Hosting;

/// <summary>edge-security.md section 7: HTTP messages that two readers could read in two ways are refused.</summary>
public sealed class MessageFramingTests
{
    private const string Body = "<body xmlns='http://jabber.org/protocol/httpbind' rid='1' to='other.example'/>";

    private static readonly string Length = $"Content-Length: {Body.Length}\r\n";

    private static string Chunked => $"{Body.Length:x}\r\n{Body}\r\n0\r\n\r\n";

    private static async Task<RawResponse> SendAsync(string request, bool closes)
    {
        await using var gateway = await RunningGateway.StartAsync();
        using var connection = await RawHttp.ConnectAsync(gateway.Public);
        await connection.SendAsync(Encoding.Latin1.GetBytes(request));
        var response = await connection.ReadAsync();
        if (closes)
        {
            await connection.ShouldBeClosedAsync();
        }

        return response;
    }

    [Theory]
    [InlineData("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n")]
    [Trait("Requirement", "EDGE-055")]
    public async Task LengthAndTransferCoding_TheLengthIsNotBelieved(string fields)
    {
        var response = await SendAsync($"POST /http-bind HTTP/1.1\r\nHost: x\r\n{fields}\r\n{Chunked}", closes: true);
        response.Body.ShouldContain("host-unknown");
    }

    [Theory]
    [InlineData("1.1", "gzip", 400)]
    [InlineData("1.1", "chunked, gzip", 400)]
    [InlineData("1.1", "gzip, chunked", 501)]
    [InlineData("1.1", "foo, chunked", 501)]
    [InlineData("1.1", "chunked, chunked", 501)]
    [InlineData("1.1", "identity\r\nTransfer-Encoding: chunked", 501)]
    [InlineData("1.0", "chunked", 400)]
    [Trait("Requirement", "EDGE-056")]
    public async Task TransferCoding_OtherThanChunked_IsRefused(string version, string coding, int status)
    {
        var response = await SendAsync($"POST /http-bind HTTP/{version}\r\nHost: x\r\nConnection: keep-alive\r\nTransfer-Encoding: {coding}\r\n\r\n{Chunked}", closes: true);
        response.Status.ShouldBe(status);
    }

    [Theory]
    [InlineData("Tr:\u0097\0a")]
    [InlineData("Tr: \u00e9")]
    [InlineData("Tr: a\0")]
    [InlineData("Tr")]
    [Trait("Requirement", "EDGE-056")]
    public async Task Trailer_ThatIsNoField_IsRefused(string field)
    {
        var response = await SendAsync($"POST /http-bind HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n{Chunked[..^2]}{field}\r\n\r\n", closes: true);
        response.Status.ShouldBe(400);
    }

    [Theory]
    [InlineData("Content-Length: 5x\r\n")]
    [InlineData("Content-Length: -5\r\n")]
    [InlineData("Content-Length: 5,5\r\n")]
    [InlineData("Content-Length: 0x5\r\n")]
    [InlineData("Content-Length: \r\n")]
    [InlineData("Content-Length: 99999999999999999999\r\n")]
    [InlineData("Content-Length: 5\r\nContent-Length: 6\r\n")]
    [InlineData("Content-Length: 5\r\nContent-Length: 5\r\n")]
    [Trait("Requirement", "EDGE-057")]
    public async Task ContentLength_NotOneNumber_Is400(string fields) =>
        (await SendAsync($"POST /http-bind HTTP/1.1\r\nHost: x\r\n{fields}\r\nabcde", closes: true)).Status.ShouldBe(400);

    [Theory]
    [InlineData("POST /http-bind HTTP/1.1\r\nHost : x\r\n")]
    [InlineData("POST /http-bind HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\n")]
    [InlineData("POST /http-bind HTTP/1.1\r\n Host: x\r\n")]
    [InlineData("POST /http-bind HTTP/1.1\r\nHost: x\r\nX: a\rb\r\n")]
    [InlineData("POST /http-bind HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n")]
    [InlineData("POST /http-bind HTTP/1.1\r\nHost: x\r\nX\r\n")]
    [InlineData("POST\r\nHost: x\r\n")]
    [InlineData("POST  /http-bind HTTP/1.1\r\nHost: x\r\n")]
    [InlineData("POST /http-bind HTTP/1.1 \r\nHost: x\r\n")]
    [InlineData("P\u00d6ST /http-bind HTTP/1.1\r\nHost: x\r\n")]
    [Trait("Requirement", "EDGE-058")]
    public async Task MalformedHead_Is400(string head) => (await SendAsync(head + Length + "\r\n" + Body, closes: true)).Status.ShouldBe(400);

    [Theory]
    [InlineData("")]
    [InlineData("Host: x\r\nHost: x\r\n")]
    [InlineData("Host: x, y\r\n")]
    [Trait("Requirement", "EDGE-059")]
    public async Task Host_NotExactlyOne_Is400(string host) =>
        (await SendAsync($"POST /http-bind HTTP/1.1\r\n{host}{Length}\r\n{Body}", closes: true)).Status.ShouldBe(400);

    [Theory]
    [InlineData("chat.example.com")]
    [InlineData("127.0.0.1:5222")]
    [InlineData("old-name.example:8443")]
    [Trait("Requirement", "EDGE-060")]
    public async Task AnyAuthority_IsServed(string host) =>
        (await SendAsync($"POST /http-bind HTTP/1.1\r\nHost: {host}\r\n{Length}\r\n{Body}", closes: false)).Body.ShouldContain("host-unknown");

    [Theory]
    [InlineData("POST http://edge.example/http-bind", "Host: another.example\r\n", 200)]
    [InlineData("TRACE /http-bind", "Host: x\r\n", 405)]
    [InlineData("TRACE /", "Host: x\r\n", 405)]
    [InlineData("TRACE /xmpp-websocket", "Host: x\r\n", 405)]
    [InlineData("CONNECT example.org:5222", "Host: example.org:5222\r\n", 405)]
    [Trait("Requirement", "EDGE-061")]
    public async Task TargetsForProxies_AbsoluteFormIsServedAndTunnelsAreNot(string line, string host, int status) =>
        (await SendAsync($"{line} HTTP/1.1\r\n{host}{(status == 200 ? Length : "")}\r\n{(status == 200 ? Body : "")}", closes: false)).Status.ShouldBe(status);
}
