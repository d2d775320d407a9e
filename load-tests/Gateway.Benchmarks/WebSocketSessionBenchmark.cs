using System.Buffers.Binary;
using BenchmarkDotNet.Attributes;
using Gateway.Benchmarks.InMemory;
using Gateway.Core.Sessions;
using Gateway.Core.WebSockets;

namespace Gateway.Benchmarks;

/// <summary>One WebSocket session between the upgraded connection and the backend stream: no HTTP, no sockets, all on one thread.</summary>
public class WebSocketSessionBenchmark : IMeasuredBytes
{
    private static readonly byte[] Stanza = SampleStanzas.Message;
    private static readonly byte[] Burst = SampleStanzas.Repeat(Stanza);
    private static readonly byte[] Frame = Masked(SampleStanzas.ClientMessage);
    private static readonly byte[] Open = Masked("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='example.org' version='1.0'/>"u8);

    private readonly Surroundings _surroundings = new();
    private readonly MemoryTransport _client = new();

    /// <inheritdoc/>
    public static int BytesOf(string method) => method == nameof(Burst64Stanzas) ? Burst.Length : Frame.Length + Stanza.Length;

    [GlobalSetup]
    public void LogIn()
    {
        var session = new XmppWebSocketSession(_surroundings.CreateContext(), new ClientConnection(null, null), new WebSocketConnection(_client, TimeProvider.System));
        _ = session.RunAsync(CancellationToken.None);
        var backend = _surroundings.Backend;
        _client.Deliver(Open);
        _client.Deliver(Masked("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>"u8));
        backend.Accept();
        _client.Deliver(Open);
        backend.AnswerRestart();
        var (up, down) = (backend.Writes, _client.Writes);
        Echo();
        if (backend.Writes != up + 1 || _client.Writes != down + 1)
        {
            throw new InvalidOperationException("the login went wrong");
        }
    }

    /// <summary>A message up, a message down.</summary>
    [Benchmark]
    public int Echo()
    {
        _client.Deliver(Frame);
        _surroundings.Backend.Deliver(Stanza);
        return _client.LatestWrite;
    }

    /// <summary>What one read of the backend brought under load, down in one write.</summary>
    [Benchmark]
    public int Burst64Stanzas()
    {
        _surroundings.Backend.Deliver(Burst);
        return _client.LatestWrite > Burst.Length ? _client.LatestWrite : throw new InvalidOperationException("not all of it came down");
    }

    /// <summary>RFC 6455 §5.3: a client's frames are masked.</summary>
    private static byte[] Masked(ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<byte> mask = [0x3A, 0xC5, 0x71, 0x0E];
        byte[] frame = text.Length < 126
            ? [0x81, (byte)(0x80 | text.Length), .. mask, .. text]
            : [0x81, 0x80 | 126, 0, 0, .. mask, .. text];
        if (text.Length >= 126)
        {
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), (ushort)text.Length);
        }

        var payload = frame.AsSpan(frame.Length - text.Length);
        for (var i = 0; i < payload.Length; i++)
        {
            payload[i] ^= mask[i % 4];
        }

        return frame;
    }
}
