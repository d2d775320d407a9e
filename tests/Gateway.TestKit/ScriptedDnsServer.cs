using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Gateway.TestKit;

/// <summary>A DNS server on loopback, UDP and TCP on one port, that knows what a test told it and answers as badly as it was told to.</summary>
public sealed class ScriptedDnsServer : IAsyncDisposable
{
    private readonly Socket _udp;
    private readonly Socket _tcp;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<DnsQuestion> _questions = new();
    private readonly ConcurrentDictionary<string, DnsRecords> _zone = new(StringComparer.OrdinalIgnoreCase);
    private readonly Task _running;

    private ScriptedDnsServer(Socket udp, Socket tcp)
    {
        (_udp, _tcp) = (udp, tcp);
        _running = Task.WhenAll(Task.Run(ServeUdpAsync), Task.Run(ServeTcpAsync));
    }

    /// <summary>address:port.</summary>
    public string Address => _udp.LocalEndPoint!.ToString()!;

    /// <summary>What it was asked, in order.</summary>
    public IReadOnlyList<DnsQuestion> Questions => [.. _questions];

    /// <summary>What it sends over UDP instead of an answer; nothing when it gives none.</summary>
    public Func<byte[], IEnumerable<byte[]>> Udp { get; set; } = answer => [answer];

    /// <summary>The response code of every answer; null: the right one.</summary>
    public byte? ResponseCode { get; set; }

    /// <summary>Starts a server.</summary>
    public static ScriptedDnsServer Start()
    {
        for (var attempt = 0; ; attempt++)
        {
            var udp = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            var tcp = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            udp.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            try
            {
                tcp.Bind(udp.LocalEndPoint!);
                tcp.Listen();
                return new ScriptedDnsServer(udp, tcp);
            }
            catch (SocketException) when (attempt < 20)
            {
                udp.Dispose(); // the port is somebody's for TCP
                tcp.Dispose();
            }
        }
    }

    /// <summary>The records of a name, to be added to.</summary>
    public DnsRecords this[string name] => _zone.GetOrAdd(name, static _ => new DnsRecords());

    /// <summary>Only the cut head of an answer, which says that there is more.</summary>
    public static byte[] Truncate(byte[] answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        var cut = answer.AsSpan(0, QuestionEnd(answer)).ToArray();
        cut[2] |= 0x02;
        cut.AsSpan(6, 2).Clear();
        return cut;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _udp.Dispose();
        _tcp.Dispose();
        await _running;
        _stop.Dispose();
    }

    private static int QuestionEnd(ReadOnlySpan<byte> message)
    {
        var at = 12;
        while (message[at] != 0)
        {
            at += message[at] + 1;
        }

        return at + 5;
    }

    private async Task ServeUdpAsync()
    {
        var buffer = new byte[1500];
        try
        {
            while (true)
            {
                var received = await _udp.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), _stop.Token);
                var answer = Answer(buffer.AsSpan(0, received.ReceivedBytes), ((IPEndPoint)received.RemoteEndPoint).Port, isTcp: false);
                foreach (var datagram in Udp(answer))
                {
                    await _udp.SendToAsync(datagram, received.RemoteEndPoint, _stop.Token);
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeTcpAsync()
    {
        try
        {
            while (true)
            {
                using var socket = await _tcp.AcceptAsync(_stop.Token);
                await using var stream = new NetworkStream(socket);
                var length = new byte[2];
                await stream.ReadExactlyAsync(length, _stop.Token);
                var query = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
                await stream.ReadExactlyAsync(query, _stop.Token);
                var answer = Answer(query, ((IPEndPoint)socket.RemoteEndPoint!).Port, isTcp: true);
                BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)answer.Length);
                await stream.WriteAsync(length, _stop.Token);
                foreach (var part in answer.Chunk(100))
                {
                    await stream.WriteAsync(part, _stop.Token);
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException or IOException)
        {
            // The test is over.
        }
    }

    private byte[] Answer(ReadOnlySpan<byte> query, int port, bool isTcp)
    {
        var end = QuestionEnd(query);
        var labels = new List<string>();
        for (var at = 12; query[at] != 0; at += query[at] + 1)
        {
            labels.Add(System.Text.Encoding.ASCII.GetString(query.Slice(at + 1, query[at])));
        }

        var question = new DnsQuestion(string.Join('.', labels), BinaryPrimitives.ReadUInt16BigEndian(query[(end - 4)..]), BinaryPrimitives.ReadUInt16BigEndian(query), port, isTcp);
        _questions.Enqueue(question);
        var known = _zone.TryGetValue(question.Name, out var records);
        var found = known ? records!.Of(question.Type) : [];
        var answer = new List<byte>(query[..end].ToArray());
        answer[2] = 0x81;
        answer[3] = (byte)(0x80 | (ResponseCode ?? (known ? 0 : 3)));
        answer[6] = (byte)(found.Count >> 8);
        answer[7] = (byte)found.Count;
        foreach (var record in found)
        {
            answer.AddRange(record);
        }

        return [.. answer];
    }
}

/// <summary>What a <see cref="ScriptedDnsServer"/> was asked.</summary>
/// <param name="Name">The name.</param>
/// <param name="Type">The type of record.</param>
/// <param name="Id">The query's id.</param>
/// <param name="Port">The port it came from.</param>
/// <param name="IsTcp">It came over TCP.</param>
public sealed record DnsQuestion(string Name, ushort Type, ushort Id, int Port, bool IsTcp);
