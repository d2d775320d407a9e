using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Gateway.Tests.Performance;

/// <summary>A BOSH client with one connection and one request at a time, that allocates nothing once it is logged in.</summary>
internal sealed class RawBosh : IDisposable
{
    private const string Ns = "xmlns='http://jabber.org/protocol/httpbind' xmlns:xmpp='urn:xmpp:xbosh'";
    private const int RidDigits = 10;

    private readonly BlockingPeer _peer;
    private readonly TakenRequests _taken;
    private readonly string _head;
    private string _sid = "";
    private long _rid = 4_000_000_000;
    private int _requests;

    private RawBosh(BlockingPeer peer, TakenRequests taken, Uri gateway)
    {
        _peer = peer;
        _taken = taken;
        _head = $"POST /http-bind HTTP/1.1\r\nHost: {gateway.Authority}\r\nOrigin: https://chat.example.org\r\nContent-Type: text/xml; charset=utf-8\r\nContent-Length: ";
    }

    /// <summary>Connects and logs in, with a hand for the backend's part.</summary>
    public static RawBosh LogIn(Uri gateway, TakenRequests taken, RawBackend backend)
    {
        var client = new RawBosh(BlockingPeer.Connect(gateway.Port), taken, gateway);
        client.Send(client.Http($"<body rid='{client._rid}' to='example.org' wait='50' hold='1' ver='1.6' xmpp:version='1.0' {Ns}/>"));
        backend.Open();
        var creation = Encoding.UTF8.GetString(client.Take("<stream:features"u8));
        var sid = creation.IndexOf(" sid='", StringComparison.Ordinal) + " sid='".Length;
        client._sid = creation[sid..creation.IndexOf('\'', sid)];
        client.Send(client.Request("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>"));
        backend.Accept();
        client.Take("<success"u8);
        client.Send(client.Request("", "xmpp:restart='true'"));
        backend.Restart();
        client.Take("<bind"u8);
        return client;
    }

    /// <summary>A request whose rid is set when it is sent.</summary>
    public byte[] Request(string payload, string attributes = "") =>
        Http($"<body rid='{new string('0', RidDigits)}' sid='{_sid}' {attributes} {Ns}>{payload}</body>");

    /// <summary>Sends the next request.</summary>
    public void Send(byte[] request)
    {
        var rid = request.AsSpan(request.AsSpan().IndexOf(" rid='"u8) + " rid='"u8.Length, RidDigits);
        Utf8Formatter.TryFormat(_rid++, rid, out _);
        _requests++;
        _peer.Send(request);
    }

    /// <summary>Waits until the request that was sent last is with its session and the server waits for the answer: a faster answer would cost less.</summary>
    public void WaitUntilHeld() => _taken.WaitFor(_requests);

    /// <summary>Takes a response; returns its body, valid until the next call.</summary>
    /// <param name="expected">Stands in the body.</param>
    public ReadOnlySpan<byte> Take(ReadOnlySpan<byte> expected)
    {
        var head = _peer.ReadThrough("\r\n\r\n"u8);
        var length = head[(head.IndexOf("Content-Length: "u8) + "Content-Length: "u8.Length)..];
        var body = Utf8Parser.TryParse(length, out int count, out _) && head.StartsWith("HTTP/1.1 200 "u8) ? _peer.Read(count) : head;
        return body.IndexOf(expected) >= 0 ? body : throw new InvalidOperationException($"no {Encoding.UTF8.GetString(expected)}, but {Encoding.UTF8.GetString(body)}");
    }

    /// <inheritdoc/>
    public void Dispose() => _peer.Dispose();

    private byte[] Http(string body) => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{_head}{body.Length}\r\n\r\n{body}"));
}
