using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using Gateway.DemoServer;
using Gateway.TestKit;

namespace Gateway.Core.Tests.DemoServer;

/// <summary>A client over raw TCP that shares no code with the product: XmlReader reads, strings are written.</summary>
internal sealed class DemoClient : IAsyncDisposable
{
    public static readonly XNamespace Client = "jabber:client";
    public static readonly XNamespace Streams = "http://etherx.jabber.org/streams";
    public static readonly XNamespace Sasl = "urn:ietf:params:xml:ns:xmpp-sasl";
    public static readonly XNamespace Bind = "urn:ietf:params:xml:ns:xmpp-bind";
    public static readonly XNamespace Tls = "urn:ietf:params:xml:ns:xmpp-tls";

    private readonly DemoXmppServer _server;
    private readonly Socket _socket;
    private Stream _stream;
    private XmlReader? _reader;
    private int _ids;

    private DemoClient(DemoXmppServer server, Socket socket)
    {
        _server = server;
        _socket = socket;
        _stream = new NetworkStream(socket, ownsSocket: true);
    }

    /// <summary>The full JID after <see cref="BindAsync"/>.</summary>
    public string Jid { get; private set; } = string.Empty;

    public string BareJid => Jid.Split('/')[0];

    /// <summary>The server's last stream header.</summary>
    public XElement Header { get; private set; } = new("none");

    public static async Task<DemoClient> ConnectAsync(DemoXmppServer server, int receiveBuffer = 0)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (receiveBuffer > 0)
        {
            socket.ReceiveBufferSize = receiveBuffer;
        }

        await socket.ConnectAsync(server.EndPoint).WithinAsync();
        return new DemoClient(server, socket);
    }

    /// <summary>Up to the features that offer SASL.</summary>
    public static async Task<DemoClient> ConnectTlsAsync(DemoXmppServer server, int receiveBuffer = 0)
    {
        var client = await ConnectAsync(server, receiveBuffer);
        await client.OpenAsync();
        await client.StartTlsAsync();
        await client.OpenAsync();
        return client;
    }

    /// <summary>All the way, without presence.</summary>
    public static async Task<DemoClient> LoginAsync(DemoXmppServer server, string user, string? resource = null, int receiveBuffer = 0)
    {
        var client = await ConnectTlsAsync(server, receiveBuffer);
        (await client.PlainAsync(user, "demo")).Name.ShouldBe(Sasl + "success");
        await client.OpenAsync();
        await client.BindAsync(resource);
        return client;
    }

    /// <summary>Logged in and available.</summary>
    public static async Task<DemoClient> OnlineAsync(DemoXmppServer server, string user, string? resource = null, int priority = 0, int receiveBuffer = 0)
    {
        var client = await LoginAsync(server, user, resource, receiveBuffer);
        await client.SendAsync($"<presence><priority>{priority}</priority></presence>");
        await client.SettleAsync();
        return client;
    }

    public Task SendAsync(string xml) => SendAsync(Encoding.UTF8.GetBytes(xml));

    public async Task SendAsync(byte[] bytes) => await _stream.WriteAsync(bytes).WithinAsync();

    /// <summary>Opens a stream and reads the features.</summary>
    public async Task<XElement> OpenAsync(string to = "localhost", string? header = null)
    {
        await SendAsync(header ?? $"<?xml version='1.0'?><stream:stream to='{to}' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>");
        _reader = XmlReader.Create(_stream, new XmlReaderSettings { Async = true, DtdProcessing = DtdProcessing.Prohibit });
        await _reader.MoveToContentAsync().WithinAsync();
        Header = new XElement(XName.Get(_reader.LocalName, _reader.NamespaceURI));
        while (_reader.MoveToNextAttribute())
        {
            if (_reader.Name != "xmlns" && _reader.Prefix != "xmlns")
            {
                Header.SetAttributeValue(XName.Get(_reader.LocalName, _reader.NamespaceURI), _reader.Value);
            }
        }

        _reader.MoveToElement();
        return await ReadAsync();
    }

    public async Task StartTlsAsync()
    {
        await SendAsync("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
        (await ReadAsync()).Name.ShouldBe(Tls + "proceed");
        await HandshakeAsync();
    }

    public async Task HandshakeAsync(X509Certificate2? authority = null)
    {
        var tls = new SslStream(_stream);
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(authority ?? _server.Authority);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", CertificateChainPolicy = policy }).WithinAsync();
        _stream = tls;
    }

    public async Task<XElement> PlainAsync(string user, string password, string authzid = "")
    {
        await SendAsync($"<auth xmlns='{Sasl}' mechanism='PLAIN'>{Base64($"{authzid}\0{user}\0{password}")}</auth>");
        return await ReadAsync();
    }

    public async Task<XElement> ScramAsync(string mechanism, string user, string password, string authzid = "")
    {
        var scram = new ScramClient(mechanism == "SCRAM-SHA-1" ? HashAlgorithmName.SHA1 : HashAlgorithmName.SHA256, user, password, authzid);
        await SendAsync($"<auth xmlns='{Sasl}' mechanism='{mechanism}'>{Base64(scram.First)}</auth>");
        var challenge = await ReadAsync();
        challenge.Name.ShouldBe(Sasl + "challenge");
        await SendAsync($"<response xmlns='{Sasl}'>{Base64(scram.Final(FromBase64(challenge.Value)))}</response>");
        var result = await ReadAsync();
        if (result.Name == Sasl + "success")
        {
            scram.Verify(FromBase64(result.Value));
        }

        return result;
    }

    public async Task BindAsync(string? resource)
    {
        var wanted = resource is null ? string.Empty : $"<resource>{resource}</resource>";
        var result = await AskAsync("set", null, $"<bind xmlns='{Bind}'>{wanted}</bind>");
        result.Attribute("type")!.Value.ShouldBe("result");
        Jid = result.Element(Bind + "bind")!.Element(Bind + "jid")!.Value;
    }

    /// <summary>Sends a request and reads to its answer.</summary>
    public async Task<XElement> AskAsync(string type, string? to, string payload)
    {
        var id = $"q{++_ids}";
        var address = to is null ? string.Empty : $" to='{to}'";
        await SendAsync($"<iq type='{type}' id='{id}'{address}>{payload}</iq>");
        while (true)
        {
            var stanza = await ReadAsync();
            if (stanza.Name == Client + "iq" && stanza.Attribute("id")?.Value == id)
            {
                return stanza;
            }
        }
    }

    /// <summary>What came up to now: the answer to a ping is behind all that the server sent before.</summary>
    public async Task<List<XElement>> SettleAsync()
    {
        var id = $"settle{++_ids}";
        await SendAsync($"<iq type='get' id='{id}'><ping xmlns='urn:xmpp:ping'/></iq>");
        var seen = new List<XElement>();
        while (true)
        {
            var stanza = await ReadAsync();
            if (stanza.Attribute("id")?.Value == id)
            {
                return seen;
            }

            seen.Add(stanza);
        }
    }

    /// <summary>The next element.</summary>
    /// <exception cref="EndOfStreamException">The server closed the stream or the connection.</exception>
    public async Task<XElement> ReadAsync() =>
        await TryReadAsync().WithinAsync() ?? throw new EndOfStreamException();

    /// <summary>Reads on to the first that fits.</summary>
    public async Task<XElement> ReadUntilAsync(Func<XElement, bool> predicate)
    {
        while (true)
        {
            var stanza = await ReadAsync();
            if (predicate(stanza))
            {
                return stanza;
            }
        }
    }

    /// <summary>The stream must end with this error and nothing more.</summary>
    public async Task<XElement> ReadErrorAsync(string condition)
    {
        var error = await ReadUntilAsync(e => e.Name == Streams + "error");
        error.Elements().First().Name.ShouldBe(XName.Get(condition, "urn:ietf:params:xml:ns:xmpp-streams"));
        (await TryReadAsync().WithinAsync()).ShouldBeNull();
        return error;
    }

    /// <summary>Null when the stream or the connection is over.</summary>
    public async Task<XElement?> TryReadAsync()
    {
        try
        {
            while (await _reader!.ReadAsync())
            {
                if (_reader.NodeType == XmlNodeType.EndElement)
                {
                    return null;
                }

                if (_reader.NodeType == XmlNodeType.Element)
                {
                    using var subtree = _reader.ReadSubtree();
                    return await XElement.LoadAsync(subtree, LoadOptions.PreserveWhitespace, CancellationToken.None);
                }
            }
        }
        catch (Exception e) when (e is XmlException or IOException)
        {
            // The connection ended without the stream's end.
        }

        return null;
    }

    /// <summary>As a killed process does: the connection is reset, without a word.</summary>
    public void Drop()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Close();
    }

    public async ValueTask DisposeAsync()
    {
        _reader?.Dispose();
        try
        {
            await _stream.DisposeAsync();
        }
        catch (IOException)
        {
            // Already dropped.
        }
    }

    public static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    public static string FromBase64(string text) => Encoding.UTF8.GetString(Convert.FromBase64String(text));

    /// <summary>The condition of a stanza error or a SASL failure.</summary>
    public static string ConditionOf(XElement element) =>
        (element.Element(Client + "error") ?? element).Elements().First().Name.LocalName;
}
