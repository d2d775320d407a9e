using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Gateway.TestKit;

namespace Gateway.Tests;

/// <summary>A connection on which a test writes the bytes of HTTP/1.1 itself.</summary>
internal sealed class RawHttp : IDisposable
{
    private readonly TcpClient _client;
    private readonly Stream _stream;
    private readonly List<byte> _received = [];

    private RawHttp(TcpClient client, Stream stream)
    {
        _client = client;
        _stream = stream;
    }

    public Socket Socket => _client.Client;

    /// <summary>Connects; over TLS when the address says so, with any certificate accepted.</summary>
    public static async Task<RawHttp> ConnectAsync(Uri url, X509Certificate2? certificate = null, IPAddress? from = null)
    {
        var client = new TcpClient(new IPEndPoint(from ?? IPAddress.Loopback, 0)) { NoDelay = true };
        await client.ConnectAsync(IPAddress.Loopback, url.Port).WithinAsync();
        if (url.Scheme != "https")
        {
            return new RawHttp(client, client.GetStream());
        }

#pragma warning disable CA5359 // the certificate is the test's own
        var tls = new SslStream(client.GetStream(), leaveInnerStreamOpen: false, static (_, _, _, _) => true);
#pragma warning restore CA5359
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "example.org",
            ClientCertificates = certificate is null ? null : [certificate],
        }).WithinAsync();
        return new RawHttp(client, tls);
    }

    /// <summary>A BOSH request.</summary>
    public static string Post(string body, string headers = "", string version = "1.1") =>
        $"POST /http-bind HTTP/{version}\r\nHost: x\r\n{headers}Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}";

    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        await _stream.WriteAsync(bytes).WithinAsync();
        await _stream.FlushAsync().WithinAsync();
    }

    /// <summary>The next response, whose length is in its head.</summary>
    public async Task<RawResponse> ReadAsync(bool isHead = false)
    {
        int end;
        while ((end = EndOfHead()) < 0)
        {
            (await FillAsync()).ShouldBeTrue("the connection ended before a response");
        }

        var head = Encoding.ASCII.GetString([.. _received[..end]]);
        var lines = head.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var fields = lines.Skip(1).Select(l => l.Split(": ", 2)).ToLookup(f => f[0], f => f[1], StringComparer.OrdinalIgnoreCase);
        var length = isHead ? 0 : int.Parse(fields["Content-Length"].SingleOrDefault("0"), CultureInfo.InvariantCulture);
        while (_received.Count < end + length)
        {
            (await FillAsync()).ShouldBeTrue("the connection ended inside a response");
        }

        byte[] body = [.. _received[end..(end + length)]];
        _received.RemoveRange(0, end + length);
        return new RawResponse(int.Parse(lines[0].Split(' ')[1], CultureInfo.InvariantCulture), lines[0], fields, body);
    }

    /// <summary>All that comes up to the end of a text; bytes that are none of UTF-8 stand as they may.</summary>
    public async Task<string> ReadUntilAsync(string end)
    {
        var wanted = Encoding.UTF8.GetBytes(end);
        while (true)
        {
            byte[] received = [.. _received];
            var at = received.AsSpan().IndexOf(wanted);
            if (at >= 0)
            {
                _received.RemoveRange(0, at + wanted.Length);
                return Encoding.UTF8.GetString(received, 0, at + wanted.Length);
            }

            (await FillAsync()).ShouldBeTrue($"the connection ended before \"{end}\"");
        }
    }

    /// <summary>Nothing more came, and the server has closed, cleanly or not.</summary>
    public async Task ShouldBeClosedAsync()
    {
        try
        {
            (await FillAsync()).ShouldBeFalse();
        }
        catch (IOException)
        {
            // A reset.
        }

        _received.ShouldBeEmpty();
    }

    public void Dispose()
    {
        _stream.Dispose();
        _client.Dispose();
    }

    private int EndOfHead()
    {
        for (var i = 3; i < _received.Count; i++)
        {
            if (_received[i] == '\n' && _received[i - 1] == '\r' && _received[i - 2] == '\n')
            {
                return i + 1;
            }
        }

        return -1;
    }

    private async Task<bool> FillAsync()
    {
        var buffer = new byte[16 * 1024];
        var count = await _stream.ReadAsync(buffer).WithinAsync();
        _received.AddRange(buffer.AsSpan(0, count));
        return count > 0;
    }
}

/// <summary>What came back.</summary>
internal sealed record RawResponse(int Status, string StatusLine, ILookup<string, string> Fields, byte[] Bytes)
{
    public string Body => Encoding.UTF8.GetString(Bytes);
}
