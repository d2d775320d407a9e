using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;

namespace Gateway.Transports.Bosh;

/// <summary>A read that is begun before the server asks for it, and kept until it does. One object serves all reads of a connection, one after the other.</summary>
[SuppressMessage("Reliability", "CA2012", Justification = "The awaiter of a read is asked once, when it has ended.")]
internal sealed class EarlyRead : IValueTaskSource<ReadResult>
{
    private readonly WatchedInput _owner;
    private readonly PipeReader _input;
    private readonly Action _onRead;
    private readonly Lock _lock = new();
    private volatile State _state;
    private Action<object>? _onInput;
    private object? _watcher;
    private ValueTaskAwaiter<ReadResult> _reading;
    private ReadResult _kept;
    private Exception? _error;
    private bool _isKeptCanceled;
    private Exception? _completion;
    private TaskCompletionSource? _completed;
    private ManualResetValueTaskSourceCore<ReadResult> _asked;

    /// <param name="owner">Hears when the input has ended or broken and nothing is before that.</param>
    /// <param name="input">What is read.</param>
    public EarlyRead(WatchedInput owner, PipeReader input)
    {
        _owner = owner;
        _input = input;
        _onRead = OnRead;
    }

    private enum State : byte
    {
        Idle, // nothing is read early: the server reads by itself
        Reading, // the read is under way and the server has not asked
        Kept, // it has ended and the server has not asked
        Asked, // it is under way and the server waits for it
        Completing, // it is under way, cancelled, and the last one
    }

    /// <summary>The server reads by itself.</summary>
    public bool IsIdle => _state == State.Idle;

    /// <summary>Completes when the input is completed that was to be completed afterwards.</summary>
    public Task Completion
    {
        get
        {
            lock (_lock)
            {
                return _state == State.Completing ? (_completed ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task : Task.CompletedTask;
            }
        }
    }

    /// <summary>Begins. True: input is there already, and nobody is told.</summary>
    public bool Begin(Action<object> onInput, object watcher)
    {
        _onInput = onInput;
        Read();
        while (_reading.IsCompleted)
        {
            if (Observe(out var hasInput))
            {
                _state = State.Kept;
                return hasInput;
            }
        }

        _watcher = watcher;
        _state = State.Reading;
        _reading.UnsafeOnCompleted(_onRead);
        return false;
    }

    /// <summary>Nobody is to be told any more.</summary>
    public void Forget() => _watcher = null;

    /// <summary>The server asks for the head of the next request, which it does without a token: one that is cancelled later is not looked at.</summary>
    public ValueTask<ReadResult> TakeAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            if (_state != State.Kept)
            {
                if (_state != State.Reading)
                {
                    throw new InvalidOperationException("Reading is under way or over.");
                }

                _watcher = null;
                _asked.Reset();
                _state = State.Asked;
                return new ValueTask<ReadResult>(this, _asked.Version);
            }
        }

        return _error is null ? new ValueTask<ReadResult>(TakeKept()) : ValueTask.FromException<ReadResult>(TakeError());
    }

    /// <summary>The server asks for what is there.</summary>
    public bool TryTake(out ReadResult result)
    {
        result = default;
        if (_state != State.Kept)
        {
            return false;
        }

        if (_error is not null)
        {
            throw TakeError();
        }

        result = TakeKept();
        return true;
    }

    /// <summary>The read that is kept counts as cancelled. False: there is none, and the input's own read is the one.</summary>
    public bool TryCancelKept()
    {
        lock (_lock)
        {
            _isKeptCanceled |= _state == State.Kept;
            return _state == State.Kept;
        }
    }

    /// <summary>
    /// The server is done with the input. A read under way may be writing into its buffers, so it is ended before they are
    /// given back. False: nothing is under way.
    /// </summary>
    public bool TryCompleteAfterwards(Exception? exception)
    {
        lock (_lock)
        {
            if (_state is not (State.Reading or State.Asked))
            {
                return _state == State.Completing;
            }

            _watcher = null;
            _completion = exception;
            _state = State.Completing;
        }

        _input.CancelPendingRead();
        return true;
    }

    /// <summary>Begins a read; an input that has broken before throws here and not in the read.</summary>
    private void Read()
    {
        try
        {
            _reading = _input.ReadAsync().GetAwaiter();
        }
        catch (Exception e)
        {
            _reading = ValueTask.FromException<ReadResult>(e).GetAwaiter();
        }
    }

    /// <summary>Looks at what was read. False: nothing of it matters, and the next read is begun.</summary>
    private bool Observe(out bool hasInput)
    {
        hasInput = false;
        _error = null;
        try
        {
            _kept = _reading.GetResult();
        }
        catch (IOException)
        {
            // A client that goes without a goodbye is everyday, and the server has no request of it: an end like any other, since an
            // exception costs as much as half a request for each method that it passes through.
            _kept = WatchedInput.Ended;
            _owner.NoteBroken();
            return true;
        }
        catch (Exception e)
        {
            // The server's to handle, when it asks.
            _kept = default;
            _error = e;
            _owner.TellEnd();
            return true;
        }

        var buffer = _kept.Buffer;
        if (buffer.IsEmpty || _kept.IsCompleted || _kept.IsCanceled || !IsEmptyLine(buffer))
        {
            // The end of the input is no request; a client that vanishes is noticed elsewhere.
            hasInput = !buffer.IsEmpty;
            _owner.NoteEnd(_kept);
            return true;
        }

        _input.AdvanceTo(buffer.Start, buffer.End);
        Read();
        return false;
    }

    /// <summary>RFC 9112 §2.2: old clients send an empty line behind the body of a POST, which belongs to no request.</summary>
    public static bool IsEmptyLine(in ReadOnlySequence<byte> buffer)
    {
        Span<byte> start = stackalloc byte[2];
        if (buffer.Length > start.Length)
        {
            return false;
        }

        buffer.CopyTo(start);
        return !start[..(int)buffer.Length].ContainsAnyExcept((byte)'\r', (byte)'\n');
    }

    private void OnRead()
    {
        bool hasInput;
        while (!Observe(out hasInput))
        {
            if (!_reading.IsCompleted)
            {
                _reading.UnsafeOnCompleted(_onRead);
                return;
            }
        }

        object? watcher;
        State was;
        lock (_lock)
        {
            was = _state;
            watcher = hasInput && was == State.Reading ? _watcher : null;
            _watcher = null;
            _state = was == State.Reading ? State.Kept : was == State.Asked ? State.Idle : State.Completing;
        }

        // From here the server may be anywhere, even in the next early read; nothing of that one is touched.
        switch (was)
        {
            case State.Asked:
                Answer();
                break;
            case State.Completing:
                EndInput();
                break;
            case var _ when watcher is not null:
                _onInput!(watcher);
                break;
        }
    }

    private void Answer()
    {
        var (error, result) = (_error, _kept);
        _error = null;
        _kept = default;
        if (error is null)
        {
            _asked.SetResult(result);
        }
        else
        {
            _asked.SetException(error);
        }
    }

    private void EndInput()
    {
        _input.Complete(_completion);
        TaskCompletionSource? completed;
        lock (_lock)
        {
            _state = State.Idle;
            completed = _completed;
        }

        completed?.SetResult();
    }

    private ReadResult TakeKept()
    {
        lock (_lock)
        {
            var result = _kept;
            _kept = default;
            result = new ReadResult(result.Buffer, result.IsCanceled || _isKeptCanceled, result.IsCompleted);
            _isKeptCanceled = false;
            _state = State.Idle;
            return result;
        }
    }

    private Exception TakeError()
    {
        lock (_lock)
        {
            var error = _error!;
            _error = null;
            _isKeptCanceled = false;
            _state = State.Idle;
            return error;
        }
    }

    ReadResult IValueTaskSource<ReadResult>.GetResult(short token) => _asked.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<ReadResult>.GetStatus(short token) => _asked.GetStatus(token);

    void IValueTaskSource<ReadResult>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _asked.OnCompleted(continuation, state, token, flags);
}
