using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Gateway.TestKit;

namespace Gateway.Fuzz.Live;

/// <summary>
/// The server behind a fuzzed gateway: a patient one, or for the domain of a case (<c>c12.plain.example</c>) one that sends that
/// case's bytes, a step for each thing it hears, whatever it was.
/// </summary>
internal sealed partial class FuzzBackend : IAsyncDisposable
{
    /// <summary>Between two steps of a script; no XML has this byte.</summary>
    public const byte StepEnd = 0x1E;

    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly ConcurrentDictionary<string, byte[]> _scripts = new(StringComparer.Ordinal);
    private readonly Task _accepting;
    private int _open;

    /// <summary>Listens.</summary>
    public FuzzBackend()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(512);
        Port = ((IPEndPoint)_listener.LocalEndPoint!).Port;
        _accepting = AcceptAsync();
    }

    /// <summary>On loopback.</summary>
    public int Port { get; }

    /// <summary>Connections that did not end yet.</summary>
    public int OpenConnections => Volatile.Read(ref _open);

    /// <summary>From now on a domain gets this script.</summary>
    public void Add(string domain, byte[] script) => _scripts[domain] = script;

    /// <summary>The domain's case is over.</summary>
    public void Remove(string domain) => _scripts.TryRemove(domain, out _);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _accepting.WithinAsync();
    }

    [GeneratedRegex("to='([^']*)'")]
    private static partial Regex To();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptAsync();
                Interlocked.Increment(ref _open);
                _ = PlayAsync(socket);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    private async Task PlayAsync(Socket socket)
    {
        try
        {
            socket.NoDelay = true;
            using var stream = new NetworkStream(socket, ownsSocket: true);
            var buffer = new byte[16 * 1024];
            Queue<byte[]>? steps = null;
            var isAuthenticated = false;
            int count;
            while ((count = await stream.ReadAsync(buffer)) > 0)
            {
                var text = Encoding.Latin1.GetString(buffer, 0, count);
                if (steps is null)
                {
                    steps = new Queue<byte[]>(_scripts.TryGetValue(To().Match(text).Groups[1].Value, out var script) ? Steps(script) : []);
                    if (script is not null && steps.Count == 0)
                    {
                        return;
                    }
                }

                if (steps.TryDequeue(out var step))
                {
                    await stream.WriteAsync(step);
                    if (steps.Count == 0)
                    {
                        return; // closes; a client that reads on sees it
                    }
                }
                else if (!await AnswerAsync(stream, text, isAuthenticated |= text.Contains("<auth", StringComparison.Ordinal)))
                {
                    return;
                }
            }
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // The gateway is done with it.
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }

    private static IEnumerable<byte[]> Steps(byte[] script)
    {
        var start = 0;
        while (start < script.Length)
        {
            var end = Array.IndexOf(script, StepEnd, start);
            end = end < 0 ? script.Length : end;
            yield return script[start..end];
            start = end + 1;
        }
    }

    private static async Task<bool> AnswerAsync(NetworkStream stream, string heard, bool isAuthenticated)
    {
        if (heard.Contains("<stream:stream", StringComparison.Ordinal))
        {
            await SendAsync(stream, FakeXmppStream.DefaultHeader + (isAuthenticated ? "<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>" : FakeXmppStream.DefaultFeatures));
        }
        else if (heard.Contains("<auth", StringComparison.Ordinal))
        {
            await SendAsync(stream, "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
        }
        else if (!heard.EndsWith("</stream:stream>", StringComparison.Ordinal))
        {
            await SendAsync(stream, "<message from='a@example.org'><body>heard</body></message>");
            return true;
        }

        var ends = heard.EndsWith("</stream:stream>", StringComparison.Ordinal);
        if (ends)
        {
            await SendAsync(stream, "</stream:stream>");
        }

        return !ends;
    }

    private static async Task SendAsync(NetworkStream stream, string text) => await stream.WriteAsync(Encoding.UTF8.GetBytes(text));
}
