using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Gateway.Interop.Tests.Support;

/// <summary>Stands between one BOSH client and the gateway, passes everything on, and does to a request what it is told.</summary>
internal sealed class FaultRelay : IAsyncDisposable
{
    private static readonly TimeSpan DelayOfDelayed = TimeSpan.FromMilliseconds(700);

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly HttpClient _upstream = new() { Timeout = TimeSpan.FromSeconds(120) };
    private readonly ConcurrentQueue<Fault> _next = new();
    private readonly ConcurrentDictionary<Socket, bool> _open = new();
    private readonly CancellationTokenSource _stopped = new();
    private readonly Uri _gateway;
    private readonly Task _accepting;
    private int _requests;
    private int _faults;

    public FaultRelay(Uri gateway)
    {
        _gateway = gateway;
        _listener.Start();
        Url = new Uri(string.Create(
            CultureInfo.InvariantCulture, $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}{gateway.AbsolutePath}"));
        _accepting = AcceptAsync();
    }

    public Uri Url { get; }

    /// <summary>How many requests the client has sent.</summary>
    public int Requests => Volatile.Read(ref _requests);

    /// <summary>How many of them met their fault.</summary>
    public int Faults => Volatile.Read(ref _faults);

    /// <summary>What happens to the next request that nothing is meant for yet.</summary>
    public void Next(Fault fault) => _next.Enqueue(fault);

    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        _listener.Dispose();
        await _accepting;
        CutAll();
        _upstream.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptSocketAsync(_stopped.Token));
            }
        }
        catch (Exception stopped) when (stopped is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }
    }

    /// <summary>One connection, one request after the other.</summary>
    private async Task ServeAsync(Socket socket)
    {
        _open[socket] = true;
        try
        {
            await using var stream = new NetworkStream(socket);
            while (await ReadRequestAsync(stream) is { } body)
            {
                Interlocked.Increment(ref _requests);
                var fault = _next.TryDequeue(out var next) ? next : Fault.None;
                Interlocked.Add(ref _faults, fault == Fault.None ? 0 : 1);
                if (await AnswerAsync(fault, body) is not { } answer)
                {
                    return;
                }

                await stream.WriteAsync(answer, _stopped.Token);
            }
        }
        catch (Exception broken) when (broken is IOException or ObjectDisposedException or OperationCanceledException or HttpRequestException)
        {
            // Cut by us or by the client.
        }
        finally
        {
            _open.TryRemove(socket, out _);
            Cut(socket);
        }
    }

    /// <summary>What the client gets; null for the end of its connection.</summary>
    private async Task<byte[]?> AnswerAsync(Fault fault, byte[] body)
    {
        switch (fault)
        {
            case Fault.RequestSwallowed:
                return null;
            case Fault.AnswerLost:
                await ForwardAsync(body);
                return null;
            case Fault.AllCut:
                var forwarded = ForwardAsync(body);
                CutAll();
                await forwarded;
                return null;
            case Fault.BadGateway:
                await ForwardAsync(body);
                return Encoding.ASCII.GetBytes("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n");
            case Fault.ServiceUnavailable:
                return Encoding.ASCII.GetBytes("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n");
            case Fault.Delayed:
                await Task.Delay(DelayOfDelayed, _stopped.Token);
                return await ForwardAsync(body);
            case Fault.SentTwice:
                return (await Task.WhenAll(ForwardAsync(body), ForwardAsync(body)))[1];
            default:
                return await ForwardAsync(body);
        }
    }

    private async Task<byte[]> ForwardAsync(byte[] body)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new("text/xml", "utf-8");
        using var answer = await _upstream.PostAsync(_gateway, content, _stopped.Token);
        var answered = await answer.Content.ReadAsByteArrayAsync(_stopped.Token);
        var head = string.Create(CultureInfo.InvariantCulture,
            $"HTTP/1.1 {(int)answer.StatusCode} {answer.ReasonPhrase}\r\nContent-Type: {answer.Content.Headers.ContentType}\r\nContent-Length: {answered.Length}\r\n\r\n");
        return [.. Encoding.ASCII.GetBytes(head), .. answered];
    }

    /// <summary>The body of the next request; null when the client has closed. The libraries say Content-Length, always.</summary>
    private async Task<byte[]?> ReadRequestAsync(NetworkStream stream)
    {
        var length = 0;
        while (await ReadLineAsync(stream) is { } line)
        {
            if (line.StartsWith("content-length:", StringComparison.OrdinalIgnoreCase))
            {
                length = int.Parse(line.AsSpan("content-length:".Length), CultureInfo.InvariantCulture);
            }
            else if (line.Length == 0)
            {
                var body = new byte[length];
                await stream.ReadExactlyAsync(body, _stopped.Token);
                return body;
            }
        }

        return null;
    }

    /// <summary>Byte by byte: nothing of what follows the line is read.</summary>
    private async Task<string?> ReadLineAsync(NetworkStream stream)
    {
        var line = new StringBuilder();
        var buffer = new byte[1];
        while (await stream.ReadAsync(buffer, _stopped.Token) > 0)
        {
            if (buffer[0] == '\n')
            {
                return line.ToString();
            }

            if (buffer[0] != '\r')
            {
                line.Append((char)buffer[0]);
            }
        }

        return null;
    }

    private void CutAll()
    {
        foreach (var socket in _open.Keys)
        {
            Cut(socket);
        }
    }

    /// <summary>A reset: what was not yet sent is lost.</summary>
    private static void Cut(Socket socket) => socket.Close(0);
}
