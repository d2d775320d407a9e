using System.Text;
using Gateway.Core.Backend;
using Gateway.Xmpp.Buffers;
using Gateway.Xmpp.Framing;
using Gateway.Xmpp.Streams;

namespace Gateway.TestKit;

/// <summary>
/// A backend stream in memory, for the tests of sessions: the test plays the server with <see cref="Receive(string)"/> and
/// <see cref="Lose"/>, and looks at what the session wrote and whether it let go. Made as a connector hands it over:
/// header read, features current.
/// </summary>
public sealed class FakeXmppStream : IXmppStream
{
    /// <summary>The header a server sends unless a test says otherwise.</summary>
    public const string DefaultHeader = "<?xml version='1.0'?><stream:stream from='example.org' id='s1' version='1.0' xml:lang='en' "
        + "xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";

    /// <summary>The features a server sends unless a test says otherwise.</summary>
    public const string DefaultFeatures = "<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms></stream:features>";

    private readonly Lock _lock = new();
    private readonly XmppFramer _framer = new(FramerMode.Stream, new FramingLimits(10 * 1024 * 1024));
    private readonly List<byte> _incoming = [];
    private readonly StringBuilder _written = new();
    private readonly List<string> _writes = [];
    private readonly List<StreamHeader> _restarts = [];
    private readonly List<(string Text, TaskCompletionSource Seen)> _waiters = [];
    private readonly TaskCompletionSource _disposal = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource? _arrival;
    private TaskCompletionSource? _writeGate;
    private byte[] _buffer = [];
    private int _consumed;
    private int _taken;
    private bool _lost;
    private bool _ended;
    private volatile bool _restarting;

    /// <summary>Makes a stream that has its features.</summary>
    public FakeXmppStream(string header = DefaultHeader, string features = DefaultFeatures)
    {
        Receive(header + features);
        TakeIncoming();
        while (Current.Kind != StreamElementKind.FirstLevelElement)
        {
            if (!TryRead(out var element) || element.Kind == StreamElementKind.Error)
            {
                throw new ArgumentException("Not a header and features.", nameof(features));
            }
        }
    }

    /// <inheritdoc/>
    public StreamHeader Header { get; private set; } = new();

    /// <inheritdoc/>
    public NamespaceScope Scope => _framer.Scope;

    /// <inheritdoc/>
    public StreamElement Current { get; private set; }

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Buffer => _buffer.AsSpan(_consumed);

    /// <inheritdoc/>
    public FramingError Error => _framer.Error;

    /// <summary>All that was written so far.</summary>
    public string Written
    {
        get
        {
            lock (_lock)
            {
                return _written.ToString();
            }
        }
    }

    /// <summary>The single writes so far: what one write call carried is one entry.</summary>
    public IReadOnlyList<string> Writes
    {
        get
        {
            lock (_lock)
            {
                return [.. _writes];
            }
        }
    }

    /// <summary>The headers of all restarts so far.</summary>
    public IReadOnlyList<StreamHeader> Restarts
    {
        get
        {
            lock (_lock)
            {
                return [.. _restarts];
            }
        }
    }

    /// <summary>It was disposed.</summary>
    public bool IsDisposed => _disposal.Task.IsCompleted;

    /// <summary>Completes when it is disposed.</summary>
    public Task Disposed => _disposal.Task.WithinAsync(what: "the backend stream's disposal");

    /// <summary>How often reading waited for bytes (or found them); stands still while a session applies back pressure.</summary>
    public int Fills { get; private set; }

    /// <summary>Somebody waits for bytes now.</summary>
    public bool IsReading
    {
        get
        {
            lock (_lock)
            {
                return _arrival is not null;
            }
        }
    }

    /// <summary>The server sends.</summary>
    public void Receive(string xml) => Receive(Encoding.UTF8.GetBytes(xml));

    /// <summary>The server sends.</summary>
    public void Receive(ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            _incoming.AddRange(bytes);
            _arrival?.TrySetResult();
            _arrival = null;
        }
    }

    /// <summary>The server sends a header and features, as after a restart.</summary>
    public void ReceiveHeader(string header = DefaultHeader, string features = "<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>") =>
        Receive(header + features);

    /// <summary>The connection is gone: what is here can still be read, writing fails.</summary>
    public void Lose()
    {
        lock (_lock)
        {
            _lost = true;
            _arrival?.TrySetResult();
            _arrival = null;
            _writeGate?.TrySetResult();
        }
    }

    /// <summary>From now on writes wait, as when the server does not read.</summary>
    public void HoldWrites()
    {
        lock (_lock)
        {
            _writeGate ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>A write has come to wait.</summary>
    public bool IsWriteHeld { get; private set; }

    /// <summary>Writes go on.</summary>
    public void ReleaseWrites()
    {
        lock (_lock)
        {
            _writeGate?.TrySetResult();
            _writeGate = null;
        }
    }

    /// <summary>Completes when a text has been written that was not taken before, and takes everything up to its end.</summary>
    public async Task ExpectAsync(string text)
    {
        Task seen;
        lock (_lock)
        {
            var at = _written.ToString().IndexOf(text, _taken, StringComparison.Ordinal);
            if (at >= 0)
            {
                _taken = at + text.Length;
                return;
            }

            var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((text, source));
            seen = source.Task;
        }

        try
        {
            await seen.WithinAsync();
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"Expected the write \"{text}\"; written was: {Written}", e);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task arrival;
            lock (_lock)
            {
                Fills++;
                if (IsDisposed || _ended)
                {
                    return false;
                }

                if (_incoming.Count > 0)
                {
                    TakeIncoming();
                    return true;
                }

                if (_lost)
                {
                    return false;
                }

                _arrival ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                arrival = _arrival.Task;
            }

            await arrival.WaitAsync(cancellationToken);
        }
    }

    /// <inheritdoc/>
    public bool TryRead(out StreamElement element)
    {
        while (true)
        {
            element = default;
            if (_ended)
            {
                return false;
            }

            _consumed += Current.End;
            Current = default;
            if (_restarting)
            {
                _restarting = false;
                _framer.Reset();
            }

            var next = _framer.Read(Buffer);
            switch (next.Kind)
            {
                case StreamElementKind.None:
                    return false;
                case StreamElementKind.Whitespace:
                    Current = next;
                    continue;
                case StreamElementKind.StreamHeader:
                    Header = StreamHeader.Parse(next, Buffer);
                    break;
                default:
                    break;
            }

            _ended = next.Kind is StreamElementKind.Error or StreamElementKind.StreamClose;
            element = Current = next;
            return true;
        }
    }

    /// <inheritdoc/>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        var gate = _writeGate;
        if (gate is not null)
        {
            IsWriteHeld = true;
            await gate.Task.WaitAsync(cancellationToken);
            IsWriteHeld = false;
        }

        cancellationToken.ThrowIfCancellationRequested();
        Capture(bytes.Span);
    }

    /// <inheritdoc/>
    public async ValueTask RestartAsync(StreamHeader header, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _restarts.Add(header);
        }

        // Who reads starts anew by itself; the test may have answered before this write has returned.
        _restarting = true;
        using var output = new PooledByteWriter();
        XmppStreamWriter.WriteHeader(output, header);
        await WriteAsync(output.WrittenMemory, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Lose();
        _disposal.TrySetResult();
        return ValueTask.CompletedTask;
    }

    private void TakeIncoming()
    {
        _consumed += Current.End;
        Current = default;
        _buffer = [.. _buffer.AsSpan(_consumed), .. _incoming];
        _consumed = 0;
        _incoming.Clear();
    }

    private void Capture(ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            if (_lost)
            {
                throw new IOException("The connection is lost.");
            }

            var text = Encoding.UTF8.GetString(bytes);
            _writes.Add(text);
            _written.Append(text);
            for (var i = 0; i < _waiters.Count; i++)
            {
                var at = _written.ToString().IndexOf(_waiters[i].Text, _taken, StringComparison.Ordinal);
                if (at >= 0)
                {
                    _taken = at + _waiters[i].Text.Length;
                    _waiters[i].Seen.TrySetResult();
                    _waiters.RemoveAt(i--);
                }
            }
        }
    }
}
