using System.Diagnostics.CodeAnalysis;
using System.Numerics;

namespace Gateway.Core.Timing;

/// <summary>
/// One timer of the system for the deadlines of many sessions. The runtime's own wakes its thread whenever a deadline becomes the
/// next one, which a BOSH session does with each request.
/// </summary>
/// <remarks>
/// Levels of 64 slots each; one slot of a level spans all slots of the level below. A timer stands on the highest level on which
/// its slot is not the present one, and comes down as its time comes near:
/// <code>
/// level 0   5 ms a slot, 320 ms in all
/// level 1   320 ms,      20 s
/// level 2   20 s,        22 min     and so on, to ten years since the wheel was made
/// </code>
/// </remarks>
[SuppressMessage("Design", "CA1001", Justification = "It lives as long as the process.")]
internal sealed class TimerWheel
{
    private const int Bits = 6;
    private const int Slots = 1 << Bits;
    private const int Levels = 6;
    private const long Never = long.MaxValue;

    /// <summary>Those of one turn that are served where it is made; the pool's threads share the rest.</summary>
    private const int MostInline = 16;

    /// <summary>Deadlines are rounded up to whole ones.</summary>
    public static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(5);

    /// <summary>The system's timer goes by another clock, and a coarser one: one that fires this much too early is taken for punctual.</summary>
    public static readonly TimeSpan Slack = TimeSpan.FromMilliseconds(2);

    /// <summary>A deadline that is further away is brought nearer.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(365);

    // The system's timer knows no more than 49 days. To be woken in vain once in an hour costs nothing.
    private static readonly TimeSpan LongestRest = TimeSpan.FromHours(1);

    private readonly Lock _lock = new();
    private readonly WheelTimer?[] _slots = new WheelTimer?[Levels * Slots];
    private readonly ulong[] _occupied = new ulong[Levels];
    private readonly TimeProvider _time;
    private readonly long _start;
    private readonly ITimer _timer;
    private long _armed = Never;

    // In ticks: all before it has been served. No timer is due at it or before it, and no slot that has timers begins there.
    private long _position;

    /// <summary>Makes a wheel at rest.</summary>
    /// <param name="time">The clock.</param>
    public TimerWheel(TimeProvider time)
    {
        _time = time;
        _start = time.GetTimestamp();
        _timer = time.CreateTimer(static wheel => ((TimerWheel)wheel!).Turn(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Arms a timer, or arms it anew.</summary>
    public void Set(WheelTimer timer, TimeSpan due)
    {
        due = due < TimeSpan.Zero ? TimeSpan.Zero : due < Longest ? due : Longest;
        lock (_lock)
        {
            Unlink(timer);
            var elapsed = _time.GetElapsedTime(_start);
            var now = elapsed.Ticks / Tick.Ticks;
            if (now > _position && now < NextSlot(out _))
            {
                // Nobody is passed over: a turn that is late finds them all.
                _position = now;
            }

            timer.Due = Math.Max(_position + 1, (elapsed.Ticks + due.Ticks + Tick.Ticks - 1) / Tick.Ticks);
            Link(timer);
            Arm(elapsed);
        }
    }

    private void Turn()
    {
        List<WheelTimer>? due = null;
        lock (_lock)
        {
            var elapsed = _time.GetElapsedTime(_start);
            var now = (elapsed + Slack).Ticks / Tick.Ticks;
            _armed = Never;
            for (var begin = NextSlot(out var slot); begin <= now; begin = NextSlot(out slot))
            {
                _position = begin;
                while (_slots[slot] is { } timer)
                {
                    Unlink(timer);
                    if (timer.Due <= begin)
                    {
                        (due ??= []).Add(timer);
                    }
                    else
                    {
                        Link(timer);
                    }
                }
            }

            Arm(elapsed);
        }

        for (var i = 0; i < due?.Count; i++)
        {
            if (i < due.Count - MostInline)
            {
                ThreadPool.UnsafeQueueUserWorkItem(due[i], preferLocal: false);
            }
            else
            {
                due[i].Fire();
            }
        }
    }

    /// <summary>The next slot that has timers, and when it begins.</summary>
    private long NextSlot(out int slot)
    {
        for (var level = 0; level < Levels; level++)
        {
            if (_occupied[level] != 0)
            {
                // All on a level are in the same slot of the one above as the position, and ahead of it: the first bit is the next slot.
                var at = BitOperations.TrailingZeroCount(_occupied[level]);
                slot = (level * Slots) + at;
                return (((_position >> (Bits * (level + 1))) << Bits) + at) << (Bits * level);
            }
        }

        slot = -1;
        return Never;
    }

    private void Arm(TimeSpan elapsed)
    {
        var next = NextSlot(out _);
        if (next >= _armed)
        {
            return;
        }

        _armed = next;
        var rest = new TimeSpan(next * Tick.Ticks) - elapsed;
        rest = rest < LongestRest ? TimeSpan.FromMilliseconds(Math.Max(0, Math.Round(rest.TotalMilliseconds))) : LongestRest;
        _timer.Change(rest, Timeout.InfiniteTimeSpan);
    }

    private void Link(WheelTimer timer)
    {
        var level = BitOperations.Log2((ulong)(timer.Due ^ _position)) / Bits;
        var at = (int)(timer.Due >> (Bits * level)) & (Slots - 1);
        timer.Slot = (level * Slots) + at;
        ref var first = ref _slots[timer.Slot];
        timer.Next = first;
        first?.Previous = timer;
        first = timer;
        _occupied[level] |= 1UL << at;
    }

    private void Unlink(WheelTimer timer)
    {
        if (timer.Slot < 0)
        {
            return;
        }

        if (timer.Previous is { } previous)
        {
            previous.Next = timer.Next;
        }
        else
        {
            _slots[timer.Slot] = timer.Next;
            if (timer.Next is null)
            {
                _occupied[timer.Slot / Slots] &= ~(1UL << (timer.Slot % Slots));
            }
        }

        timer.Next?.Previous = timer.Previous;
        timer.Next = timer.Previous = null;
        timer.Slot = -1;
    }
}
