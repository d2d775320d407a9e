using System.Net;
using System.Net.Sockets;
using Gateway.TestKit;

namespace Gateway.Tests.Transports.Bosh;

/// <summary>A stretch of network between client and server that breaks each connection after so many bytes of the answer.</summary>
internal sealed class CuttingRelay : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly IPEndPoint _server;

    public CuttingRelay(Uri server)
    {
        _server = new IPEndPoint(IPAddress.Loopback, server.Port);
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(16);
        Url = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndPoint!).Port}{server.AbsolutePath}");
    }

    public Uri Url { get; }

    /// <summary>Sends a request on a connection of its own. Completes with what the client saw, once the connection is broken.</summary>
    /// <param name="request">The whole request.</param>
    /// <param name="bytes">Of the answer, that pass. The server has written its answer in any case.</param>
    public async Task<byte[]> SendAsync(ReadOnlyMemory<byte> request, int bytes)
    {
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        var accepting = _listener.AcceptAsync();
        await client.ConnectAsync(_listener.LocalEndPoint!).WithinAsync();
        using var inside = await accepting.WithinAsync();
        using var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await server.ConnectAsync(_server).WithinAsync();

        await client.SendAsync(request);
        var buffer = new byte[64 * 1024];
        for (var sent = 0; sent < request.Length;)
        {
            var count = await inside.ReceiveAsync(buffer.AsMemory()).WithinAsync();
            await server.SendAsync(buffer.AsMemory(0, count));
            sent += count;
        }

        var passed = 0;
        do
        {
            var count = await server.ReceiveAsync(buffer.AsMemory()).WithinAsync();
            var part = Math.Min(count, bytes - passed);
            await inside.SendAsync(buffer.AsMemory(0, part));
            passed += part;
        }
        while (passed < bytes);

        // To the server it is a reset, to the client an end in the middle.
        server.Close(0);
        inside.Close();
        var seen = new MemoryStream();
        while (await client.ReceiveAsync(buffer.AsMemory()).WithinAsync() is var count and > 0)
        {
            seen.Write(buffer, 0, count);
        }

        return seen.ToArray();
    }

    public void Dispose() => _listener.Dispose();
}
