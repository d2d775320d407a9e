using System.Buffers;
using System.IO.Pipelines;

namespace Gateway.Transports.Bosh;

/// <summary>
/// The input of an HTTP/1.1 connection, which can be watched while a request of it is held: Kestrel reads nothing before that
/// request is answered, and a client that pipelines waits for nothing else. Unwatched it only passes calls on.
/// </summary>
/// <remarks>
/// It is the pair of pipes as well, to be one object a connection and not two. And it tells of the end of the input only when all
/// before it has been looked at: Kestrel drops a body that is there whole if the client has closed behind it (COMPAT: gloox 1.0
/// closes in the moment in which it sends its terminate). Such a read never has to wait.
/// </remarks>
internal sealed class WatchedInput(IDuplexPipe transport) : PipeReader, IDuplexPipe
{
    private readonly PipeReader _input = transport.Input;
    private EarlyRead? _early;
    private ReadOnlySequence<byte> _beforeEnd;
    private bool _isExamined;

    /// <inheritdoc/>
    public PipeReader Input => this;

    /// <inheritdoc/>
    public PipeWriter Output { get; } = transport.Output;

    /// <summary>Begins to watch; to be called while the server has read the request and nothing more.</summary>
    /// <param name="onInput">Called with the watcher, once at most, on whatever thread reads the connection.</param>
    /// <param name="watcher">Who wants to know.</param>
    /// <returns>Input waits already: nobody is called.</returns>
    public bool Watch(Action<object> onInput, object watcher) => (_early ??= new EarlyRead(_input)).Begin(onInput, watcher);

    /// <summary>Nobody wants to know any more. What is being read is kept for the server.</summary>
    public void Unwatch() => _early?.Forget();

    /// <inheritdoc/>
    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) =>
        BeforeEnd(_early is { IsIdle: false } early ? early.TakeAsync(cancellationToken) : _input.ReadAsync(cancellationToken));

    /// <inheritdoc/>
    public override bool TryRead(out ReadResult result)
    {
        var isThere = _early is { IsIdle: false } early ? early.TryTake(out result) : _input.TryRead(out result);
        result = BeforeEnd(result);
        return isThere;
    }

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        _isExamined = !_beforeEnd.IsEmpty && _beforeEnd.Slice(examined).IsEmpty;
        _beforeEnd = default;
        _input.AdvanceTo(consumed, examined);
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
        if (_early?.TryCompleteAfterwards(exception) != true)
        {
            _input.Complete(exception);
        }
    }

    /// <inheritdoc/>
    public override ValueTask CompleteAsync(Exception? exception = null) =>
        _early?.TryCompleteAfterwards(exception) == true ? new ValueTask(_early.Completion) : _input.CompleteAsync(exception);

    private ValueTask<ReadResult> BeforeEnd(ValueTask<ReadResult> read) =>
        read.IsCompletedSuccessfully ? new ValueTask<ReadResult>(BeforeEnd(read.Result)) : read;

    private ReadResult BeforeEnd(in ReadResult result)
    {
        if (!result.IsCompleted || result.Buffer.IsEmpty || _isExamined)
        {
            return result;
        }

        _beforeEnd = result.Buffer;
        return new ReadResult(result.Buffer, result.IsCanceled, isCompleted: false);
    }
}
