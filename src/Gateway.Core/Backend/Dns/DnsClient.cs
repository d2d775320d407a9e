using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Gateway.Core.Backend.Dns;

/// <summary>Asks DNS servers: UDP, then TCP for what was cut off; every server once, then all of them once more (DISC-030).</summary>
/// <param name="servers">Whom to ask.</param>
/// <param name="time">The clock.</param>
/// <param name="draw">For ids.</param>
internal sealed class DnsClient(DnsServers servers, TimeProvider time, RandomDraw draw)
{
    /// <summary>How long one server may take for one try, over UDP and over TCP each: 2 s.</summary>
    public static readonly TimeSpan TryTimeout = TimeSpan.FromSeconds(2);

    private const int Rounds = 2;
    private const int UdpBuffer = 4096;

    /// <summary>Asks.</summary>
    /// <param name="name">In A-label form.</param>
    /// <param name="type">The type of record.</param>
    public async Task<DnsAnswer> AskAsync(string name, DnsRecordType type)
    {
        // On the pool: the system reads files to say who its resolvers are.
        var inTurn = await Task.Run(() => servers.InTurn().ToArray());
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var server in inTurn)
            {
                var answer = await TryAskAsync(server, name, type, ExchangeUdpAsync);
                if (answer is { IsTruncated: true })
                {
                    answer = await TryAskAsync(server, name, type, ExchangeTcpAsync); // DISC-036
                }

                if (answer is { Outcome: not DnsOutcome.NoAnswer })
                {
                    servers.Answered(server);
                    return answer;
                }
            }
        }

        servers.NoneAnswered();
        return DnsAnswer.None with
        {
            Failure = $"no DNS server gave a usable answer: {string.Join<IPEndPoint>(", ", inTurn)}; {Rounds} tries of {TryTimeout.TotalSeconds:0.###} s each",
        };
    }

    private async Task<DnsAnswer?> TryAskAsync(IPEndPoint server, string name, DnsRecordType type, Func<IPEndPoint, Query, CancellationToken, Task<DnsAnswer?>> exchange)
    {
        var query = new Query(name, type, (ushort)draw(ushort.MaxValue));
        using var timeout = new CancellationTokenSource(TryTimeout, time);
        try
        {
            return query.Bytes.IsEmpty ? null : await exchange(server, query, timeout.Token);
        }
        catch (Exception e) when (e is SocketException or IOException or OperationCanceledException)
        {
            return null; // nobody there, or too slow
        }
    }

    private static async Task<DnsAnswer?> ExchangeUdpAsync(IPEndPoint server, Query query, CancellationToken cancellationToken)
    {
        // Connected: what another address sends is not received. The system gives each socket a random port (DISC-039).
        using var socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(server, cancellationToken);
        await socket.SendAsync(query.Bytes, cancellationToken);
        var buffer = ArrayPool<byte>.Shared.Rent(UdpBuffer);
        try
        {
            while (true)
            {
                var length = await socket.ReceiveAsync(buffer.AsMemory(0, UdpBuffer), cancellationToken);
                if (query.TryRead(buffer.AsSpan(0, length), out var answer))
                {
                    return answer;
                }

                // Not the answer: a late one, or a guess of somebody who hopes that it is taken for it.
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async Task<DnsAnswer?> ExchangeTcpAsync(IPEndPoint server, Query query, CancellationToken cancellationToken)
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(server, cancellationToken);
        await using var stream = new NetworkStream(socket);
        var framed = new byte[sizeof(ushort) + query.Bytes.Length];
        BinaryPrimitives.WriteUInt16BigEndian(framed, (ushort)query.Bytes.Length);
        query.Bytes.CopyTo(framed.AsMemory(sizeof(ushort)));
        await stream.WriteAsync(framed, cancellationToken);
        await stream.ReadExactlyAsync(framed.AsMemory(0, sizeof(ushort)), cancellationToken);
        var message = new byte[BinaryPrimitives.ReadUInt16BigEndian(framed)];
        await stream.ReadExactlyAsync(message, cancellationToken);
        return query.TryRead(message, out var answer) && !answer.IsTruncated ? answer : null;
    }

    private sealed class Query
    {
        private readonly string _name;
        private readonly DnsRecordType _type;
        private readonly ushort _id;

        public Query(string name, DnsRecordType type, ushort id)
        {
            (_name, _type, _id) = (name, type, id);
            var bytes = new byte[DnsMessage.MaxQueryLength];
            Bytes = bytes.AsMemory(0, DnsMessage.WriteQuery(bytes, id, name, type));
        }

        /// <summary>Empty if the name is none.</summary>
        public ReadOnlyMemory<byte> Bytes { get; }

        public bool TryRead(ReadOnlySpan<byte> message, out DnsAnswer answer) => DnsMessage.TryRead(message, _id, _name, _type, out answer);
    }
}
