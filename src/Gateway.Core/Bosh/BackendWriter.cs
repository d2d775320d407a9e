using System.Diagnostics.CodeAnalysis;
using Gateway.Core.Backend;
using Gateway.Xmpp.Buffers;
using Gateway.Xmpp.Streams;

namespace Gateway.Core.Bosh;

/// <summary>
/// The way up: a queue, drained in order by whoever finds it idle. What is queued while a write is under way goes out in one
/// write after it. Nothing is written before the stream is there.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "What is queued gives its bytes back when it is written or discarded.")]
internal sealed class BackendWriter(int maxPending, BackendWriter.IOwner owner)
{
    private readonly Lock _lock = new();
    private readonly Queue<object> _queue = new(2);
    private IXmppStream? _stream;
    private TaskCompletionSource? _idle;
    private PooledByteWriter? _last;
    private int _pending;
    private bool _draining;
    private bool _congested;
    private bool _broken;

    /// <summary>Hears of the queue.</summary>
    internal interface IOwner
    {
        /// <summary>More than the limit is queued.</summary>
        void OnCongested();

        /// <summary>Half of the limit is free again.</summary>
        void OnDrained();

        /// <summary>The connection did not take a write; nothing is written any more.</summary>
        void OnWriteFailed();
    }

    /// <summary>Takes bytes; they are copied.</summary>
    public void Enqueue(ReadOnlySpan<byte> bytes)
    {
        bool congested;
        lock (_lock)
        {
            if (_broken)
            {
                return;
            }

            if (_last is null)
            {
                _last = new PooledByteWriter();
                _queue.Enqueue(_last);
            }

            _last.Write(bytes);
            _pending += bytes.Length;
            congested = !_congested && _pending > maxPending;
            _congested |= congested;
        }

        if (congested)
        {
            owner.OnCongested();
        }

        Drain();
    }

    /// <summary>A new stream begins behind what is queued.</summary>
    public void EnqueueRestart(StreamHeader header)
    {
        lock (_lock)
        {
            if (_broken)
            {
                return;
            }

            _last = null;
            _queue.Enqueue(header);
        }

        Drain();
    }

    /// <summary>The stream is there.</summary>
    public void Attach(IXmppStream stream)
    {
        lock (_lock)
        {
            _stream = stream;
        }

        Drain();
    }

    /// <summary>Completes when everything queued is written, or cannot be.</summary>
    public Task WhenIdleAsync()
    {
        lock (_lock)
        {
            if (!_draining)
            {
                return Task.CompletedTask;
            }

            _idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _idle.Task;
        }
    }

    /// <summary>Gives back what is queued and takes nothing more.</summary>
    public void Discard()
    {
        lock (_lock)
        {
            _broken = true;
            foreach (var item in _queue)
            {
                (item as PooledByteWriter)?.Dispose();
            }

            _queue.Clear();
            _last = null;
            _pending = 0;
            _stream = null; // the session may linger, and needs none
        }
    }

    private void Drain()
    {
        IXmppStream stream;
        lock (_lock)
        {
            if (_draining || _stream is null || _queue.Count == 0)
            {
                return;
            }

            _draining = true;
            stream = _stream;
        }

        _ = DrainAsync(stream);
    }

    private async Task DrainAsync(IXmppStream stream)
    {
        while (true)
        {
            object item;
            lock (_lock)
            {
                if (!_queue.TryDequeue(out item!))
                {
                    _draining = false;
                    _idle?.TrySetResult();
                    return;
                }

                _last = _queue.Count == 0 ? null : _last;
            }

            try
            {
                if (item is StreamHeader header)
                {
                    await stream.RestartAsync(header, CancellationToken.None);
                    continue;
                }

                using var bytes = (PooledByteWriter)item;
                await stream.WriteAsync(bytes.WrittenMemory, CancellationToken.None);
                Written(bytes.WrittenCount);
            }
            catch (IOException)
            {
                Discard();
                owner.OnWriteFailed();
            }
        }
    }

    private void Written(int count)
    {
        bool drained;
        lock (_lock)
        {
            _pending = Math.Max(0, _pending - count);
            drained = _congested && _pending <= maxPending / 2;
            _congested &= !drained;
        }

        if (drained)
        {
            owner.OnDrained();
        }
    }
}
