using Gateway.Core.Timing;
using Gateway.TestKit;

namespace Gateway.Core.Tests.Timing;

public sealed class TimerWheelTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly TimerWheel _wheel;
    private readonly List<string> _fired = [];

    public TimerWheelTests() => _wheel = new TimerWheel(_time);

    [Theory]
    [InlineData(0, 5)]
    [InlineData(1, 5)]
    [InlineData(10, 10)]
    [InlineData(12, 15)]
    [InlineData(320, 320)]
    [InlineData(60_000, 60_000)]
    [InlineData(65_535_000, 65_535_000)]
    public void Change_TimeComes_FiresOnceRoundedUpToATick(int due, int fires)
    {
        Timer("a").Change(Milliseconds(due));

        _time.Advance(Milliseconds(fires) - TimerWheel.Slack - Milliseconds(1));
        _fired.ShouldBeEmpty();
        _time.Advance(TimerWheel.Slack + Milliseconds(1));
        _fired.ShouldBe(["a"]);
        _time.Advance(TimeSpan.FromHours(1));
        _fired.ShouldBe(["a"]);
        _time.ArmedTimers.ShouldBe(0);
    }

    [Fact]
    public void Change_ArmedBefore_OnlyTheLaterChangeCounts()
    {
        var timer = Timer("a");
        timer.Change(Milliseconds(10));
        timer.Change(Milliseconds(60_000));

        _time.Advance(Milliseconds(59_900));
        _fired.ShouldBeEmpty();
        timer.Change(Milliseconds(5));
        _time.Advance(Milliseconds(5));
        _fired.ShouldBe(["a"]);
        _time.Advance(Milliseconds(60_000));
        _fired.Count.ShouldBe(1);
    }

    [Fact]
    public void Change_OneOfASlot_TheOthersFire()
    {
        WheelTimer[] timers = [Timer("a"), Timer("b"), Timer("c"), Timer("d")];
        Array.ForEach(timers, t => t.Change(Milliseconds(10)));

        timers[1].Change(Milliseconds(1000));
        timers[3].Change(Milliseconds(1000));
        _time.Advance(Milliseconds(10));

        _fired.ShouldBe(["a", "c"], ignoreOrder: true);
    }

    [Fact]
    public void Change_YearsAway_IsBroughtNearerAndHoldsUpNobody()
    {
        Timer("far").Change(TimeSpan.MaxValue);
        Timer("near").Change(Milliseconds(10));

        _time.Advance(Milliseconds(10));
        _fired.ShouldBe(["near"]);
        _time.Advance(TimerWheel.Longest);
        _fired.ShouldBe(["near", "far"]);
    }

    /// <summary>Whoever comes between a deadline and a turn that is late must not make the turn pass it over.</summary>
    [Fact]
    public void Turn_IsLate_FindsWhoWasDueAlthoughOthersWereArmedSince()
    {
        var time = new HandTime();
        var wheel = new TimerWheel(time);
        new WheelTimer(wheel, _ => _fired.Add("due"), this).Change(Milliseconds(315));
        time.Elapsed = Milliseconds(322);

        new WheelTimer(wheel, _ => _fired.Add("other"), this).Change(Milliseconds(100));
        _fired.ShouldBeEmpty();
        time.Fire();
        _fired.ShouldBe(["due"]);
        time.Rest.ShouldBeLessThanOrEqualTo(Milliseconds(105));
        time.Elapsed = Milliseconds(425);
        time.Fire();
        _fired.ShouldBe(["due", "other"]);
    }

    [Fact]
    public void Turn_IsFarTooEarlyOrOnceMore_FiresNobodyAndIsArmedForTheRest()
    {
        var time = new HandTime();
        var wheel = new TimerWheel(time);
        new WheelTimer(wheel, _ => _fired.Add("a"), this).Change(Milliseconds(10));
        time.Elapsed = Milliseconds(4);

        time.Fire();
        _fired.ShouldBeEmpty();
        time.Rest.ShouldBe(Milliseconds(6));
        time.Elapsed = Milliseconds(8);
        time.Fire();
        time.Fire();
        _fired.ShouldBe(["a"]);
    }

    [Fact]
    public void Change_AfterALongRest_WakesOnceAndNotForEveryLevel()
    {
        var time = new HandTime { Elapsed = TimeSpan.FromHours(1) };
        var wheel = new TimerWheel(time);
        new WheelTimer(wheel, static _ => { }, this).Change(TimeSpan.FromHours(2));
        time.Elapsed += Milliseconds(12_340);

        new WheelTimer(wheel, static _ => { }, this).Change(Milliseconds(10));

        time.Rest.ShouldBe(Milliseconds(10));
    }

    [Fact]
    public async Task Turn_FindsMany_FiresEachOnce()
    {
        var fired = new int[1000];
        for (var i = 0; i < fired.Length; i++)
        {
            new WheelTimer(_wheel, at => Interlocked.Increment(ref fired[(int)at]), i).Change(Milliseconds(10));
        }

        _time.Advance(Milliseconds(10));

        await TestTimeout.UntilAsync(() => Array.TrueForAll(fired, f => f == 1));
    }

    [Fact]
    public async Task ManyThreads_ArmAndArmAnew_NobodyIsLost()
    {
        const int Rounds = 50;
        var wheel = new TimerWheel(TimeProvider.System);
        var left = 64;
        for (var i = 0; i < 64; i++)
        {
            var (rounds, random) = (0, new Random(i));
            WheelTimer? timer = null;
            timer = new WheelTimer(wheel, _ =>
            {
                if (++rounds < Rounds)
                {
                    timer!.Change(Milliseconds(500));
                    timer.Change(Milliseconds(random.Next(12)));
                }
                else
                {
                    Interlocked.Decrement(ref left);
                }
            }, this);
            timer.Change(Milliseconds(i));
        }

        await TestTimeout.UntilAsync(() => Volatile.Read(ref left) == 0);
    }

    [Fact]
    public void Fires_ItsCallbackArmsItAnew_FiresAgain()
    {
        WheelTimer? timer = null;
        timer = new WheelTimer(_wheel, _ => timer!.Change(Milliseconds(10)), this);
        timer.Change(Milliseconds(10));

        for (var i = 0; i < 100; i++)
        {
            _time.ArmedTimers.ShouldBe(1);
            _time.Advance(Milliseconds(10));
        }
    }

    /// <summary>The point of it: sessions that arm a short deadline all the time, one after the other, do not each wake the system's timer.</summary>
    [Fact]
    public void Change_ManyWithinATick_TheSystemsTimerIsArmedOnce()
    {
        var time = new CountingTime(_time);
        var wheel = new TimerWheel(time);
        for (var i = 0; i < 1000; i++)
        {
            new WheelTimer(wheel, static _ => { }, this).Change(Milliseconds(10));
        }

        time.Changes.ShouldBe(1);
    }

    /// <summary>Against what it is: a list of deadlines.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void RandomTimers_FireAsAListOfDeadlinesWould(int seed)
    {
        var random = new Random(seed);
        var due = new TimeSpan?[50];
        var timers = new WheelTimer[due.Length];
        for (var i = 0; i < timers.Length; i++)
        {
            var at = i;
            timers[i] = new WheelTimer(_wheel, _ =>
            {
                var late = _time.Elapsed - due[at].ShouldNotBeNull();
                due[at] = null;
                late.ShouldBeInRange(-TimerWheel.Slack, TimerWheel.Tick + Milliseconds(1));
            }, this);
        }

        for (var step = 0; step < 5000; step++)
        {
            var i = random.Next(timers.Length);
            var span = TimeSpan.FromTicks(random.NextInt64(Scale()));
            if (random.Next(3) == 0)
            {
                _time.Advance(span);
            }
            else
            {
                timers[i].Change(span);
                due[i] = _time.Elapsed + span;
            }

            Array.TrueForAll(due, d => d is null || d > _time.Elapsed - TimerWheel.Tick - Milliseconds(1)).ShouldBeTrue();
            _time.ArmedTimers.ShouldBe(due.Any(d => d is not null) ? 1 : 0);
        }

        // From a tick to half a day, every order of magnitude as often.
        long Scale() => (long)(TimerWheel.Tick.Ticks * Math.Pow(10, random.NextDouble() * 7));
    }

    private static TimeSpan Milliseconds(int value) => TimeSpan.FromMilliseconds(value);

    private WheelTimer Timer(string name) => new(_wheel, n => _fired.Add((string)n), name);

    /// <summary>A clock and a timer that somebody else moves.</summary>
    private sealed class HandTime : TimeProvider, ITimer
    {
        private TimerCallback? _callback;
        private object? _state;

        public TimeSpan Elapsed { get; set; }

        /// <summary>What the timer was armed for last.</summary>
        public TimeSpan Rest { get; private set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Elapsed.Ticks;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            (_callback, _state) = (callback, state);
            return this;
        }

        public void Fire() => _callback!(_state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Rest = dueTime;
            return true;
        }

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class CountingTime(TimeProvider inner) : TimeProvider
    {
        public int Changes { get; private set; }

        public override long TimestampFrequency => inner.TimestampFrequency;

        public override long GetTimestamp() => inner.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            new CountingTimer(this, inner.CreateTimer(callback, state, dueTime, period));

        private sealed class CountingTimer(CountingTime owner, ITimer inner) : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period)
            {
                owner.Changes++;
                return inner.Change(dueTime, period);
            }

            public void Dispose() => inner.Dispose();

            public ValueTask DisposeAsync() => inner.DisposeAsync();
        }
    }
}
