namespace Gateway.LoadTests.Scenarios;

/// <summary>A number of loops that run until they are stopped.</summary>
internal sealed class Workers(int count)
{
    private volatile bool _isStopped;
    private Task _all = Task.CompletedTask;

    /// <summary>Longest that a turn with a login, its echoes and a goodbye takes before it is a fault of its own.</summary>
    public static TimeSpan LongestTurn => RunContext.LoginTimeout + RunContext.GoodbyeTimeout + TimeSpan.FromSeconds(15);

    /// <summary>All have ended, those of an earlier start, too.</summary>
    public bool AreDone => _all.IsCompleted;

    /// <summary>To be stopped after the turn they are in.</summary>
    public bool AreStopping => _isStopped;

    /// <summary>Runs the turns of each, one after the other.</summary>
    public void Start(Func<Task> turn) => Start(_ => turn());

    /// <summary>Runs the turns of each, one after the other.</summary>
    public void Start(Func<int, Task> turn)
    {
        _isStopped = false;
        _all = Task.WhenAll(Enumerable.Range(0, count).Select(worker => Task.Run(async () =>
        {
            while (!_isStopped)
            {
                await turn(worker);
            }
        })).Append(_all));
    }

    /// <summary>Ends them after the turn they are in.</summary>
    public void Stop() => _isStopped = true;
}
