using System.Threading.Tasks.Sources;
using Gateway.Core.Backend;
using Gateway.Xmpp.Framing;
using Gateway.Xmpp.Streams;

namespace Gateway.Benchmarks.InMemory;

/// <summary>
/// A backend stream that allocates nothing once it is open: a session's reader takes what is delivered on the same thread,
/// and what the session writes is counted and forgotten. Made as a connector hands it over: header read, features current.
/// </summary>
internal sealed class MemoryXmppStream : IXmppStream, IValueTaskSource<bool>
{
    private static readonly byte[] Features = "<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>ANONYMOUS</mechanism></mechanisms></stream:features>"u8.ToArray();
    private static readonly byte[] BindFeatures = "<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>"u8.ToArray();
    private static readonly byte[] Success = "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"u8.ToArray();

    private readonly XmppFramer _framer = new(FramerMode.Stream, TcpXmppStream.DefaultLimits);
    private ManualResetValueTaskSourceCore<bool> _arrival; // continuations run inline: an operation is over when Deliver returns
    private ReadOnlyMemory<byte> _buffer;

    /// <summary>Makes one that is open.</summary>
    public MemoryXmppStream()
    {
        _buffer = (byte[])[.. SampleStanzas.Header, .. Features];
        while (Current.Kind != StreamElementKind.FirstLevelElement)
        {
            if (!TryRead(out _))
            {
                throw new InvalidOperationException("the samples do not frame");
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
    public ReadOnlySpan<byte> Buffer => _buffer.Span;

    /// <inheritdoc/>
    public FramingError Error => _framer.Error;

    /// <summary>Writes so far.</summary>
    public int Writes { get; private set; }

    /// <summary>The server sends whole elements, while the session waits.</summary>
    public void Deliver(ReadOnlyMemory<byte> bytes)
    {
        _buffer = bytes;
        _arrival.SetResult(true);
    }

    /// <summary>The server accepts the client's login.</summary>
    public void Accept() => Deliver(Success);

    /// <summary>The server answers the header of the stream behind the login.</summary>
    public void AnswerRestart() => Deliver((byte[])[.. SampleStanzas.Header, .. BindFeatures]);

    /// <inheritdoc/>
    public ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        _arrival.Reset();
        return new ValueTask<bool>(this, _arrival.Version);
    }

    /// <inheritdoc/>
    public bool TryRead(out StreamElement element)
    {
        _buffer = _buffer[Current.End..];
        Current = element = _framer.Read(_buffer.Span);
        if (element.Kind == StreamElementKind.StreamHeader)
        {
            Header = StreamHeader.Parse(element, _buffer.Span);
        }

        return element.Kind != StreamElementKind.None;
    }

    /// <inheritdoc/>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        Writes++;
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask RestartAsync(StreamHeader header, CancellationToken cancellationToken)
    {
        _framer.Reset();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public bool GetResult(short token) => _arrival.GetResult(token);

    /// <inheritdoc/>
    public ValueTaskSourceStatus GetStatus(short token) => _arrival.GetStatus(token);

    /// <inheritdoc/>
    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _arrival.OnCompleted(continuation, state, token, flags);
}
