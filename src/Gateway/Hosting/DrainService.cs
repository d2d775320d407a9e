using Gateway.Configuration;
using Gateway.Core.Sessions;

namespace Gateway.Hosting;

/// <summary>
/// Ends the gateway without a stampede: first "not ready" and no new sessions, then every session is told that the system
/// shuts down, spread over a period, then the host stops (BOSH-099, WS-053).
/// </summary>
internal sealed partial class DrainService(SessionRegistry registry, DrainOptions options, TimeProvider time, ILogger<DrainService> log)
    : IHostedLifecycleService, IDrainState, IDisposable
{
    // Sessions end in steps this long: short enough for an even spread, long enough to cost nothing.
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);

    private readonly CancellationTokenSource _hurry = new();
    private volatile bool _draining;

    /// <inheritdoc/>
    public bool IsDraining => _draining;

    /// <summary>Ends what is left at once.</summary>
    public void Hurry() => _hurry.Cancel();

    /// <summary>The whole drain; returns when no session is left, or when it is told to hurry and has told every session.</summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        _draining = true;
        using var hurry = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _hurry.Token);
        var began = time.GetTimestamp();
        Log.Began(log, registry.Count);
        if (options.Delay > TimeSpan.Zero)
        {
            await Task.Delay(options.Delay, time, hurry.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await EndAllAsync(hurry.Token);
        Log.Ended(log, registry.Count, time.GetElapsedTime(began));
    }

    /// <inheritdoc/>
    public Task StoppingAsync(CancellationToken cancellationToken) => DrainAsync(cancellationToken);

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public void Dispose() => _hurry.Dispose();

    private async Task EndAllAsync(CancellationToken hurry)
    {
        var closing = new Dictionary<SessionId, Task>();
        var steps = Math.Max(1, (int)(options.Period / Step));

        // A session that was being opened when the drain began may enter yet: look again until nobody is left.
        for (var past = 0; registry.Count > 0; past++)
        {
            var waiting = registry.Sessions.Where(s => !closing.ContainsKey(s.Id)).ToArray();
            var stepsLeft = hurry.IsCancellationRequested ? 1 : Math.Max(1, steps - past);
            foreach (var session in waiting.Take((waiting.Length + stepsLeft - 1) / stepsLeft))
            {
                closing[session.Id] = CloseAsync(session);
            }

            if (hurry.IsCancellationRequested)
            {
                return;
            }

            // All who were told may go before the step is over; then nothing is waited for.
            var step = Task.Delay(Step, time, hurry);
            await Task.WhenAny(Task.WhenAll(closing.Values), step);
            if (registry.Count > 0)
            {
                await step.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task CloseAsync(IClientSession session)
    {
        try
        {
            await session.CloseAsync(SessionEndReason.SystemShutdown);
        }
        catch (Exception e)
        {
            Log.CloseFailed(log, session.Id, e);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(8001, LogLevel.Information, "Draining: no new sessions, {Count} to end", EventName = "DrainBegan")]
        public static partial void Began(ILogger logger, int count);

        [LoggerMessage(8002, LogLevel.Information, "Drained in {Elapsed}, {Count} sessions left", EventName = "DrainEnded")]
        public static partial void Ended(ILogger logger, int count, TimeSpan elapsed);

        [LoggerMessage(8003, LogLevel.Error, "Session {Session} could not be ended", EventName = "DrainCloseFailed")]
        public static partial void CloseFailed(ILogger logger, SessionId session, Exception exception);
    }
}
