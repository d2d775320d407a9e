using System.Numerics;
using Gateway.LoadTests.Results;

namespace Gateway.LoadTests.Measuring;

/// <summary>
/// Counts values in buckets that grow with them, 128 to an octave: no value is off by more than 0.4 %, from nanoseconds to
/// 18 minutes, in 36 KiB. Recording is safe from any thread.
/// </summary>
internal sealed class Histogram
{
    private const int SubBits = 7;
    private const int Sub = 1 << SubBits;
    private const long Most = (1L << 41) - 1;

    private readonly long[] _buckets = new long[IndexOf(Most) + 1];
    private long _max;

    /// <summary>Values recorded.</summary>
    public long Count
    {
        get
        {
            long count = 0;
            foreach (var bucket in _buckets)
            {
                count += bucket;
            }

            return count;
        }
    }

    /// <summary>The largest, exactly.</summary>
    public long Max => Volatile.Read(ref _max);

    /// <summary>Records a value in nanoseconds.</summary>
    public void Record(long nanoseconds)
    {
        var value = Math.Clamp(nanoseconds, 0, Most);
        Interlocked.Increment(ref _buckets[IndexOf(value)]);
        RaiseMax(value);
    }

    /// <summary>Moves everything to another one.</summary>
    public void DrainTo(Histogram other)
    {
        for (var i = 0; i < _buckets.Length; i++)
        {
            if (_buckets[i] != 0)
            {
                Interlocked.Add(ref other._buckets[i], Interlocked.Exchange(ref _buckets[i], 0));
            }
        }

        other.RaiseMax(Interlocked.Exchange(ref _max, 0));
    }

    /// <summary>The value that so many percent do not exceed, in nanoseconds; 0 if there is none.</summary>
    public double Percentile(double percentile)
    {
        var count = Count;
        if (count == 0)
        {
            return 0;
        }

        var rank = Math.Clamp((long)Math.Ceiling(percentile / 100 * count), 1, count);
        if (rank == count)
        {
            return Max;
        }

        long seen = 0;
        for (var i = 0; i < _buckets.Length; i++)
        {
            seen += _buckets[i];
            if (seen >= rank)
            {
                return Math.Min(Middle(i), Max);
            }
        }

        return Max;
    }

    /// <summary>What the report shows; null without values.</summary>
    public LatencySummary? Summarize()
    {
        var count = Count;
        if (count == 0)
        {
            return null;
        }

        double sum = 0;
        for (var i = 0; i < _buckets.Length; i++)
        {
            sum += _buckets[i] * Middle(i);
        }

        return new LatencySummary(
            count, sum / count / 1000, Percentile(50) / 1000, Percentile(90) / 1000, Percentile(99) / 1000, Percentile(99.9) / 1000, Max / 1000.0, Curve(count));
    }

    /// <summary>Eight points for each halving of what is left to 100 %, as far as the values reach.</summary>
    private List<CurvePoint> Curve(long count)
    {
        var points = new List<CurvePoint>();
        for (var left = 100.0; left / 100 * count >= 1; left /= 2)
        {
            for (var step = 0; step < 8; step++)
            {
                var percentile = 100 - left + (left / 16 * step);
                if ((100 - percentile) / 100 * count >= 1)
                {
                    points.Add(new CurvePoint(percentile, Percentile(percentile) / 1000));
                }
            }
        }

        points.Add(new CurvePoint(100, Max / 1000.0));
        return points;
    }

    private static int IndexOf(long value)
    {
        var shift = Math.Max(0, BitOperations.Log2((ulong)value) - SubBits);
        return (shift * Sub) + (int)(value >> shift);
    }

    private static double Middle(int index)
    {
        if (index < 2 * Sub)
        {
            return index;
        }

        var shift = (index / Sub) - 1;
        return ((long)(index - (shift * Sub)) << shift) + ((1L << shift) / 2.0);
    }

    private void RaiseMax(long value)
    {
        var max = Volatile.Read(ref _max);
        while (value > max)
        {
            var seen = Interlocked.CompareExchange(ref _max, value, max);
            if (seen == max)
            {
                return;
            }

            max = seen;
        }
    }
}
