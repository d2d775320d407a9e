using System.Threading.Tasks.Sources;

namespace Gateway.Core.Bosh;

/// <summary>One HTTP exchange of a session: its rid and the response to come. All that HTTP and the session share.</summary>
public sealed class HeldRequest : IValueTaskSource<BoshResponse>
{
    // Continuations run inline: whoever answers writes the response, and nothing in that path blocks.
    private ManualResetValueTaskSourceCore<BoshResponse> _source;

    /// <summary>Makes an exchange.</summary>
    /// <param name="request">What was asked; dropped once it is processed.</param>
    public HeldRequest(BoshRequest request)
    {
        Request = request;
        Rid = request.Body.Rid ?? 0;
        Key = request.Body.Key;
        NewKey = request.Body.NewKey;
    }

    /// <summary>The request's number; 0 if it had none that could be read.</summary>
    public long Rid { get; }

    /// <summary>Completes once, with what is to be sent. To be awaited once.</summary>
    public ValueTask<BoshResponse> Response => new(this, _source.Version);

    internal BoshRequest? Request { get; set; }

    internal string? Key { get; }

    internal string? NewKey { get; }

    /// <summary>When this exchange came; a repeat is a new exchange.</summary>
    internal TimeSpan ReceivedAt { get; set; }

    /// <summary>When the rid came first, for the gap timer.</summary>
    internal TimeSpan FirstReceivedAt { get; set; }

    /// <summary>Time since the new request before it.</summary>
    internal TimeSpan SincePrevious { get; set; }

    /// <summary>Requests without an answer when it came, itself included.</summary>
    internal int OutstandingOnArrival { get; set; }

    /// <summary>When it has to be answered, once it is held.</summary>
    internal TimeSpan Deadline { get; set; }

    /// <summary>Its rid was in order and its payloads are forwarded.</summary>
    internal bool IsProcessed { get; set; }

    /// <summary>Its connection broke before the answer (BOSH-058).</summary>
    internal bool IsBroken { get; set; }

    /// <summary>It asked for a pause, so its response holds no payload (BOSH-080).</summary>
    internal bool IsPause { get; set; }

    /// <summary>The client's next request stands behind it on its connection.</summary>
    internal bool IsNextWaiting { get; set; }

    /// <summary>How often the rid had been repeated with this exchange, which tells it from the others of its rid.</summary>
    internal int Repeats { get; set; }

    internal void Complete(in BoshResponse response) => _source.SetResult(response);

    BoshResponse IValueTaskSource<BoshResponse>.GetResult(short token) => _source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<BoshResponse>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<BoshResponse>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);
}
