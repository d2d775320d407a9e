using System.Buffers;
using System.IO.Pipelines;

namespace Gateway.Transports.Bosh;

/// <summary>
/// The input of an HTTP/1.1 connection, which can be watched while a request of it is held: Kestrel reads nothing before that
/// request is answered, and a client that pipelines waits for nothing else. Unwatched it only passes calls on.
/// </summary>
/// <remarks>
/// It is the pair of pipes as well, to be one object a connection and not two. And it tells of the end of the input, and so of the
/// end of the connection, only when all before it has been looked at: Kestrel drops what is there whole if the client has closed
/// behind it (COMPAT: gloox 1.0 closes in the moment in which it sends its terminate, which may wait behind a held request).
/// For the same reason what one read brought is given again, until it has been examined, without asking the transport: once a
/// write to a closed connection has failed a pipe throws, and what it still holds is lost.
/// </remarks>
internal sealed class WatchedInput(IDuplexPipe transport, CancellationToken transportClosed) : PipeReader, IDuplexPipe, IAsyncDisposable
{
    private readonly PipeReader _input = transport.Input;
    private readonly CancellationTokenSource _closed = new();
    private CancellationTokenRegistration _transportClosed;
    private int _ends;
    private EarlyRead? _early;
    private Action<object>? _onClosed;
    private object? _watcher;
    private ReadOnlySequence<byte> _read;
    private State _state;
    private bool _isCompleted;
    private bool _isExamined;
    private volatile bool _isBroken;

    /// <summary>What a read brings when the input is over.</summary>
    internal static ReadResult Ended { get; } = new(default, isCanceled: false, isCompleted: true);

    /// <inheritdoc/>
    public PipeReader Input => this;

    /// <inheritdoc/>
    public PipeWriter Output { get; } = transport.Output;

    /// <summary>The connection is closed, and nothing is left to be read; to stand for the transport's own token.</summary>
    public CancellationToken Closed
    {
        get
        {
            _transportClosed = transportClosed.UnsafeRegister(static me => ((WatchedInput)me!).OnTransportClosed(), this);
            return _closed.Token;
        }
    }

    /// <summary>The client has closed the connection, whatever of it has been told and read.</summary>
    public bool IsTransportClosed => transportClosed.IsCancellationRequested;

    /// <summary>Nobody looks at what may still be there: from now on the end is told when it comes.</summary>
    public void TellEnd() => Note(Ends.Input);

    /// <summary>Begins to watch; to be called while the server has read the request and nothing more.</summary>
    /// <param name="onInput">Called with the watcher, once at most, on whatever thread reads the connection.</param>
    /// <param name="onClosed">Called with the watcher, once at most, when the connection is closed, whatever may still be there to read.</param>
    /// <param name="watcher">Who wants to know.</param>
    /// <returns>Input waits already: nobody is called for it.</returns>
    public bool Watch(Action<object> onInput, Action<object> onClosed, object watcher)
    {
        _onClosed = onClosed;
        Volatile.Write(ref _watcher, watcher);
        var isThere = IsNextThere() || (_early ??= new EarlyRead(this, _input)).Begin(onInput, watcher);
        if (IsTransportClosed)
        {
            TellWatcher();
        }

        return isThere;
    }

    /// <summary>Nobody wants to know any more. What is being read is kept for the server.</summary>
    public void Unwatch()
    {
        Volatile.Write(ref _watcher, null);
        _early?.Forget();
    }

    /// <inheritdoc/>
    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) =>
        _state == State.Left ? new ValueTask<ReadResult>(TakeLeft())
        : _isBroken && _early!.IsIdle ? new ValueTask<ReadResult>(Ended)
        : Take(_early is { IsIdle: false } early ? early.TakeAsync(cancellationToken) : _input.ReadAsync(cancellationToken));

    /// <inheritdoc/>
    public override bool TryRead(out ReadResult result)
    {
        if (_state == State.Left)
        {
            result = TakeLeft();
            return true;
        }

        if (_isBroken && _early!.IsIdle)
        {
            result = Ended;
            return true;
        }

        var isThere = _early is { IsIdle: false } early ? early.TryTake(out result) : _input.TryRead(out result);
        result = isThere ? Take(result) : result;
        return isThere;
    }

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (_state == State.Kept && !_read.Slice(examined).IsEmpty)
        {
            _read = _read.Slice(consumed);
            _state = State.Left;
            return;
        }

        _isExamined = _isCompleted && !_read.IsEmpty;
        _read = default;
        _isCompleted = false;
        _state = State.None;
        if (!_isBroken)
        {
            _input.AdvanceTo(consumed, examined);
        }
    }

    /// <inheritdoc/>
    public override void CancelPendingRead()
    {
        if (_early?.TryCancelKept() != true)
        {
            _input.CancelPendingRead();
        }
    }

    /// <inheritdoc/>
    public override void Complete(Exception? exception = null)
    {
        TellEnd();
        if (_early?.TryCompleteAfterwards(exception) != true)
        {
            _input.Complete(exception);
        }
    }

    /// <inheritdoc/>
    public override ValueTask CompleteAsync(Exception? exception = null)
    {
        TellEnd();
        return _early?.TryCompleteAfterwards(exception) == true ? new ValueTask(_early.Completion) : _input.CompleteAsync(exception);
    }

    /// <summary>The connection is over: nothing is read any more when this has ended.</summary>
    public async ValueTask DisposeAsync()
    {
        await CompleteAsync();
        await _transportClosed.DisposeAsync();
        _closed.Dispose();
    }

    /// <summary>The connection broke under an early read, and nothing more can be read.</summary>
    internal void NoteBroken()
    {
        _isBroken = true;
        TellEnd();
    }

    /// <summary>The end has come with nothing before it.</summary>
    internal void NoteEnd(in ReadResult result)
    {
        if (result is { IsCompleted: true, Buffer.IsEmpty: true })
        {
            TellEnd();
        }
    }

    private ReadResult TakeLeft()
    {
        _state = State.Kept;
        return new ReadResult(_read, isCanceled: false, isCompleted: false);
    }

    /// <summary>What the server has to wait for it gets as it comes: it looks at that before the transport goes on.</summary>
    private ValueTask<ReadResult> Take(ValueTask<ReadResult> read) =>
        read.IsCompletedSuccessfully ? new ValueTask<ReadResult>(Take(read.Result)) : read;

    private ReadResult Take(in ReadResult result)
    {
        NoteEnd(result);
        _read = result.Buffer;
        _isCompleted = result.IsCompleted;
        _state = State.Kept;
        return !_isCompleted || _read.IsEmpty || _isExamined ? result : new ReadResult(_read, result.IsCanceled, isCompleted: false);
    }

    /// <summary>Behind the request lies another. An empty line there is none: it goes back, and whoever reads next finds it again.</summary>
    private bool IsNextThere()
    {
        if (_state != State.Left)
        {
            return false;
        }

        if (!EarlyRead.IsEmptyLine(_read))
        {
            return true;
        }

        _state = State.Kept;
        AdvanceTo(_read.Start, _read.End);
        return false;
    }

    private void OnTransportClosed()
    {
        Note(Ends.Transport);
        TellWatcher();
    }

    private void TellWatcher()
    {
        if (Interlocked.Exchange(ref _watcher, null) is { } watcher)
        {
            _onClosed!(watcher);
        }
    }

    private void Note(Ends what)
    {
        if ((Interlocked.Or(ref _ends, (int)what) | (int)what) == (int)(Ends.Transport | Ends.Input))
        {
            _closed.Cancel();
        }
    }

    private enum State : byte
    {
        None, // the server reads by itself
        Kept, // it looks at what a read brought
        Left, // it has looked, and not at all of it
    }

    [Flags]
    private enum Ends
    {
        Transport = 1,
        Input = 2,
    }
}
