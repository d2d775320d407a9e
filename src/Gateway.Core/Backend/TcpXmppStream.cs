using System.Buffers;
using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Security.Authentication;
using System.Security.Cryptography;
using Gateway.Xmpp.Buffers;
using Gateway.Xmpp.Framing;
using Gateway.Xmpp.Streams;

namespace Gateway.Core.Backend;

/// <summary>
/// An XMPP stream over a socket or TLS. While it waits for bytes between elements it holds no buffer of its own. The reader owns
/// the buffer: disposing from another thread closes the transport, which ends a pending read, and never touches the bytes
/// somebody may be looking at.
/// </summary>
public sealed partial class TcpXmppStream : IXmppStream
{
    /// <summary>Bytes asked for at once: room for a burst of stanzas, so that they are framed from one read.</summary>
    private const int ReadSize = 16 * 1024;

    /// <summary>What the buffer may hold beyond one element of the largest size; only a header behind its XML declaration needs any.</summary>
    private const int Slack = 4096;

    private static readonly TimeSpan CloseNotifyTimeout = TimeSpan.FromSeconds(1);

    private readonly Stream _transport;
    private readonly TimeProvider _time;
    private readonly XmppFramer _framer;
    private readonly StreamKeepAlive? _keepAlive;
    private byte[] _buffer = [];
    private int _start;
    private int _end;
    private FramingError _error;
    private bool _ended;
    private bool _restarting;
    private bool _gone;
    private int _disposed;

    /// <summary>Takes over a connected transport.</summary>
    /// <param name="transport">A stream that owns its socket, or an <see cref="SslStream"/> over one; a zero-byte read waits until there is something to read.</param>
    /// <param name="limits">What one element may cost.</param>
    /// <param name="time">The clock.</param>
    /// <param name="keepAlive">Looks after its silence once the client is authenticated; null: nobody does.</param>
    public TcpXmppStream(Stream transport, FramingLimits limits, TimeProvider time, StreamKeepAlive? keepAlive = null)
    {
        _transport = transport;
        _time = time;
        _keepAlive = keepAlive;
        _framer = new XmppFramer(FramerMode.Stream, limits);
    }

    /// <summary>The bounds of what a backend may send: 10 MiB, depth 100, 128 attributes (protocol/xmpp-stream.md, table of settings).</summary>
    public static FramingLimits DefaultLimits { get; } = new(10 * 1024 * 1024, 100, 128);

    /// <inheritdoc/>
    public StreamHeader Header { get; private set; } = new();

    /// <inheritdoc/>
    public NamespaceScope Scope => _framer.Scope;

    /// <inheritdoc/>
    public StreamElement Current { get; private set; }

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Buffer => _buffer.AsSpan(_start, _end - _start);

    /// <inheritdoc/>
    public FramingError Error => _error != FramingError.None ? _error : _framer.Error;

    /// <summary>The read that brought <see cref="Current"/> brought bytes behind it, too.</summary>
    internal bool HasMore => _end - _start > Current.End;

    /// <summary>Called once, when the stream is disposed.</summary>
    internal Action? OnDisposed { get; set; }

    /// <summary>Inside TLS.</summary>
    internal bool IsProtected => _transport is SslStream;

    /// <summary>Bytes of the rented buffer; 0 while nothing is pending.</summary>
    internal int BufferSize => _buffer.Length;

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        DropCurrent();
        if (_ended || _gone || Volatile.Read(ref _disposed) != 0)
        {
            ReturnBuffer();
            return false;
        }

        try
        {
            int count;
            if (_start == _end)
            {
                ReturnBuffer();
                count = await _transport.ReadAsync(Memory<byte>.Empty, cancellationToken); // 0 always: only waits
            }

            MakeRoom();
            var pending = _end - _start;
            count = await _transport.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
            if (Volatile.Read(ref _restarting))
            {
                BeginNewStream(pending);
            }

            _end += count;
            _gone = count == 0;
        }
        catch (Exception e) when (IsLoss(e))
        {
            _gone = true;
        }

        if (_gone)
        {
            ReturnBuffer();
        }

        return !_gone;
    }

    /// <inheritdoc/>
    public bool TryRead(out StreamElement element)
    {
        DropCurrent();
        element = default;
        if (Volatile.Read(ref _restarting))
        {
            BeginNewStream(_end - _start);
        }

        while (!_ended)
        {
            var next = _error != FramingError.None ? new StreamElement { Kind = StreamElementKind.Error } : _framer.Read(Buffer);
            switch (next.Kind)
            {
                case StreamElementKind.None:
                    if (_end - _start <= _framer.Limits.MaxBytes + Slack)
                    {
                        return false;
                    }

                    _error = FramingError.TooBig;
                    continue;
                case StreamElementKind.Whitespace:
                    _start += next.End;
                    continue;
                case StreamElementKind.StreamHeader:
                    Header = StreamHeader.Parse(next, Buffer);
                    if (Header.Id is null)
                    {
                        Header = Header with { Id = RandomNumberGenerator.GetHexString(16, lowercase: true) }; // XS-015
                    }

                    break;
                case StreamElementKind.StreamClose or StreamElementKind.Error:
                    _ended = true;
                    break;
                case StreamElementKind.FirstLevelElement when next.Namespace is KnownNamespace.Streams or KnownNamespace.Sasl or KnownNamespace.Sasl2:
                    NoteNegotiation(next);
                    break;
                default:
                    break;
            }

            element = Current = next;
            return true;
        }

        return false;
    }

    /// <inheritdoc/>
    public async ValueTask RestartAsync(StreamHeader header, CancellationToken cancellationToken)
    {
        // The reader may be waiting in FillAsync: it starts anew itself, and whatever it had not consumed by now came too early.
        Volatile.Write(ref _restarting, true);
        using var output = new PooledByteWriter();
        XmppStreamWriter.WriteHeader(output, header);
        await WriteAsync(output.WrittenMemory, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        OnDisposed?.Invoke();
        _keepAlive?.Remove(this);
        if (_transport is SslStream tls && !_gone && Volatile.Read(ref _writer) == Nobody)
        {
            try
            {
                await tls.ShutdownAsync().WaitAsync(CloseNotifyTimeout, _time);
            }
            catch (Exception e) when (e is TimeoutException || IsLoss(e))
            {
                // A courtesy to a peer that is there; TCP ends in any case.
            }
        }

        await _transport.DisposeAsync();
    }

    /// <summary>Hands the transport on to TLS; this stream is at its end and what it learnt is forgotten (XS-024).</summary>
    internal Stream Detach()
    {
        _disposed = 1;
        _ended = true;
        Current = default;
        ReturnBuffer();
        return _transport;
    }

    private static bool IsLoss(Exception e) =>
        e is IOException or SocketException or InvalidOperationException or AuthenticationException or NotSupportedException
            or CryptographicException; // what OpenSSL says of a stream that is read or shut down while it ends

    private void DropCurrent()
    {
        _start += Current.End;
        Current = default;
        if (_start == _end)
        {
            _start = _end = 0;
        }
    }

    private void BeginNewStream(int early)
    {
        _restarting = false;
        _framer.Reset();
        if (Buffer[..early].ContainsAnyExcept(" \t\r\n"u8))
        {
            _error = FramingError.BadFormat; // XS-043
        }
        else
        {
            _start += early;
        }
    }

    private void MakeRoom()
    {
        if (_end < _buffer.Length)
        {
            return;
        }

        var pending = _end - _start;
        if (pending > 0 && _start >= _buffer.Length / 2)
        {
            Buffer.CopyTo(_buffer);
        }
        else
        {
            var bigger = ArrayPool<byte>.Shared.Rent(Math.Max(ReadSize, pending * 2));
            Buffer.CopyTo(bigger);
            ReturnBuffer();
            _buffer = bigger;
        }

        _start = 0;
        _end = pending;
    }

    private void ReturnBuffer()
    {
        var buffer = _buffer;
        _buffer = [];
        _start = _end = 0;
        if (buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
