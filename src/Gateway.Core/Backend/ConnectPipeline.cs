using Gateway.Core.Sessions;
using Polly;
using Polly.Timeout;

namespace Gateway.Core.Backend;

/// <summary>The time limit of the way to a stream of one backend, over all servers tried; built once for all of its sessions.</summary>
internal sealed class ConnectPipeline(TimeSpan limit, TimeProvider time)
{
    private readonly ResiliencePipeline _pipeline = new ResiliencePipelineBuilder { TimeProvider = time }.AddTimeout(limit).Build();

    /// <summary>Goes the way within the limit.</summary>
    /// <exception cref="BackendConnectException">Its cause is <see cref="SessionEndReason.BackendTimeout"/> when the limit was reached.</exception>
    public async ValueTask<T> ExecuteAsync<TState, T>(Func<TState, CancellationToken, ValueTask<T>> way, TState state, CancellationToken cancellationToken)
    {
        try
        {
            return await _pipeline.ExecuteAsync(static (all, token) => all.way(all.state, token), (way, state), cancellationToken);
        }
        catch (TimeoutRejectedException e)
        {
            throw StepLimit.Reached("usable server", limit, e);
        }
    }
}
