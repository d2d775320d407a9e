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

    private readonly Dictionary<BackendPool, (Task Running, CancellationTokenSource End)> _lookedAfter = [];

    /// <summary>Checks, until it is told to stop.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using var ticks = new PeriodicTimer(Tick, time);
        do
        {
            FollowTable(stop);
            backends.Tidy();
        }
        while (await NextAsync(ticks, stop));

        await Task.WhenAll(_lookedAfter.Values.Select(each => each.Running));
        foreach (var (_, end) in _lookedAfter.Values)
        {
            end.Dispose();
        }
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

    /// <summary>A reload sets all backends up anew: those before are left alone, those now are looked after.</summary>
    private void FollowTable(CancellationToken stop)
    {
        BackendPool[] checkedOnes = [.. backends.Pools.Where(p => p.Options.HealthCheck.Enabled && p.CheckedName is not null)];
        foreach (var (gone, (running, end)) in _lookedAfter.Where(each => !checkedOnes.Contains(each.Key)).ToArray())
        {
            end.Cancel();
            if (running.IsCompleted)
            {
                end.Dispose();
                _lookedAfter.Remove(gone);
            }
        }

        foreach (var pool in checkedOnes.Where(p => !_lookedAfter.ContainsKey(p)))
        {
            var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
            _lookedAfter[pool] = (LookAfterAsync(pool, end.Token), end);
        }
    }

    private async Task LookAfterAsync(BackendPool pool, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
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
            // The gateway stops, or a reload has set the backend up anew.
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
