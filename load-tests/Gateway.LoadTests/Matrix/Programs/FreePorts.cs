using System.Net;
using System.Net.Sockets;

namespace Gateway.LoadTests.Matrix.Programs;

/// <summary>Ports for programs that cannot say which one they took.</summary>
internal static class FreePorts
{
    /// <summary>As many different ones, free a moment ago, from below the range that outgoing connections take theirs from.</summary>
    public static int[] Take(int count)
    {
        var ports = new List<int>();
        while (ports.Count < count)
        {
            var port = Random.Shared.Next(12_000, 30_000);
            if (!ports.Contains(port) && IsFree(port))
            {
                ports.Add(port);
            }
        }

        return [.. ports];
    }

    private static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
