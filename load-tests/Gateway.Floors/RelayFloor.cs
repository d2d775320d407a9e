using System.Buffers;
using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;

namespace Gateway.Floors;

/// <summary>
/// Floors L and T: a WebSocket on one side, a TCP connection on the other, bytes in between, no XMPP. As fast as Kestrel and
/// its own WebSocket class can do it, and with no memory held that a session at rest can do without.
/// </summary>
internal static class RelayFloor
{
    private const int BufferSize = 16 * 1024;

    /// <summary>The verb.</summary>
    public static Command Create()
    {
        var port = FloorOptions.Port();
        var tls = FloorOptions.Tls();
        var backend = FloorOptions.Backend();
        var command = new Command("relay", "Floors L and T: a bare WebSocket-to-TCP relay of bytes.") { port, backend, tls };
        command.SetAction((parsed, _) =>
        {
            var server = parsed.GetRequiredValue(backend);
            return BareKestrel.RunAsync("relay", parsed.GetValue(port), parsed.GetValue(tls), app =>
            {
                app.UseWebSockets();
                app.Run(http => HandleAsync(http, server));
            });
        });
        return command;
    }

    private static async Task HandleAsync(HttpContext http, IPEndPoint server)
    {
        if (!http.WebSockets.IsWebSocketRequest)
        {
            http.Response.StatusCode = StatusCodes.Status426UpgradeRequired;
            return;
        }

        using var backend = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await backend.ConnectAsync(server);
        using var client = await http.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext { SubProtocol = "xmpp", KeepAliveInterval = TimeSpan.Zero });
        var down = DownAsync(backend, client);
        try
        {
            await UpAsync(client, backend);
            backend.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (IsLoss(e))
        {
            backend.Dispose(); // the other direction sees it
        }

        await down;
    }

#pragma warning disable CA2012 // each is consumed once; one that is complete is made anew from its result
    /// <summary>All messages that are there go up in one write.</summary>
    private static async Task UpAsync(WebSocket client, Socket backend)
    {
        var waiting = client.ReceiveAsync(Memory<byte>.Empty, CancellationToken.None);
        while (true)
        {
            if ((await waiting).MessageType == WebSocketMessageType.Close)
            {
                return;
            }

            var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
            try
            {
                var count = 0;
                do
                {
                    var received = await client.ReceiveAsync(buffer.AsMemory(count), CancellationToken.None);
                    if (received.MessageType == WebSocketMessageType.Close)
                    {
                        return;
                    }

                    count += received.Count;
                    waiting = client.ReceiveAsync(Memory<byte>.Empty, CancellationToken.None);
                }
                while (count < buffer.Length && waiting.IsCompletedSuccessfully && !IsClose(ref waiting));
                await backend.SendAsync(buffer.AsMemory(0, count));
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    /// <summary>Looks at a result that is there, and leaves it to be looked at again.</summary>
    private static bool IsClose(ref ValueTask<ValueWebSocketReceiveResult> waiting)
    {
        var result = waiting.Result;
        waiting = new ValueTask<ValueWebSocketReceiveResult>(result);
        return result.MessageType == WebSocketMessageType.Close;
    }
#pragma warning restore CA2012

    /// <summary>One frame for each read.</summary>
    private static async Task DownAsync(Socket backend, WebSocket client)
    {
        try
        {
            int count;
            do
            {
                await backend.ReceiveAsync(Memory<byte>.Empty);
                var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
                try
                {
                    count = await backend.ReceiveAsync(buffer);
                    if (count > 0)
                    {
                        await client.SendAsync(buffer.AsMemory(0, count), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
                    }
                }
                finally
                {
                    ArrayPool<byte>.Shared.Return(buffer);
                }
            }
            while (count > 0);
            await client.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        }
        catch (Exception e) when (IsLoss(e))
        {
            client.Abort();
        }
    }

    private static bool IsLoss(Exception e) => e is WebSocketException or SocketException or IOException or ObjectDisposedException or InvalidOperationException or OperationCanceledException;
}
