using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Gateway.TestKit;

/// <summary>
/// A server on loopback that does exactly what a test wrote down, once for each connection. Its disposal ends every script and
/// throws what went against one: an expectation that failed, input that nobody expected.
/// </summary>
public sealed class ScriptedXmppServer : IAsyncDisposable
{
    private readonly Socket _listener;
    private readonly Func<ScriptedPeer, Task> _script;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<Exception> _failures = new();
    private readonly ConcurrentBag<Task> _running = [];
    private readonly Task _accepting;
    private int _connections;
    private int _open;

    private ScriptedXmppServer(Func<ScriptedPeer, Task> script, IPEndPoint address)
    {
        _script = script;
        _listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _listener.Bind(address);
        _listener.Listen(512);
        Port = ((IPEndPoint)_listener.LocalEndPoint!).Port;
        Address = _listener.LocalEndPoint.ToString()!;
        _accepting = AcceptAsync();
    }

    /// <summary>The port.</summary>
    public int Port { get; }

    /// <summary>host:port.</summary>
    public string Address { get; }

    /// <summary>Connections accepted so far.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Connections whose script has not ended.</summary>
    public int OpenConnections => Volatile.Read(ref _open);

    /// <summary>Starts a server.</summary>
    /// <param name="script">Played for each connection, which is closed at its end.</param>
    /// <param name="address">Where it listens, on loopback.</param>
    /// <param name="port">Its port; 0: any.</param>
    public static ScriptedXmppServer Start(Func<ScriptedPeer, Task> script, string address = "127.0.0.1", int port = 0) =>
        new(script, new IPEndPoint(IPAddress.Parse(address), port));

    /// <summary>Completes when every script that began has ended, and throws if one failed.</summary>
    public async Task ScriptsEndedAsync()
    {
        await TestTimeout.UntilAsync(() => OpenConnections == 0);
        ThrowFailures();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        await Task.WhenAll(_running).WithinAsync();
        _stop.Dispose();
        ThrowFailures();
    }

    private void ThrowFailures()
    {
        if (!_failures.IsEmpty)
        {
            var failures = _failures.ToArray();
            _failures.Clear();
            throw new AggregateException("The script of a server failed.", failures);
        }
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            Socket socket;
            try
            {
                socket = await _listener.AcceptAsync(_stop.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }

            Interlocked.Increment(ref _connections);
            Interlocked.Increment(ref _open);
            _running.Add(Task.Run(() => PlayAsync(socket)));
        }
    }

    private async Task PlayAsync(Socket socket)
    {
        var peer = new ScriptedPeer(socket, _stop.Token);
        try
        {
            await _script(peer);
            if (peer.Unread.Length > 0)
            {
                throw new InvalidOperationException("Unexpected input: " + peer.Unread);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The test is over.
        }
        catch (Exception e)
        {
            _failures.Enqueue(e);
        }
        finally
        {
            await peer.DisposeAsync();
            Interlocked.Decrement(ref _open);
        }
    }
}
