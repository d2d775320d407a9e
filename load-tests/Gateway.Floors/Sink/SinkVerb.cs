using System.CommandLine;
using System.Net;
using System.Net.Sockets;

namespace Gateway.Floors.Sink;

/// <summary>An XMPP server that does as little as one can that checks nothing: it must never be what a run waits for.</summary>
internal static class SinkVerb
{
    private const int Backlog = 4096;

    /// <summary>The verb.</summary>
    public static Command Create()
    {
        var port = FloorOptions.Port();
        var command = new Command("sink", "A fast XMPP server over TCP: SASL ANONYMOUS, bind, and messages from one full JID to another.") { port };
        command.SetAction((parsed, _) => RunAsync(parsed.GetValue(port)));
        return command;
    }

    private static async Task RunAsync(int port)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
        listener.Listen(Backlog);
        _ = AcceptAsync(listener, new SinkRegistry());
        await Readiness.AnnounceAsync("sink", ((IPEndPoint)listener.LocalEndPoint!).Port);
        Environment.Exit(0);
    }

    private static async Task AcceptAsync(Socket listener, SinkRegistry registry)
    {
        while (true)
        {
            try
            {
                var socket = await listener.AcceptAsync();
                socket.NoDelay = true;
                _ = new SinkConnection(socket, registry).RunAsync();
            }
            catch (SocketException e) when (e.SocketErrorCode is not SocketError.OperationAborted)
            {
                // A client that is gone already, or no descriptor left: the next one may fare better.
                await Console.Error.WriteLineAsync($"sink: accept: {e.Message}");
                await Task.Delay(TimeSpan.FromMilliseconds(50));
            }
        }
    }
}
