using Gateway.Core.Backend;

namespace Gateway.TestKit;

/// <summary>Hands out streams in memory, one after the other, or fails as a test says.</summary>
public sealed class FakeBackendConnector : IBackendConnector
{
    private readonly Queue<Func<CancellationToken, Task<IXmppStream>>> _outcomes = new();
    private readonly List<BackendRequest> _requests = [];

    /// <summary>What was asked for.</summary>
    public IReadOnlyList<BackendRequest> Requests => _requests;

    /// <summary>Attempts that were given up by their session.</summary>
    public int Cancelled { get; private set; }

    /// <summary>The next attempt gets this stream.</summary>
    public FakeXmppStream Give(FakeXmppStream? stream = null)
    {
        var given = stream ?? new FakeXmppStream();
        _outcomes.Enqueue(_ => Task.FromResult<IXmppStream>(given));
        return given;
    }

    /// <summary>The next attempt fails.</summary>
    public void Fail(BackendConnectException failure) => _outcomes.Enqueue(_ => Task.FromException<IXmppStream>(failure));

    /// <summary>The next attempt hangs until it is given up or the source is completed.</summary>
    public TaskCompletionSource<IXmppStream> Hang()
    {
        var source = new TaskCompletionSource<IXmppStream>(TaskCreationOptions.RunContinuationsAsynchronously);
        _outcomes.Enqueue(token => source.Task.WaitAsync(token));
        return source;
    }

    /// <inheritdoc/>
    public async Task<IXmppStream> ConnectAsync(BackendRequest request, CancellationToken cancellationToken)
    {
        _requests.Add(request);
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            return await (_outcomes.TryDequeue(out var outcome) ? outcome(cancellationToken) : Task.FromResult<IXmppStream>(new FakeXmppStream()));
        }
        catch (OperationCanceledException)
        {
            Cancelled++;
            throw;
        }
    }
}
