using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Gateway.TestKit;

/// <summary>One connection to a <see cref="ScriptedXmppServer"/>: what its script can do. Every wait is bounded.</summary>
public sealed class ScriptedPeer : IAsyncDisposable
{
    private readonly Socket _socket;
    private readonly CancellationToken _stop;
    private readonly byte[] _buffer = new byte[64 * 1024];
    private Stream _stream;

    internal ScriptedPeer(Socket socket, CancellationToken stop)
    {
        _socket = socket;
        _stop = stop;
        _socket.NoDelay = true;
        _stream = new NetworkStream(socket, ownsSocket: true);
    }

    /// <summary>What came and was not expected yet.</summary>
    public string Unread { get; private set; } = "";

    /// <summary>The name in the client's TLS hello; null if none.</summary>
    public string? ServerName { get; private set; }

    /// <summary>The application protocol agreed on with TLS; empty if none.</summary>
    public string ApplicationProtocol { get; private set; } = "";

    /// <summary>The certificate that the client presented.</summary>
    public X509Certificate? ClientCertificate { get; private set; }

    /// <summary>Reads until a text has come; returns everything up to its end.</summary>
    public async Task<string> ExpectAsync(string text)
    {
        using var timeout = Bound();
        while (true)
        {
            var at = Unread.IndexOf(text, StringComparison.Ordinal);
            if (at >= 0)
            {
                var taken = Unread[..(at + text.Length)];
                Unread = Unread[taken.Length..];
                return taken;
            }

            if (!await ReadAsync(timeout.Token))
            {
                throw new InvalidOperationException($"Expected \"{text}\", but the connection ended after \"{Unread}\".");
            }
        }
    }

    /// <summary>Waits until something has come, whatever it is, and forgets it.</summary>
    public async Task ReadAnythingAsync()
    {
        using var timeout = Bound();
        await ReadAsync(timeout.Token);
        Unread = "";
    }

    /// <summary>Reads one line and not a byte behind it: TLS may begin there.</summary>
    public async Task<string> ReadLineAsync()
    {
        using var timeout = Bound();
        var line = new StringBuilder();
        while (line.Length == 0 || line[^1] != '\n')
        {
            await _stream.ReadExactlyAsync(_buffer.AsMemory(0, 1), timeout.Token);
            line.Append((char)_buffer[0]);
        }

        return line.ToString();
    }

    /// <summary>Reads until the client ends the connection, in whatever way; returns all that came.</summary>
    public async Task<string> ExpectEndAsync()
    {
        using var timeout = Bound();
        try
        {
            while (await ReadAsync(timeout.Token))
            {
            }
        }
        catch (IOException)
        {
            // Reset: ended, too.
        }

        var taken = Unread;
        Unread = "";
        return taken;
    }

    /// <summary>Sends.</summary>
    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text));

    /// <summary>Sends.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        using var timeout = Bound();
        await _stream.WriteAsync(bytes, timeout.Token);
    }

    /// <summary>Takes the client's header and answers with a header and features; returns the client's.</summary>
    public async Task<string> OpenAsync(string features = "<stream:features/>", string header = FakeXmppStream.DefaultHeader)
    {
        await ExpectAsync("<stream:stream");
        var theirs = await ExpectAsync(">");
        await SendAsync(header + features);
        return theirs;
    }

    /// <summary>A correct server up to the features inside TLS; returns the client's last header.</summary>
    public async Task<string> OpenWithStartTlsAsync(X509Certificate2 certificate, string features = FakeXmppStream.DefaultFeatures)
    {
        await OpenAsync("<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls></stream:features>");
        await ExpectAsync("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
        await SendAsync("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
        await AuthenticateAsync(certificate);
        return await OpenAsync(features);
    }

    /// <summary>The server's side of the TLS handshake.</summary>
    public async Task AuthenticateAsync(X509Certificate2 certificate, bool askForCertificate = false)
    {
        using var timeout = Bound();
        var tls = new SslStream(_stream, leaveInnerStreamOpen: false);
        _stream = tls;
        await tls.AuthenticateAsServerAsync(
            new SslServerAuthenticationOptions
            {
                ServerCertificateSelectionCallback = (_, name) =>
                {
                    ServerName = string.IsNullOrEmpty(name) ? null : name;
                    return certificate;
                },
                ApplicationProtocols = [new SslApplicationProtocol("xmpp-client")],
                ClientCertificateRequired = askForCertificate,
#pragma warning disable CA5359 // the test judges what the client presented, not the server
                RemoteCertificateValidationCallback = Look,
#pragma warning restore CA5359
            },
            timeout.Token);
        ApplicationProtocol = tls.NegotiatedApplicationProtocol.ToString();
    }

    /// <summary>As <see cref="AuthenticateAsync"/>, with a client that will not have it: returns when the handshake or the connection has failed.</summary>
    public async Task AuthenticateInVainAsync(X509Certificate2 certificate)
    {
        try
        {
            await AuthenticateAsync(certificate);
            await ExpectEndAsync(); // TLS 1.3: the server is done before the client says no.
        }
        catch (Exception e) when (e is IOException or System.Security.Authentication.AuthenticationException)
        {
            // As it must be.
        }
    }

    /// <summary>Sends the same text again and again, for as long as the client takes it, and waits for the client to end the connection.</summary>
    /// <param name="text">Sent again and again.</param>
    /// <param name="times">At most so often.</param>
    /// <param name="onSwallowed">Called when the client has let all of it come.</param>
    public async Task FloodAsync(string text, int times, Action onSwallowed)
    {
        ArgumentNullException.ThrowIfNull(onSwallowed);
        var bytes = Encoding.UTF8.GetBytes(text);
        try
        {
            for (var sent = 0; sent < times; sent++)
            {
                await _stream.WriteAsync(bytes, _stop); // bounded by the test, not by a time: that it waits is the point
            }

            onSwallowed();
            while (await ReadAsync(_stop))
            {
            }
        }
        catch (IOException)
        {
            // Ended under the flood.
        }

        Unread = "";
    }

    /// <summary>Waits for something outside of the script, or the end of the test.</summary>
    public async Task UntilAsync(Task task)
    {
        using var timeout = Bound();
        await task.WaitAsync(timeout.Token);
    }

    /// <summary>Does nothing until the client ends the connection; what it sends meanwhile is returned.</summary>
    public Task<string> HangAsync() => ExpectEndAsync();

    /// <summary>Ends TCP in order, without TLS or XMPP having a say.</summary>
    public void Close()
    {
        _socket.Shutdown(SocketShutdown.Both);
        _socket.Dispose();
    }

    /// <summary>Ends TCP with a reset.</summary>
    public void Reset()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Dispose();
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private async Task<bool> ReadAsync(CancellationToken cancellationToken)
    {
        var count = await _stream.ReadAsync(_buffer, cancellationToken);
        Unread += Encoding.UTF8.GetString(_buffer, 0, count);
        return count > 0;
    }

    private bool Look(object sender, X509Certificate? presented, X509Chain? chain, SslPolicyErrors errors)
    {
        ClientCertificate = presented;
        return true;
    }

    private CancellationTokenSource Bound()
    {
        var bound = CancellationTokenSource.CreateLinkedTokenSource(_stop);
        bound.CancelAfter(TestTimeout.Default);
        return bound;
    }
}
