using System.Globalization;
using System.Text;
using Gateway.Fuzz.Inputs;
using Gateway.Fuzz.Live;

namespace Gateway.Fuzz.Targets;

/// <summary>Raw HTTP: heads and bodies broken apart or together, pipelined, chunked, cut anywhere, some of them for a live session.</summary>
internal sealed class HttpTarget(FuzzedGateway gateway) : LiveTarget(gateway)
{
    /// <summary>Stands for the sid of a fresh session, as long as a real one.</summary>
    private const string Sid = "@@@@@@@@@@@@@@@@@@@@@@";

    private static readonly byte[] SidBytes = Encoding.ASCII.GetBytes(Sid);

    private static readonly string[] Starts =
    [
        "POST /http-bind HTTP/1.1", "POST /bosh/ HTTP/1.1", "POST /http-bind HTTP/1.0", "OPTIONS /http-bind HTTP/1.1", "GET /http-bind HTTP/1.1", "HEAD /http-bind HTTP/1.1", "GET /xmpp-websocket HTTP/1.1",
        "PUT http://localhost/http-bind?a=%00 HTTP/1.1", "GET / HTTP/1.1", "GET /ws HTTP/1.1", "PRI * HTTP/2.0", "POST /http-bind HTTP/1.1", "POST /http-bind HTTP/1.1",
    ];

    private static readonly string[] Fields =
    [
        "Content-Type: text/xml; charset=utf-8", "Content-Encoding: text/xml", "Content-Encoding: gzip", "Accept-Encoding: gzip, deflate", "Connection: close", "Connection: keep-alive", "Expect: 100-continue", "Origin: https://example.com",
        "Access-Control-Request-Method: POST", "Access-Control-Request-Headers: content-type", "X-Forwarded-For: 10.0.0.1", "Transfer-Encoding: chunked", "Content-Length: 5", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Protocol: xmpp", "Sec-WebSocket-Extensions: permessage-deflate", "Cookie: a=b", "Host: a, b", "Content-Type: multipart/form-data; boundary=x",
    ];

    /// <inheritdoc/>
    public override string Name => "http";

    /// <inheritdoc/>
    public override byte[] Generate(Random random)
    {
        byte[] all = [.. Enumerable.Range(0, random.Next(1, 4)).SelectMany(_ => Request(random))];
        return random.Next(3) == 0 ? Mutator.Mutate(random, all, Request(random)) : all;
    }

    /// <inheritdoc/>
    public override async Task RunAsync(byte[] input)
    {
        var random = InputSeed.Numbers(input);
        var bytes = input.ToArray();
        if (bytes.AsSpan().IndexOf(SidBytes) >= 0)
        {
            var sid = Encoding.ASCII.GetBytes(await Gateway.CreateSessionAsync());
            sid.Length.ShouldBe(Sid.Length);
            for (int at; (at = bytes.AsSpan().IndexOf(SidBytes)) >= 0;)
            {
                sid.CopyTo(bytes, at);
            }
        }

        await using var client = await RawClient.ConnectAsync(Gateway.Public);
        await client.SendAsync(bytes, InputSeed.Cuts(random, bytes.Length));
        if (random.Next(3) > 0)
        {
            await client.ListenAsync();
        }

        if (random.Next(8) > 0)
        {
            await client.FinishAsync();
            Frames.Check(HttpAnswers.Check(client.Received));
        }
    }

    private static byte[] Request(Random random)
    {
        var body = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(XmlInput.Body(random)).Replace("SID", Sid, StringComparison.Ordinal));
        if (random.Next(3) == 0)
        {
            body = Mutator.Mutate(random, body, XmlInput.Body(random));
        }

        var head = new StringBuilder().Append(Starts[random.Next(Starts.Length)]).Append("\r\nHost: localhost\r\n");
        for (var i = random.Next(4); i > 0; i--)
        {
            head.Append(Fields[random.Next(Fields.Length)]).Append("\r\n");
        }

        var chunked = random.Next(4) == 0;
        head.Append(chunked ? "Transfer-Encoding: chunked\r\n\r\n" : string.Create(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\n\r\n"));
        var bytes = Encoding.UTF8.GetBytes(head.ToString());
        bytes = random.Next(4) == 0 ? Mutator.Mutate(random, bytes, bytes) : bytes;
        return [.. bytes, .. chunked ? Chunked(random, body) : body];
    }

    private static byte[] Chunked(Random random, byte[] body)
    {
        var result = new List<byte>();
        for (var start = 0; start < body.Length;)
        {
            var length = Math.Min(random.Next(1, 200), body.Length - start);
            result.AddRange(Encoding.ASCII.GetBytes(random.Next(20) == 0 ? $"{length:x};a=b\r\n" : random.Next(40) == 0 ? $"{length + 1:X}\r\n" : $"{length:X}\r\n"));
            result.AddRange(body.AsSpan(start, length));
            result.AddRange("\r\n"u8);
            start += length;
        }

        result.AddRange(random.Next(20) == 0 ? "0\r\nTrailer: x\r\n\r\n"u8 : "0\r\n\r\n"u8);
        return [.. result];
    }
}
