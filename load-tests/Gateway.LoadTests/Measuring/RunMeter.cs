using Gateway.LoadTests.Results;

namespace Gateway.LoadTests.Measuring;

/// <summary>What a run counts; written from any thread.</summary>
internal sealed class RunMeter
{
    private readonly Histogram _interval = new();
    private readonly Histogram _total = new();
    private readonly long[] _deeds = new long[Enum.GetValues<Deed>().Length];
    private long _count;
    private long _checked;
    private long _requests;
    private long _lastArrival;
    private int _sessions;

    /// <summary>What went wrong.</summary>
    public FaultLog Faults { get; } = new();

    /// <summary>Units since counting began.</summary>
    public long Count => Volatile.Read(ref _count);

    /// <summary>HTTP requests since counting began.</summary>
    public long Requests => Volatile.Read(ref _requests);

    /// <summary>Stanzas that were checked, from the very start.</summary>
    public long Checked => Volatile.Read(ref _checked);

    /// <summary>When a unit last arrived.</summary>
    public long LastArrival => Volatile.Read(ref _lastArrival);

    /// <summary>Sessions open.</summary>
    public int Sessions => Volatile.Read(ref _sessions);

    /// <summary>All latencies, once <see cref="EndInterval"/> was called.</summary>
    public Histogram Total => _total;

    /// <summary>A unit is done, this long after it was due.</summary>
    public void Arrived(long now, long nanoseconds)
    {
        Interlocked.Increment(ref _count);
        Volatile.Write(ref _lastArrival, now);
        _interval.Record(nanoseconds);
    }

    /// <summary>A unit is done whose latency says nothing.</summary>
    public void Arrived(long now)
    {
        Interlocked.Increment(ref _count);
        Volatile.Write(ref _lastArrival, now);
    }

    /// <summary>A latency of something that is no unit.</summary>
    public void Latency(long nanoseconds) => _interval.Record(nanoseconds);

    /// <summary>What was done, from the very start.</summary>
    public IReadOnlyDictionary<Deed, long> Deeds => Enum.GetValues<Deed>().ToDictionary(deed => deed, deed => Volatile.Read(ref _deeds[(int)deed]));

    public void CountDeed(Deed deed) => Interlocked.Increment(ref _deeds[(int)deed]);

    public void CountChecked() => Interlocked.Increment(ref _checked);

    public void CountRequest() => Interlocked.Increment(ref _requests);

    public void SessionOpened() => Interlocked.Increment(ref _sessions);

    public void SessionClosed() => Interlocked.Decrement(ref _sessions);

    /// <summary>Forgets all but faults and checks: from here on it counts.</summary>
    public void Begin()
    {
        Volatile.Write(ref _count, 0);
        Volatile.Write(ref _requests, 0);
        _interval.DrainTo(new Histogram());
        _total.DrainTo(new Histogram());
    }

    /// <summary>Latencies since the call before, taken over into the total.</summary>
    public (double P50, double P99) EndInterval()
    {
        var interval = new Histogram();
        _interval.DrainTo(interval);
        var percentiles = (interval.Percentile(50) / 1000, interval.Percentile(99) / 1000);
        interval.DrainTo(_total);
        return percentiles;
    }
}
