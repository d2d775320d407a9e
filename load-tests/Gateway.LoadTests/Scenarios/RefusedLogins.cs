using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using Gateway.LoadTests.Measuring;

namespace Gateway.LoadTests.Scenarios;

/// <summary>Logins in an open loop, BOSH and WebSocket by turns, that are all expected to be told <c>remote-connection-failed</c>.</summary>
internal sealed class RefusedLogins : IDisposable
{
    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(40);

    private readonly Uri _bosh;
    private readonly Uri _webSocket;
    private readonly string _domain;
    private readonly SocketsHttpHandler _handler = new() { MaxConnectionsPerServer = 20_000, PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30) };
    private readonly HttpMessageInvoker _http;
    private int _sent;
    private int _refused;
    private int _wrong;
    private string? _firstWrong;

    /// <summary>Prepares.</summary>
    public RefusedLogins(Uri bosh, Uri webSocket, string domain)
    {
        (_bosh, _webSocket, _domain) = (bosh, webSocket, domain);
        _http = new HttpMessageInvoker(_handler);
    }

    /// <summary>Times from the request to the refusal, in nanoseconds.</summary>
    public Histogram Times { get; } = new();

    /// <summary>Logins begun.</summary>
    public int Sent => Volatile.Read(ref _sent);

    /// <summary>Logins refused as they should be.</summary>
    public int Refused => Volatile.Read(ref _refused);

    /// <summary>Logins that got anything else, or nothing.</summary>
    public int Wrong => Volatile.Read(ref _wrong);

    /// <summary>What the first of them got.</summary>
    public string? FirstWrong => _firstWrong;

    /// <summary>Begins them at a rate for a time; returns when all have ended.</summary>
    public async Task RunAsync(int rate, TimeSpan duration)
    {
        var started = Stopwatch.GetTimestamp();
        var running = new List<Task>();
        for (var due = 0; Stopwatch.GetElapsedTime(started) < duration;)
        {
            for (; due < Stopwatch.GetElapsedTime(started).TotalSeconds * rate; due++)
            {
                var isBosh = due % 2 == 0;
                running.Add(Task.Run(() => OneAsync(isBosh)));
            }

            await Task.Delay(1);
        }

        await Task.WhenAll(running);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _http.Dispose();
        _handler.Dispose();
    }

    private async Task OneAsync(bool isBosh)
    {
        Interlocked.Increment(ref _sent);
        var started = Stopwatch.GetTimestamp();
        string answer;
        using var limit = new CancellationTokenSource(Hang);
        try
        {
            answer = isBosh ? await BoshAsync(limit.Token) : await WebSocketAsync(limit.Token);
        }
#pragma warning disable CA1031 // Whatever it is, it is not the refusal.
        catch (Exception e)
#pragma warning restore CA1031
        {
            answer = e.Message;
        }

        if (answer.Contains("remote-connection-failed", StringComparison.Ordinal))
        {
            Times.Record((long)Stopwatch.GetElapsedTime(started).TotalNanoseconds);
            Interlocked.Increment(ref _refused);
        }
        else
        {
            Interlocked.Increment(ref _wrong);
            Interlocked.CompareExchange(ref _firstWrong, answer, null);
        }
    }

    private async Task<string> BoshAsync(CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _bosh)
        {
            Content = new StringContent(
                $"<body xmlns='http://jabber.org/protocol/httpbind' xmlns:xmpp='urn:xmpp:xbosh' xmpp:version='1.0' ver='1.6' rid='4711' to='{_domain}' wait='30' hold='1' xml:lang='en'/>",
                Encoding.UTF8,
                "text/xml"),
        };
        using var answer = await _http.SendAsync(request, cancellation);
        return await answer.Content.ReadAsStringAsync(cancellation);
    }

    private async Task<string> WebSocketAsync(CancellationToken cancellation)
    {
        using var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("xmpp");
        await socket.ConnectAsync(_webSocket, _http, cancellation);
        await socket.SendAsync(
            Encoding.UTF8.GetBytes($"<open xmlns=\"urn:ietf:params:xml:ns:xmpp-framing\" to=\"{_domain}\" version=\"1.0\"/>"), WebSocketMessageType.Text, true, cancellation);
        var buffer = new byte[4096];
        var answer = new StringBuilder();
        while (await socket.ReceiveAsync(buffer.AsMemory(), cancellation) is { MessageType: WebSocketMessageType.Text } part)
        {
            answer.Append(Encoding.UTF8.GetString(buffer, 0, part.Count));
            if (answer.ToString().Contains("<close", StringComparison.Ordinal))
            {
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, cancellation);
            }
        }

        return answer.ToString();
    }
}
