using System.Collections.Concurrent;
using System.Diagnostics.Tracing;

namespace Gateway.Tests.Leaks;

/// <summary>Counts what was rented from the array pools and not given back, as the runtime's own events tell.</summary>
internal sealed class OutstandingBuffers : EventListener
{
    private const int Rented = 1;
    private const int Returned = 3;

    // Below that are the runtime's own small change, kept by TLS handshakes until they are collected.
    private const int Least = 1024;

    private readonly ConcurrentDictionary<(int Pool, int Buffer), int> _outstanding = new();

    /// <summary>Buffers that are out.</summary>
    public int Count => _outstanding.Count;

    /// <summary>Bytes that are out.</summary>
    public long Bytes => _outstanding.Values.Sum(size => (long)size);

    /// <inheritdoc/>
    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == "System.Buffers.ArrayPoolEventSource")
        {
            EnableEvents(eventSource, EventLevel.Verbose);
        }
    }

    /// <inheritdoc/>
    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (_outstanding is null || eventData.Payload is not { Count: >= 3 } payload)
        {
            return; // events come while the base constructor runs
        }

        if (eventData.EventId == Rented && (int)payload[1]! >= Least)
        {
            _outstanding[((int)payload[2]!, (int)payload[0]!)] = (int)payload[1]!;
        }
        else if (eventData.EventId == Returned)
        {
            _outstanding.TryRemove(((int)payload[2]!, (int)payload[0]!), out _);
        }
    }
}
