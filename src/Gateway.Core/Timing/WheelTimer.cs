namespace Gateway.Core.Timing;

/// <summary>One deadline at a time, kept by a <see cref="TimerWheel"/>. Its callback must not block: others may wait behind it.</summary>
/// <param name="wheel">Keeps it.</param>
/// <param name="callback">
/// Called on a thread of the pool when the time has come: at most <see cref="TimerWheel.Slack"/> too early, and as late as a tick, that slack and the system's
/// timer together. It may still come once after <see cref="Change"/>.
/// </param>
/// <param name="state">The callback's argument.</param>
internal sealed class WheelTimer(TimerWheel wheel, Action<object> callback, object state) : IThreadPoolWorkItem
{
    /// <summary>When it fires, in ticks of the wheel.</summary>
    public long Due { get; set; }

    /// <summary>Where it stands; -1 while it is not armed.</summary>
    public int Slot { get; set; } = -1;

    /// <summary>Behind it in its slot.</summary>
    public WheelTimer? Next { get; set; }

    /// <summary>Before it in its slot.</summary>
    public WheelTimer? Previous { get; set; }

    /// <summary>Arms it, once, instead of what was armed before.</summary>
    /// <param name="due">From now; <see cref="TimerWheel.Longest"/> at most.</param>
    public void Change(TimeSpan due) => wheel.Set(this, due);

    /// <summary>Its time has come.</summary>
    public void Fire() => callback(state);

    /// <inheritdoc/>
    void IThreadPoolWorkItem.Execute() => Fire();
}
