using Gateway.Core.Backend.Dns;
using Gateway.Core.Sessions;
using Microsoft.Extensions.Logging;

namespace Gateway.Core.Backend.Pools;

/// <summary>
/// Looks after the servers of the backends: opens a stream with each as a login would, up to the features, and closes it. While a breaker
/// is open the check is not made; when its time is over the check may be the attempt that decides.
/// </summary>
/// <param name="backends">Whose.</param>
/// <param name="opener">Opens the streams.</param>
/// <param name="draw">Spreads the checks of many gateways.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Faults of its own.</param>
public sealed partial class BackendMonitor(BackendTable backends, StreamOpener opener, RandomDraw draw, TimeProvider time, ILogger<BackendMonitor> log)
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    private readonly Dictionary<BackendPool, Task> _lookedAfter = [];

    /// <summary>Checks, until it is told to stop.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using var ticks = new PeriodicTimer(Tick, time);
        do
        {
            BeginNew(stop);
            backends.Tidy();
        }
        while (await NextAsync(ticks, stop));

        await Task.WhenAll(_lookedAfter.Values);
    }

    private static async Task<bool> NextAsync(PeriodicTimer ticks, CancellationToken stop)
    {
        try
        {
            return await ticks.WaitForNextTickAsync(stop);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private static bool IsChecked(BackendPool pool) => pool.Options.HealthCheck.Enabled && pool.CheckedName is not null;

    /// <summary>A reload brings backends and takes them away.</summary>
    private void BeginNew(CancellationToken stop)
    {
        foreach (var gone in _lookedAfter.Where(each => each.Value.IsCompleted).Select(each => each.Key).ToArray())
        {
            _lookedAfter.Remove(gone);
        }

        foreach (var pool in backends.Pools.Where(each => IsChecked(each) && !_lookedAfter.ContainsKey(each)))
        {
            _lookedAfter[pool] = LookAfterAsync(pool, stop);
        }
    }

    private async Task LookAfterAsync(BackendPool pool, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested && IsChecked(pool) && backends.Pools.Contains(pool))
        {
            await CheckAsync(pool, pool.CheckedName!, stop);

            // A tenth more or less: replicas that were started together do not call together for long.
            var interval = pool.Options.HealthCheck.Interval * (0.9 + (draw(200) / 1000.0));
            await Task.Delay(interval, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>One round: all servers at once. It never throws.</summary>
    private async Task CheckAsync(BackendPool pool, string name, CancellationToken stop)
    {
        try
        {
            var targets = await pool.TargetsAsync(name, stop);
            await Task.WhenAll(targets.Select(t => CheckAsync(pool, t.Server, name, stop)));
        }
        catch (BackendConnectException)
        {
            // DNS names nobody: there is nothing to look after.
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The gateway stops.
        }
        catch (Exception e)
        {
            Log.Failed(log, e);
        }
    }

    private async Task CheckAsync(BackendPool pool, BackendServer server, string name, CancellationToken stop)
    {
        var request = new BackendRequest(pool.Name, name, null, "en", ClientConnection.Unknown);
        if (await server.CheckAsync(OpenAsync, (pool, server, request), name, stop) is { } stream)
        {
            _ = CloseAsync(stream);
        }
    }

    private async Task CloseAsync(TcpXmppStream stream)
    {
        try
        {
            await stream.CloseCleanlyAsync(time);
        }
        catch (Exception e)
        {
            Log.Failed(log, e);
        }
    }

    private async ValueTask<TcpXmppStream> OpenAsync((BackendPool Pool, BackendServer Server, BackendRequest Request) check, CancellationToken stop)
    {
        using var limit = new StepLimit(time, stop);
        try
        {
            var token = limit.Begin("answer to a check", check.Pool.Options.HealthCheck.Timeout);
            return await opener.OpenAsync(check.Pool, check.Server, check.Request, isForItself: true, null, token);
        }
        catch (OperationCanceledException e) when (limit.IsReached)
        {
            throw limit.Reached(e);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2401, LogLevel.Error, "The check of a backend failed by a fault of the gateway", EventName = "BackendCheckFailed")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
