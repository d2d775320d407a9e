using Gateway.TestKit;

namespace Gateway.Tests.Performance;

/// <summary>Counts the requests for which the whole pipeline has done what it can do at once: a held one waits for its session's answer then.</summary>
internal sealed class TakenRequests : IStartupFilter
{
    private int _count;

    /// <inheritdoc/>
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(rest => context =>
        {
            var task = rest(context);
            Interlocked.Increment(ref _count);
            return task;
        });
        next(app);
    };

    /// <summary>Waits without allocating anything.</summary>
    public void WaitFor(int count)
    {
        var end = Environment.TickCount64 + (long)TestTimeout.Default.TotalMilliseconds;
        var spin = default(SpinWait);
        while (Volatile.Read(ref _count) < count)
        {
            spin.SpinOnce(sleep1Threshold: -1);
            if (Environment.TickCount64 > end)
            {
                throw new TimeoutException("the request was not taken");
            }
        }
    }
}
