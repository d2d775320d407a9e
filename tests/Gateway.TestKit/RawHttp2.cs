using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace Gateway.TestKit;

/// <summary>An HTTP/2 client with prior knowledge that hides nothing: frames go out as a test says and come back as they were (RFC 9113).</summary>
public sealed class RawHttp2 : IDisposable
{
    private const int HeaderTableSize = 1;
    private const int InitialWindowSize = 4;
    private static readonly byte[] Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray();

    private readonly TcpClient _tcp = new() { NoDelay = true };
    private readonly List<Http2Frame> _kept = [];
    private readonly Dictionary<int, long> _sent = [];
    private int _nextStream = 1;

    /// <summary>The server's settings, by identifier, in the order in which they came.</summary>
    public IList<(int Id, uint Value)> Settings { get; } = [];

    /// <summary>Bytes that may be sent on the whole connection.</summary>
    public long ConnectionWindow { get; private set; } = 65_535;

    private long StreamWindow { get; set; } = 65_535;

    /// <summary>Bytes that may be sent on a stream.</summary>
    public long WindowOf(int stream) => StreamWindow - _sent.GetValueOrDefault(stream);

    /// <summary>Connects, and waits for the server's settings.</summary>
    /// <param name="url">Whose port.</param>
    /// <param name="window">Bytes that the server may send on each stream without being asked.</param>
    public static async Task<RawHttp2> ConnectAsync(Uri url, int window = 65_535)
    {
        ArgumentNullException.ThrowIfNull(url);
        var client = new RawHttp2();
        await client._tcp.ConnectAsync(url.Host, url.Port).WithinAsync();
        var settings = new byte[12];
        BinaryPrimitives.WriteUInt16BigEndian(settings, HeaderTableSize); // zero: then nothing of a header depends on the one before
        BinaryPrimitives.WriteUInt16BigEndian(settings.AsSpan(6), InitialWindowSize);
        BinaryPrimitives.WriteInt32BigEndian(settings.AsSpan(8), window);
        await client._tcp.GetStream().WriteAsync(Preface);
        await client.SendAsync(Http2FrameType.Settings, 0, 0, settings);
        await client.UntilAsync(() => client.Settings.Count > 0);
        return client;
    }

    /// <summary>Sends a frame.</summary>
    public async Task SendAsync(Http2FrameType type, byte flags, int stream, ReadOnlyMemory<byte> payload)
    {
        var frame = new byte[9 + payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, payload.Length << 8);
        frame[3] = (byte)type;
        frame[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame.AsMemory(9));
        await _tcp.GetStream().WriteAsync(frame).WithinAsync();
    }

    /// <summary>Sends a request head; the stream stays open.</summary>
    /// <returns>The stream.</returns>
    public async Task<int> RequestAsync(params (string Name, string Value)[] fields)
    {
        ArgumentNullException.ThrowIfNull(fields);
        var stream = _nextStream;
        _nextStream += 2;
        var block = new List<byte>();
        foreach (var (name, value) in fields)
        {
            block.AddRange([0, (byte)name.Length, .. Encoding.ASCII.GetBytes(name), (byte)value.Length, .. Encoding.ASCII.GetBytes(value)]); // RFC 7541 §6.2.2
        }

        await SendAsync(Http2FrameType.Headers, Http2Frame.EndHeaders, stream, block.ToArray());
        return stream;
    }

    /// <summary>Sends bytes on a stream.</summary>
    public Task SendDataAsync(int stream, ReadOnlyMemory<byte> bytes, bool end = false)
    {
        ConnectionWindow -= bytes.Length;
        _sent[stream] = _sent.GetValueOrDefault(stream) + bytes.Length;
        return SendAsync(Http2FrameType.Data, end ? Http2Frame.EndStream : (byte)0, stream, bytes);
    }

    /// <summary>The next frame of a stream; what comes for others is kept.</summary>
    /// <param name="stream">Which.</param>
    /// <param name="orConnection">A frame of the whole connection will do.</param>
    public async Task<Http2Frame> ReceiveAsync(int stream, bool orConnection = false)
    {
        Http2Frame? found = null;
        await UntilAsync(() =>
        {
            found = _kept.Find(f => f.Stream == stream || (orConnection && f.Stream == 0));
            return found is not null;
        });
        _kept.Remove(found!);
        return found!;
    }

    /// <summary>Reads frames until a condition holds. Settings are acknowledged and windows noted; no other frame is answered.</summary>
    public async Task UntilAsync(Func<bool> condition)
    {
        ArgumentNullException.ThrowIfNull(condition);
        while (!condition())
        {
            var frame = await ReadAsync();
            if (frame.Type == Http2FrameType.Settings && (frame.Flags & 1) == 0)
            {
                Take(frame.Payload.Span);
                await SendAsync(Http2FrameType.Settings, 1, 0, default);
            }
            else if (frame.Type == Http2FrameType.WindowUpdate)
            {
                var more = BinaryPrimitives.ReadInt32BigEndian(frame.Payload.Span);
                ConnectionWindow += frame.Stream == 0 ? more : 0;
                _sent[frame.Stream] = _sent.GetValueOrDefault(frame.Stream) - more;
            }
            else if (frame.Type != Http2FrameType.Settings)
            {
                _kept.Add(frame);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _tcp.Dispose();

    private async Task<Http2Frame> ReadAsync()
    {
        var head = new byte[9];
        await _tcp.GetStream().ReadExactlyAsync(head).AsTask().WithinAsync();
        var payload = new byte[BinaryPrimitives.ReadInt32BigEndian(head) >> 8];
        await _tcp.GetStream().ReadExactlyAsync(payload).AsTask().WithinAsync();
        return new Http2Frame((Http2FrameType)head[3], head[4], BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(5)), payload);
    }

    private void Take(ReadOnlySpan<byte> settings)
    {
        for (; settings.Length >= 6; settings = settings[6..])
        {
            var (id, value) = (BinaryPrimitives.ReadUInt16BigEndian(settings), BinaryPrimitives.ReadUInt32BigEndian(settings[2..]));
            Settings.Add((id, value));
            StreamWindow = id == InitialWindowSize ? value : StreamWindow;
        }
    }
}
