using BenchmarkDotNet.Attributes;
using Gateway.Xmpp.Buffers;
using Gateway.Xmpp.Framing;

namespace Gateway.Benchmarks;

/// <summary>Lifting elements out of their stream: as a slice, with declarations, and rewritten.</summary>
public class RebaserBenchmark : IMeasuredBytes
{
    private static readonly byte[] Message = SampleStanzas.Message;
    private static readonly byte[] ClientMessage = SampleStanzas.ClientMessage;
    private static readonly byte[] Features = "<s:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>SCRAM-SHA-256</mechanism><mechanism>SCRAM-SHA-1</mechanism></mechanisms></s:features>"u8.ToArray();

    private readonly PooledByteWriter _output = new();
    private readonly XmppFramer _usual = new(FramerMode.Stream, FramingLimits.Default);
    private readonly XmppFramer _odd = new(FramerMode.Stream, FramingLimits.Default);
    private StreamElement _message;
    private StreamElement _clientMessage;
    private StreamElement _features;

    /// <inheritdoc/>
    public static int BytesOf(string method) => method switch
    {
        nameof(StanzaToMessage) => Message.Length,
        nameof(StanzaAsSlice) => ClientMessage.Length,
        _ => Features.Length,
    };

    [GlobalSetup]
    public void Frame()
    {
        _usual.Reset();
        _odd.Reset();
        _usual.Read(SampleStanzas.Header);
        _odd.Read("<s:stream xmlns:s='http://etherx.jabber.org/streams' xmlns='jabber:client'>"u8);
        _message = _usual.Read(Message);
        _clientMessage = _usual.Read(ClientMessage);
        _features = _odd.Read(Features);
        if (_message.Kind != StreamElementKind.FirstLevelElement || _clientMessage.Kind != StreamElementKind.FirstLevelElement || _features.Kind != StreamElementKind.FirstLevelElement)
        {
            throw new InvalidOperationException("the samples do not frame");
        }
    }

    [Benchmark]
    public int StanzaToMessage() => Write(_usual, Message, _message);

    [Benchmark]
    public int StanzaAsSlice() => Write(_usual, ClientMessage, _clientMessage);

    [Benchmark]
    public int FeaturesRewritten() => Write(_odd, Features, _features);

    private int Write(XmppFramer framer, byte[] buffer, in StreamElement element)
    {
        _output.Truncate(0);
        NamespaceRebaser.Write(_output, buffer, element, framer.Scope, RebaseTarget.Message);
        return _output.WrittenCount;
    }
}
