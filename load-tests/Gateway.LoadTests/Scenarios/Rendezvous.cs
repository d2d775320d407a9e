namespace Gateway.LoadTests.Scenarios;

/// <summary>Lets runs wait for one another, as often as they like: what is compared is measured in the same seconds.</summary>
/// <param name="runs">Who takes part; each comes to every meeting until it leaves.</param>
internal sealed class Rendezvous(int runs)
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _meeting = NewMeeting();
    private int _runs = runs;
    private int _here;

    /// <summary>Returns when all are here.</summary>
    public Task MeetAsync()
    {
        lock (_lock)
        {
            var meeting = _meeting.Task;
            _here++;
            EndIfAllAreHere();
            return meeting;
        }
    }

    /// <summary>One comes no more, however it ended: the others do not wait for it.</summary>
    public void Leave()
    {
        lock (_lock)
        {
            _runs--;
            EndIfAllAreHere();
        }
    }

    private void EndIfAllAreHere()
    {
        if (_here == _runs)
        {
            _meeting.SetResult();
            (_here, _meeting) = (0, NewMeeting());
        }
    }

    private static TaskCompletionSource NewMeeting() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
