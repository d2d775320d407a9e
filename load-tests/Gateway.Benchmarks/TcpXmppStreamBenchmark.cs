using System.Diagnostics.CodeAnalysis;
using BenchmarkDotNet.Attributes;
using Gateway.Benchmarks.InMemory;
using Gateway.Core.Backend;
using Gateway.Xmpp.Framing;

namespace Gateway.Benchmarks;

/// <summary>The backend leg over a transport in memory: what it adds to the framer, and what to the socket.</summary>
[SuppressMessage("Reliability", "CA2012", Justification = "In memory everything has ended when it is looked at.")]
public class TcpXmppStreamBenchmark : IMeasuredBytes
{
    private static readonly byte[] Burst = SampleStanzas.Repeat(SampleStanzas.Message);
    private static readonly byte[] Message = SampleStanzas.Message;

    private readonly MemoryTransport _transport = new();
    private TcpXmppStream _stream = null!;

    /// <inheritdoc/>
    public static int BytesOf(string method) => method == nameof(Read64Stanzas) ? Burst.Length : Message.Length;

    [GlobalSetup]
    public void Open()
    {
        _stream = new TcpXmppStream(_transport, TcpXmppStream.DefaultLimits, TimeProvider.System);
        Read(SampleStanzas.Header, 1);
    }

    /// <summary>A wait for bytes, and the 64 elements that come in one read.</summary>
    [Benchmark]
    public int Read64Stanzas() => Read(Burst, SampleStanzas.Count);

    [Benchmark]
    public void Write() => _stream.WriteAsync(Message, CancellationToken.None).GetAwaiter().GetResult();

    private int Read(byte[] bytes, int expected)
    {
        var filling = _stream.FillAsync(CancellationToken.None).GetAwaiter();
        _transport.Deliver(bytes);
        var isThere = filling.GetResult();
        var count = 0;
        while (isThere && _stream.TryRead(out var element))
        {
            count += element.Kind == StreamElementKind.Error ? 0 : 1;
        }

        return count == expected ? count : throw new InvalidOperationException($"{count} elements");
    }
}
