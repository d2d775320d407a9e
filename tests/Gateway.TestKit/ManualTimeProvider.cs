namespace Gateway.TestKit;

/// <summary>
/// A clock that stands still until a test moves it. Timers fire inside <see cref="Advance"/>, in the order in which they fall
/// due (armed first, fired first on a tie). The timestamp's frequency is odd on purpose: who takes ticks for timestamps is caught.
/// </summary>
public sealed class ManualTimeProvider : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<ManualTimer> _armed = [];
    private readonly List<(Func<TimeSpan, bool> Wanted, TaskCompletionSource Seen)> _waiters = [];
    private readonly DateTimeOffset _start;
    private TimeSpan _elapsed;
    private TimeSpan _setBack;
    private long _sequence;

    /// <summary>Makes a clock.</summary>
    /// <param name="start">Where it begins; the default is some day.</param>
    public ManualTimeProvider(DateTimeOffset? start = null) => _start = start ?? new DateTimeOffset(2026, 2, 3, 4, 5, 6, TimeSpan.Zero);

    /// <inheritdoc/>
    public override long TimestampFrequency => 3_579_545;

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <summary>Time passed since the clock was made.</summary>
    public TimeSpan Elapsed
    {
        get
        {
            lock (_lock)
            {
                return _elapsed;
            }
        }
    }

    /// <summary>Timers that are armed; 0 when nothing leaked.</summary>
    public int ArmedTimers
    {
        get
        {
            lock (_lock)
            {
                return _armed.Count;
            }
        }
    }

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => _start + Elapsed - _setBack;

    /// <inheritdoc/>
    public override long GetTimestamp() => (long)((Int128)Elapsed.Ticks * TimestampFrequency / TimeSpan.TicksPerSecond);

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Somebody sets the date; no time passes.</summary>
    public void SetDateBack(TimeSpan by) => _setBack += by;

    /// <summary>Lets time pass and fires what falls due on the way, on the caller's thread.</summary>
    public void Advance(TimeSpan delta)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(delta, TimeSpan.Zero);
        TimeSpan target;
        lock (_lock)
        {
            target = _elapsed + delta;
        }

        while (true)
        {
            ManualTimer? due;
            lock (_lock)
            {
                due = _armed.Where(t => t.Due <= target).MinBy(t => (t.Due, t.Sequence));
                if (due is null)
                {
                    _elapsed = target > _elapsed ? target : _elapsed;
                    return;
                }

                _elapsed = due.Due > _elapsed ? due.Due : _elapsed;
                if (due.Period > TimeSpan.Zero)
                {
                    due.Due = _elapsed + due.Period;
                    due.Sequence = ++_sequence;
                }
                else
                {
                    _armed.Remove(due);
                }
            }

            due.Fire();
        }
    }

    /// <summary>
    /// Completes as soon as a timer that is due in the given time from now is armed: how a test knows that the code under
    /// test has come to wait, before it advances the clock.
    /// </summary>
    public Task TimerArmedAsync(TimeSpan dueTime) => TimerArmedAsync(remaining => remaining == dueTime);

    /// <summary>As <see cref="TimerArmedAsync(TimeSpan)"/>, for any timer whose remaining time fits.</summary>
    public Task TimerArmedAsync(Func<TimeSpan, bool> wanted)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        lock (_lock)
        {
            if (_armed.Exists(t => wanted(t.Due - _elapsed)))
            {
                return Task.CompletedTask;
            }

            var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((wanted, seen));
            return seen.Task.WithinAsync();
        }
    }

    private bool Arm(ManualTimer timer, TimeSpan dueTime, TimeSpan period)
    {
        // As the system's own does.
        ArgumentOutOfRangeException.ThrowIfGreaterThan(dueTime.TotalMilliseconds, uint.MaxValue - 1, nameof(dueTime));
        lock (_lock)
        {
            if (timer.Disposed)
            {
                return false;
            }

            _armed.Remove(timer);
            if (dueTime != Timeout.InfiniteTimeSpan)
            {
                timer.Due = _elapsed + dueTime;
                timer.Period = period;
                timer.Sequence = ++_sequence;
                _armed.Add(timer);
                foreach (var waiter in _waiters.Where(w => w.Wanted(dueTime)).ToArray())
                {
                    _waiters.Remove(waiter);
                    waiter.Seen.TrySetResult();
                }
            }

            return true;
        }
    }

    private void Disarm(ManualTimer timer)
    {
        lock (_lock)
        {
            timer.Disposed = true;
            _armed.Remove(timer);
        }
    }

    private sealed class ManualTimer(ManualTimeProvider owner, TimerCallback callback, object? state) : ITimer
    {
        public TimeSpan Due { get; set; }

        public TimeSpan Period { get; set; }

        public long Sequence { get; set; }

        public bool Disposed { get; set; }

        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period) => owner.Arm(this, dueTime, period);

        public void Dispose() => owner.Disarm(this);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
