using System.Net;
using System.Net.Sockets;
using Gateway.TestKit;

namespace Gateway.Tests.Performance;

/// <summary>A server of one client, on loopback and without TLS, played by the thread that plays the client.</summary>
internal sealed class RawBackend : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private BlockingPeer _peer = null!;

    public RawBackend() => _listener.Start();

    /// <summary>host:port.</summary>
    public string Address => _listener.LocalEndpoint.ToString()!;

    /// <summary>Takes the gateway's connection and opens its stream.</summary>
    public void Open()
    {
        _peer = BlockingPeer.Accept(_listener);
        AnswerHeader(FakeXmppStream.DefaultFeatures);
    }

    /// <summary>Takes a login, whatever it is.</summary>
    public void Accept()
    {
        Take("<auth"u8);
        Take(">"u8);
        Send("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"u8);
    }

    /// <summary>Opens the stream behind the login.</summary>
    public void Restart() => AnswerHeader("<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>");

    /// <summary>Takes what the gateway sends, to the end of a text.</summary>
    public void Take(ReadOnlySpan<byte> text) => _peer.ReadThrough(text);

    /// <summary>Sends, in one write.</summary>
    public void Send(ReadOnlySpan<byte> bytes) => _peer.Send(bytes);

    /// <inheritdoc/>
    public void Dispose()
    {
        _peer?.Dispose();
        _listener.Dispose();
    }

    private void AnswerHeader(string features)
    {
        Take("<stream:stream"u8);
        Take(">"u8);
        Send(System.Text.Encoding.UTF8.GetBytes(FakeXmppStream.DefaultHeader + features));
    }
}
