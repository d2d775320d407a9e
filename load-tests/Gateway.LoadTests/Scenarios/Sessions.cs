namespace Gateway.LoadTests.Scenarios;

/// <summary>Many logins and many goodbyes, a few at a time.</summary>
internal static class Sessions
{
    private const int AtATime = 16;
    private const int MaxFailures = 20;

    /// <summary>Logs all of them in. What fails is counted; after some failures the rest is not tried.</summary>
    public static async Task OpenAsync(RunContext run, IReadOnlyList<EchoLane> lanes, CancellationToken cancellationToken)
    {
        var failures = 0;
        await ForEachAsync(lanes, async lane =>
        {
            if (Volatile.Read(ref failures) < MaxFailures && !await TryLogInAsync(run, lane, cancellationToken))
            {
                Interlocked.Increment(ref failures);
            }
        });
    }

    /// <summary>Logs one in. False: it failed, and was counted.</summary>
    public static async Task<bool> TryLogInAsync(RunContext run, EchoLane lane, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(RunContext.LoginTimeout);
        try
        {
            await lane.LogInAsync(timeout.Token);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            run.Meter.Faults.HungLogin($"session {lane.Index}: no login within {RunContext.LoginTimeout.TotalSeconds} s");
        }
        catch (OperationCanceledException)
        {
            // The run was given up.
        }
#pragma warning disable CA1031 // Sockets, TLS and servers fail in many ways; each is counted.
        catch (Exception e)
#pragma warning restore CA1031
        {
            run.Meter.Faults.Error($"session {lane.Index}: {e.Message}");
        }

        return false;
    }

    /// <summary>Ends all of them as the protocol has it.</summary>
    public static Task CloseAsync(IReadOnlyList<EchoLane> lanes) => ForEachAsync(lanes, lane => lane.SayGoodbyeAsync());

    private static Task ForEachAsync(IReadOnlyList<EchoLane> lanes, Func<EchoLane, Task> action)
    {
        var next = -1;
        return Task.WhenAll(Enumerable.Range(0, Math.Min(AtATime, lanes.Count)).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Increment(ref next) is var i && i < lanes.Count)
            {
                await action(lanes[i]);
            }
        })));
    }
}
