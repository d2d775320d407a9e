using System.Runtime.CompilerServices;

namespace Gateway.TestKit;

/// <summary>No test waits without a bound. Real time, far above what a loaded machine needs.</summary>
public static class TestTimeout
{
    /// <summary>The bound of every await.</summary>
    public static TimeSpan Default { get; } = TimeSpan.FromSeconds(System.Diagnostics.Debugger.IsAttached ? 3600 : 20);

    /// <summary>Awaits a task, but not for ever.</summary>
    /// <exception cref="TimeoutException">Names what was waited for.</exception>
    public static async Task WithinAsync(this Task task, TimeSpan? timeout = null, [CallerArgumentExpression(nameof(task))] string what = "")
    {
        try
        {
            await task.WaitAsync(timeout ?? Default);
        }
        catch (TimeoutException e) when (!task.IsCompleted)
        {
            throw new TimeoutException("Still waiting for: " + what, e);
        }
    }

    /// <summary>Awaits a task, but not for ever.</summary>
    /// <exception cref="TimeoutException">Names what was waited for.</exception>
    public static async Task<T> WithinAsync<T>(this Task<T> task, TimeSpan? timeout = null, [CallerArgumentExpression(nameof(task))] string what = "")
    {
        await ((Task)task).WithinAsync(timeout, what);
        return await task;
    }

    /// <summary>Awaits a task, but not for ever.</summary>
    /// <exception cref="TimeoutException">Names what was waited for.</exception>
    public static Task WithinAsync(this ValueTask task, TimeSpan? timeout = null, [CallerArgumentExpression(nameof(task))] string what = "") =>
        task.AsTask().WithinAsync(timeout, what);

    /// <summary>Awaits a task, but not for ever.</summary>
    /// <exception cref="TimeoutException">Names what was waited for.</exception>
    public static Task<T> WithinAsync<T>(this ValueTask<T> task, TimeSpan? timeout = null, [CallerArgumentExpression(nameof(task))] string what = "") =>
        task.AsTask().WithinAsync(timeout, what);

    /// <summary>Waits until a condition holds that nothing announces; looks again every few milliseconds.</summary>
    public static async Task UntilAsync(Func<bool> condition, TimeSpan? timeout = null, [CallerArgumentExpression(nameof(condition))] string what = "")
    {
        ArgumentNullException.ThrowIfNull(condition);
        using var stop = new CancellationTokenSource(timeout ?? Default);
        while (!condition())
        {
            if (stop.IsCancellationRequested)
            {
                throw new TimeoutException("Still waiting for: " + what);
            }

            await Task.Delay(2, CancellationToken.None);
        }
    }
}
