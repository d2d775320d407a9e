using Gateway.LoadTests.Results;

namespace Gateway.LoadTests.Scenarios;

/// <summary>Work that can be begun, stopped, and waited for.</summary>
internal abstract class Scenario(RunContext run)
{
    /// <summary>What is counted.</summary>
    public abstract string Unit { get; }

    /// <summary>Nothing is on its way.</summary>
    public abstract bool IsQuiet { get; }

    /// <summary>No session is left to work with.</summary>
    public virtual bool IsDead => false;

    /// <summary>There is something to do before anything counts.</summary>
    public virtual bool HasWarmUp => true;

    /// <summary>An open loop that kept the rate asked for.</summary>
    public virtual bool KeptPace => false;

    /// <summary>Memory at each step.</summary>
    public virtual IReadOnlyList<IdleStep> Idle => [];

    /// <summary>How long what is on its way, and what is still begun after the end, may take.</summary>
    protected virtual TimeSpan QuietWithin => TimeSpan.FromSeconds(10);

    /// <summary>What the parts of the run share.</summary>
    protected RunContext Run { get; } = run;

    /// <summary>Logs sessions in.</summary>
    public virtual Task OpenAsync() => Task.CompletedTask;

    /// <summary>Begins to work.</summary>
    public abstract void Start();

    /// <summary>Begins nothing new.</summary>
    public abstract void Stop();

    /// <summary>Works so long, and waits until nothing is on its way, <see cref="QuietWithin"/> at most.</summary>
    public virtual async Task WorkAsync(TimeSpan length)
    {
        Start();
        await WaitAsync(() => IsDead, length);
        Stop();
        await WaitAsync(() => IsQuiet, QuietWithin);
    }

    /// <summary>Counts what never came.</summary>
    public virtual void Settle()
    {
    }

    /// <summary>Logs sessions out.</summary>
    public virtual Task CloseAsync() => Task.CompletedTask;

    /// <summary>Waits until then, or until the condition holds.</summary>
    protected async Task WaitAsync(Func<bool> condition, TimeSpan atMost)
    {
        var end = System.Diagnostics.Stopwatch.GetTimestamp() + (long)(atMost.TotalSeconds * System.Diagnostics.Stopwatch.Frequency);
        while (!condition() && !Run.Cancellation.IsCancellationRequested)
        {
            var left = (end - System.Diagnostics.Stopwatch.GetTimestamp()) * 1000 / System.Diagnostics.Stopwatch.Frequency;
            if (left <= 0)
            {
                return;
            }

            await Task.Delay((int)Math.Min(left, 20));
        }
    }
}
