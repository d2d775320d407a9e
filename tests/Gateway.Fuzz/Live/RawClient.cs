using System.Net.Sockets;
using Gateway.TestKit;

namespace Gateway.Fuzz.Live;

/// <summary>A TCP connection to the gateway that sends any bytes and keeps all that comes.</summary>
internal sealed class RawClient : IAsyncDisposable
{
    private static readonly TimeSpan FirstAnswer = TimeSpan.FromMilliseconds(30);
    private static readonly TimeSpan NextAnswer = TimeSpan.FromMilliseconds(3);

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly List<byte> _received = [];
    private readonly byte[] _buffer = new byte[16 * 1024];
    private Task<int>? _read;

    /// <summary>All that came so far.</summary>
    public byte[] Received => [.. _received];

    /// <summary>The other side is done.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Connects.</summary>
    public static async Task<RawClient> ConnectAsync(Uri address)
    {
        var client = new RawClient();
        await client._socket.ConnectAsync(address.Host, address.Port).WithinAsync();
        return client;
    }

    /// <summary>Sends bytes in pieces; an end of the connection is no error.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> bytes, params int[] cuts)
    {
        try
        {
            var start = 0;
            foreach (var end in cuts.Append(bytes.Length))
            {
                await _socket.SendAsync(bytes[start..end]).AsTask().WithinAsync();
                start = end;
                if (end < bytes.Length)
                {
                    await Task.Delay(1);
                }
            }
        }
        catch (SocketException)
        {
            // It ended; what was received says why.
        }
    }

    /// <summary>Reads until the other side is quiet for a moment. Nothing depends on how long that is but what is tried next.</summary>
    public async Task ListenAsync()
    {
        for (var patience = FirstAnswer; !HasEnded; patience = NextAnswer)
        {
            _read ??= ReadAsync();
            if (await Task.WhenAny(_read, Task.Delay(patience)) != _read)
            {
                return;
            }

            await TakeAsync();
        }
    }

    /// <summary>Sends no more, and reads until the other side ends the connection, as it has to.</summary>
    public async Task FinishAsync()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // It has ended.
        }

        while (!HasEnded)
        {
            _read ??= ReadAsync();
            await _read.WithinAsync(what: "the end of the connection");
            await TakeAsync();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        if (_read is not null)
        {
            await _read.WithinAsync();
        }
    }

    private async Task TakeAsync()
    {
        var count = await _read!;
        _read = null;
        HasEnded = count == 0;
        _received.AddRange(_buffer.AsSpan(0, count));
    }

    private async Task<int> ReadAsync()
    {
        try
        {
            return await _socket.ReceiveAsync(_buffer.AsMemory());
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return 0; // reset
        }
    }
}
