using System.Text;
using BenchmarkDotNet.Attributes;
using Gateway.Xmpp.Bosh;
using Gateway.Xmpp.Buffers;
using Gateway.Xmpp.Framing;

namespace Gateway.Benchmarks;

/// <summary>Request bodies in, response bodies out.</summary>
public class BoshBodyBenchmark : IMeasuredBytes
{
    private const string Tag = "<body rid='1573741820' sid='b9a1f0c2d3e4f5061728394a5b6c7d8e' xmlns='http://jabber.org/protocol/httpbind'";
    private static readonly byte[] EmptyRequest = Encoding.UTF8.GetBytes(Tag + "/>");
    private static readonly byte[] Request = [.. Encoding.UTF8.GetBytes(Tag + ">"), .. SampleStanzas.ClientMessage, .. "</body>"u8];
    private static readonly byte[] InheritingRequest = [.. Encoding.UTF8.GetBytes(Tag + ">"), .. SampleStanzas.Message, .. "</body>"u8];
    private static readonly byte[] Burst = SampleStanzas.Repeat(SampleStanzas.Message);

    private readonly BoshBodyParser _parser = new();
    private readonly PooledByteWriter _output = new();
    private readonly List<BoshPayload> _payloads = [];
    private readonly XmppFramer _backend = new(FramerMode.Stream, FramingLimits.Default);

    /// <inheritdoc/>
    public static int BytesOf(string method) => method switch
    {
        nameof(ParseEmptyRequest) => EmptyRequest.Length,
        nameof(ParseRequest) => Request.Length,
        nameof(ParseInheritingRequest) => InheritingRequest.Length,
        nameof(FrameAndWrite64Stanzas) => Burst.Length,
        _ => SampleStanzas.ClientMessage.Length,
    };

    [GlobalSetup]
    public void Open()
    {
        _backend.Reset();
        _backend.Read(SampleStanzas.Header);
    }

    [Benchmark]
    public int ParseEmptyRequest() => Parse(EmptyRequest, 0);

    [Benchmark]
    public int ParseRequest() => Parse(Request, 1);

    [Benchmark]
    public int ParseInheritingRequest() => Parse(InheritingRequest, 1);

    [Benchmark]
    public int WriteOneStanza()
    {
        _output.Truncate(0);
        BoshBodyWriter.WriteStart(_output, new BoshResponseAttributes { Ack = 1573741820 }, isEmpty: false);
        _output.Write(SampleStanzas.ClientMessage);
        _output.Write(BoshBodyWriter.End);
        return _output.WrittenCount;
    }

    [Benchmark]
    public int FrameAndWrite64Stanzas()
    {
        _output.Truncate(0);
        BoshBodyWriter.WriteStart(_output, new BoshResponseAttributes { Ack = 1573741820 }, isEmpty: false);
        ReadOnlySpan<byte> rest = Burst;
        while (_backend.Read(rest) is { Kind: StreamElementKind.FirstLevelElement } element)
        {
            NamespaceRebaser.Write(_output, rest, element, _backend.Scope, RebaseTarget.BoshBody);
            rest = rest[element.End..];
        }

        _output.Write(BoshBodyWriter.End);
        return rest.IsEmpty ? _output.WrittenCount : throw new InvalidOperationException("the samples do not frame");
    }

    private int Parse(byte[] request, int payloads)
    {
        _output.Truncate(0);
        _payloads.Clear();
        return _parser.TryReadTag(request, FramingLimits.Default, out _) && _parser.ReadPayloads(request, FramingLimits.Default, _output, _payloads) && _payloads.Count == payloads
            ? _output.WrittenCount
            : throw new InvalidOperationException($"{_parser.Error}");
    }
}
