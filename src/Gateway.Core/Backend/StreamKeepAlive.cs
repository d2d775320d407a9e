using System.Collections.Concurrent;

namespace Gateway.Core.Backend;

/// <summary>
/// Keeps silent streams alive (XS-069): one coarse timer for all of them, which runs while there are any. A stream says only
/// that it wrote; no stanza costs a look at the clock.
/// </summary>
/// <param name="time">The clock.</param>
public sealed class StreamKeepAlive(TimeProvider time)
{
    /// <summary>How often all streams are looked at: 10 s. A stream's silence ends at most so much later than it should.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    /// <summary>Silence that is ended when the backend names no shorter one: 300 s (protocol/xmpp-stream.md, table of settings).</summary>
    public static readonly TimeSpan DefaultInterval = TimeSpan.FromSeconds(300);

    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<TcpXmppStream, bool> _streams = new();
    private ITimer? _timer;
    private bool _isSweeping;

    /// <summary>Looks after a stream.</summary>
    internal void Add(TcpXmppStream stream)
    {
        lock (_lock)
        {
            _streams[stream] = true;
            _timer ??= time.CreateTimer(static state => ((StreamKeepAlive)state!).Sweep(), this, Period, Period);
        }
    }

    /// <summary>It needs no more looking after.</summary>
    internal void Remove(TcpXmppStream stream)
    {
        lock (_lock)
        {
            if (_streams.TryRemove(stream, out _) && _streams.IsEmpty)
            {
                _timer?.Dispose();
                _timer = null;
            }
        }
    }

    private void Sweep()
    {
        if (Interlocked.Exchange(ref _isSweeping, true))
        {
            return; // a sweep that takes longer than the period
        }

        foreach (var (stream, _) in _streams)
        {
            stream.OnSweep();
        }

        Volatile.Write(ref _isSweeping, false);
    }
}
