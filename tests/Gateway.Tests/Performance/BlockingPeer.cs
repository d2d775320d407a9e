using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Gateway.TestKit;

namespace Gateway.Tests.Performance;

/// <summary>
/// The other end of a connection to the gateway, for one thread that waits in the system for what comes. Once it is connected it
/// allocates nothing: the socket stays a blocking one, and all is read into one buffer.
/// </summary>
internal sealed class BlockingPeer : IDisposable
{
    // Some 50 us: as long as the gateway needs, on an idle machine, to come back to its next read.
    private static readonly long Pause = Stopwatch.Frequency / 20_000;

    private readonly Socket _socket;
    private readonly byte[] _buffer = new byte[256 * 1024];
    private int _start;
    private int _end;

    private BlockingPeer(Socket socket)
    {
        _socket = socket;
        _socket.NoDelay = true;
        _socket.ReceiveTimeout = _socket.SendTimeout = (int)TestTimeout.Default.TotalMilliseconds;
    }

    /// <summary>Connects to a port of this machine.</summary>
    public static BlockingPeer Connect(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(IPAddress.Loopback, port);
        return new BlockingPeer(socket);
    }

    /// <summary>Takes a connection.</summary>
    public static BlockingPeer Accept(TcpListener listener) => new(listener.AcceptSocket());

    /// <summary>
    /// Sends all of it, a moment after what came last: a read that need not wait costs the gateway less, and how many do must not
    /// be a matter of luck.
    /// </summary>
    public void Send(ReadOnlySpan<byte> bytes)
    {
        var end = Stopwatch.GetTimestamp() + Pause;
        while (Stopwatch.GetTimestamp() < end)
        {
            Thread.Yield(); // the gateway may be waiting for this very core
        }

        while (!bytes.IsEmpty)
        {
            bytes = bytes[_socket.Send(bytes)..];
        }
    }

    /// <summary>The next bytes, so many; valid until the next call.</summary>
    public ReadOnlySpan<byte> Read(int count)
    {
        while (_end - _start < count)
        {
            Fill();
        }

        _start += count;
        return _buffer.AsSpan(_start - count, count);
    }

    /// <summary>The next bytes up to the end of a text; valid until the next call.</summary>
    public ReadOnlySpan<byte> ReadThrough(ReadOnlySpan<byte> text)
    {
        int at;
        while ((at = _buffer.AsSpan(_start, _end - _start).IndexOf(text)) < 0)
        {
            Fill();
        }

        return Read(at + text.Length);
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private void Fill()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        var count = _socket.Receive(_buffer.AsSpan(_end));
        _end += count > 0 ? count : throw new InvalidOperationException("the gateway has closed the connection");
    }
}
