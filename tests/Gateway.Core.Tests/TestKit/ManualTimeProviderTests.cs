using Gateway.TestKit;

namespace Gateway.Core.Tests.TestKit;

public sealed class ManualTimeProviderTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void Advance_SeveralTimers_FireInOrderEachAtItsTime()
    {
        var fired = new List<(string, TimeSpan)>();
        using var b = _time.CreateTimer(_ => fired.Add(("b", _time.Elapsed)), null, TimeSpan.FromSeconds(2), Timeout.InfiniteTimeSpan);
        using var a = _time.CreateTimer(_ => fired.Add(("a", _time.Elapsed)), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3));
        using var never = _time.CreateTimer(_ => fired.Add(("never", _time.Elapsed)), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        _time.Advance(TimeSpan.FromSeconds(4));

        fired.ShouldBe([("a", TimeSpan.FromSeconds(1)), ("b", TimeSpan.FromSeconds(2)), ("a", TimeSpan.FromSeconds(4))]);
        _time.ArmedTimers.ShouldBe(1);
    }

    [Fact]
    public void GetElapsedTime_AnyFrequency_IsWhatWasAdvanced()
    {
        var start = _time.GetTimestamp();

        _time.Advance(TimeSpan.FromHours(5));

        _time.GetElapsedTime(start).ShouldBe(TimeSpan.FromHours(5));
    }

    [Fact]
    public async Task Delay_OnTheClock_EndsWhenItIsMoved()
    {
        var delay = Task.Delay(TimeSpan.FromMinutes(1), _time, TestContext.Current.CancellationToken);

        _time.Advance(TimeSpan.FromSeconds(59));
        delay.IsCompleted.ShouldBeFalse();
        _time.Advance(TimeSpan.FromSeconds(1));

        await delay.WithinAsync();
        _time.ArmedTimers.ShouldBe(0);
    }
}
