using System.Net;
using System.Net.Sockets;

namespace Gateway.Core.Backend;

/// <summary>One connection to a server that has several addresses (RFC 8305, DISC-033): the first that answers is taken.</summary>
internal static class AddressRace
{
    /// <summary>How long an address has the field to itself: 250 ms (RFC 8305 §5).</summary>
    public static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(250);

    /// <summary>Families by turns, IPv6 first; within a family the resolver's order stays.</summary>
    public static List<IPAddress> Interleave(IEnumerable<IPAddress> addresses)
    {
        var six = new Queue<IPAddress>(addresses.Where(a => a.AddressFamily == AddressFamily.InterNetworkV6));
        var four = new Queue<IPAddress>(addresses.Where(a => a.AddressFamily != AddressFamily.InterNetworkV6));
        var mixed = new List<IPAddress>(six.Count + four.Count);
        while (six.Count + four.Count > 0)
        {
            if (six.TryDequeue(out var next))
            {
                mixed.Add(next);
            }

            if (four.TryDequeue(out next))
            {
                mixed.Add(next);
            }
        }

        return mixed;
    }

    /// <summary>Connects to one of them.</summary>
    /// <param name="left">At least one, in the order in which they are tried. Who answered or failed is taken out: should the rest of the way fail, others may be tried.</param>
    /// <param name="port">The server's port.</param>
    /// <param name="timeout">How long each has.</param>
    /// <param name="limit">The limits of the way that this is a step of; it serves an address that is the only one.</param>
    /// <param name="time">The clock.</param>
    /// <returns>The connection and its other end, which is not asked of a socket that may have been reset.</returns>
    /// <exception cref="BackendConnectException">None answered; the last one's failure.</exception>
    public static async ValueTask<(Socket Socket, IPEndPoint Address)> ConnectAsync(
        List<IPAddress> left, int port, TimeSpan timeout, StepLimit limit, TimeProvider time)
    {
        if (left.Count == 1)
        {
            var only = new IPEndPoint(left[0], port);
            left.Clear();
            return (await ConnectAsync(only, timeout, limit), only);
        }

        using var over = CancellationTokenSource.CreateLinkedTokenSource(limit.GivenUp);
        var running = new Dictionary<Task<Socket>, IPAddress>();
        var waiting = new Queue<IPAddress>(left);
        try
        {
            Exception? last = null;
            while (waiting.Count + running.Count > 0)
            {
                if (waiting.TryDequeue(out var next))
                {
                    running.Add(ConnectAsync(new IPEndPoint(next, port), timeout, time, over.Token), next);
                }

                // The next one starts when its time has come, or at once when one of those before has failed.
                using var early = CancellationTokenSource.CreateLinkedTokenSource(over.Token);
                var turn = Task.Delay(waiting.Count > 0 ? Delay : Timeout.InfiniteTimeSpan, time, early.Token);
                var ended = await Task.WhenAny([turn, .. running.Keys]);
                await early.CancelAsync();
                if (ended is Task<Socket> connecting && running.Remove(connecting, out var address))
                {
                    left.Remove(address);
                    try
                    {
                        return (await connecting, new IPEndPoint(address, port));
                    }
                    catch (BackendConnectException e)
                    {
                        last = e;
                    }
                }

                limit.GivenUp.ThrowIfCancellationRequested();
            }

            throw last!;
        }
        finally
        {
            await over.CancelAsync();
            foreach (var loser in running.Keys)
            {
                _ = loser.ContinueWith(
                    static late =>
                    {
                        if (late.IsCompletedSuccessfully)
                        {
                            late.Result.Dispose();
                        }
                        else
                        {
                            _ = late.Exception;
                        }
                    },
                    CancellationToken.None,
                    TaskContinuationOptions.ExecuteSynchronously,
                    TaskScheduler.Default);
            }
        }
    }

    private static async Task<Socket> ConnectAsync(IPEndPoint address, TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        using var limit = new StepLimit(time, cancellationToken);
        return await ConnectAsync(address, timeout, limit);
    }

    private static async ValueTask<Socket> ConnectAsync(IPEndPoint address, TimeSpan timeout, StepLimit limit)
    {
        try
        {
            return await BackendSocket.ConnectAsync(address, limit.Begin("TCP connection", timeout));
        }
        catch (OperationCanceledException e) when (limit.IsReached)
        {
            throw limit.Reached(e);
        }
    }
}
