using BenchmarkDotNet.Attributes;
using Gateway.Xmpp.Framing;

namespace Gateway.Benchmarks;

/// <summary>The framer over what a backend and what WebSocket clients send.</summary>
public class FramerBenchmark : IMeasuredBytes
{
    private static readonly byte[] Header = SampleStanzas.Header;
    private static readonly byte[] Message = SampleStanzas.Message;
    private static readonly byte[] ClientMessage = SampleStanzas.ClientMessage;
    private static readonly byte[] Burst = SampleStanzas.Repeat(Message);
    private static readonly byte[] Roster = SampleStanzas.Roster;
    private static readonly byte[] LongMessage = SampleStanzas.LongMessage;

    private readonly XmppFramer _stream = new(FramerMode.Stream, FramingLimits.Default);
    private readonly XmppFramer _document = new(FramerMode.Document, FramingLimits.Default);

    /// <inheritdoc/>
    public static int BytesOf(string method) => method switch
    {
        nameof(Stanzas64InOneBuffer) => Burst.Length,
        nameof(OneStanza) => Message.Length,
        nameof(OneStanzaInTwoPieces) => Message.Length,
        nameof(OneWebSocketMessage) => ClientMessage.Length,
        nameof(Roster4KiB) => Roster.Length,
        _ => LongMessage.Length,
    };

    [GlobalSetup]
    public void Open()
    {
        _stream.Reset();
        Expect(_stream.Read(Header), StreamElementKind.StreamHeader);
    }

    [Benchmark]
    public int Stanzas64InOneBuffer()
    {
        ReadOnlySpan<byte> rest = Burst;
        var count = 0;
        while (_stream.Read(rest) is { Kind: StreamElementKind.FirstLevelElement } element)
        {
            rest = rest[element.End..];
            count++;
        }

        return count == SampleStanzas.Count ? count : throw new InvalidOperationException($"{count} stanzas");
    }

    [Benchmark]
    public int OneStanza() => Expect(_stream.Read(Message), StreamElementKind.FirstLevelElement);

    [Benchmark]
    public int OneStanzaInTwoPieces()
    {
        Expect(_stream.Read(Message.AsSpan(0, 120)), StreamElementKind.None);
        return Expect(_stream.Read(Message), StreamElementKind.FirstLevelElement);
    }

    [Benchmark]
    public int OneWebSocketMessage()
    {
        _document.Reset();
        return Expect(_document.Read(ClientMessage), StreamElementKind.FirstLevelElement);
    }

    [Benchmark]
    public int Roster4KiB() => Expect(_stream.Read(Roster), StreamElementKind.FirstLevelElement);

    [Benchmark]
    public int Text4KiB() => Expect(_stream.Read(LongMessage), StreamElementKind.FirstLevelElement);

    private static int Expect(in StreamElement element, StreamElementKind kind) =>
        element.Kind == kind ? element.End : throw new InvalidOperationException($"{element.Kind} instead of {kind}");
}
