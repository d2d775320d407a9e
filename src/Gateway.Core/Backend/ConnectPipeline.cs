using Gateway.Core.Sessions;
using Polly;
using Polly.Timeout;

namespace Gateway.Core.Backend;

/// <summary>
/// The time limits of one backend, built once for all of its sessions. Each limit becomes the cause
/// <see cref="SessionEndReason.BackendTimeout"/> with a text that names what was waited for.
/// </summary>
internal sealed class ConnectPipeline
{
    private readonly Limit _connect;
    private readonly Limit _step;
    private readonly Limit _setup;

    public ConnectPipeline(BackendOptions options, TimeProvider time)
    {
        _connect = new Limit(options.ConnectTimeout, time);
        _step = new Limit(options.StepTimeout, time);
        _setup = new Limit(options.SetupTimeout, time);
    }

    /// <summary>A TCP connect to one address.</summary>
    public ValueTask<T> ConnectAsync<T>(string what, Func<CancellationToken, ValueTask<T>> callback, CancellationToken cancellationToken) =>
        _connect.ExecuteAsync(what, callback, cancellationToken);

    /// <summary>One step with one server.</summary>
    public ValueTask<T> StepAsync<T>(string what, Func<CancellationToken, ValueTask<T>> callback, CancellationToken cancellationToken) =>
        _step.ExecuteAsync(what, callback, cancellationToken);

    /// <summary>The whole of it, over all servers.</summary>
    public ValueTask<T> SetupAsync<T>(string what, Func<CancellationToken, ValueTask<T>> callback, CancellationToken cancellationToken) =>
        _setup.ExecuteAsync(what, callback, cancellationToken);

    private sealed class Limit(TimeSpan timeout, TimeProvider time)
    {
        private readonly ResiliencePipeline _pipeline = new ResiliencePipelineBuilder { TimeProvider = time }.AddTimeout(timeout).Build();

        public async ValueTask<T> ExecuteAsync<T>(string what, Func<CancellationToken, ValueTask<T>> callback, CancellationToken cancellationToken)
        {
            try
            {
                return await _pipeline.ExecuteAsync(callback, cancellationToken);
            }
            catch (TimeoutRejectedException e)
            {
                throw new BackendConnectException(SessionEndReason.BackendTimeout, $"no {what} within {timeout.TotalSeconds:0.###} s", e);
            }
        }
    }
}
