using System.Diagnostics.Metrics;
using System.Net;
using System.Net.WebSockets;
using System.Text;
using Gateway.Core.Backend;
using Gateway.Core.Policies;
using Gateway.Core.Sessions;
using Gateway.Core.Telemetry;
using Gateway.Core.WebSockets;
using Gateway.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Core.Tests.WebSockets;

/// <summary>A session with a client on one side and a server on the other, all in memory and on a manual clock.</summary>
internal sealed class SessionHarness : IBackendConnector, IAsyncDisposable
{
    private readonly TestMeterFactory _meters = new();
    private readonly MeterListener _listener = new();
    private readonly DuplexStream _server;
    private readonly byte[] _receiveBuffer = new byte[400 * 1024];

    public SessionHarness(Action<WebSocketSessionOptions>? configure = null, SessionLimits? limits = null, int window = 64 * 1024, bool deflate = false, SecurityOptions? security = null)
    {
        var options = new WebSocketSessionOptions();
        configure?.Invoke(options);
        Registry = new SessionRegistry();
        var metrics = new GatewayMetrics(_meters, Registry);
        Watch = new AuthenticationWatch(limits ?? new SessionLimits(), metrics, Time, NullLogger<AuthenticationWatch>.Instance);
        var context = new WebSocketSessionContext(
            options,
            limits ?? new SessionLimits(),
            new DomainPolicy(
            [
                new ServedDomain("example.org", "main") { Security = new DomainSecurity(security ?? new SecurityOptions(), isBackendExposed: false) },
                new ServedDomain("bücher.example", ServedDomain.OwnSrv),
            ]),
            this,
            metrics,
            Watch,
            Time,
            NullLogger<XmppWebSocketSession>.Instance);
        var (server, client) = DuplexStream.CreatePair(window);
        ClientTransport = client;
        _server = server;
        Transport = new WebSocketConnection(server, Time);
        var compression = deflate ? new WebSocketDeflateOptions { ClientContextTakeover = false, ServerContextTakeover = false } : null;
        if (deflate)
        {
            Transport.EnableDeflate(15);
        }

        Client = WebSocket.CreateFromStream(client, new WebSocketCreationOptions { SubProtocol = "xmpp", KeepAliveInterval = TimeSpan.Zero, DangerousDeflateOptions = compression });
        Session = new XmppWebSocketSession(context, new ClientConnection(ClientAddress, null), Transport);
        Run = Session.RunAsync(Aborted.Token);
    }

    /// <summary>Where the client is.</summary>
    public static IPEndPoint ClientAddress { get; } = new(IPAddress.Parse("192.0.2.1"), 50000);

    public ManualTimeProvider Time { get; } = new();

    public AuthenticationWatch Watch { get; }

    public CancellationTokenSource Aborted { get; } = new();

    public SessionRegistry Registry { get; }

    public FakeXmppStream Backend { get; set; } = new();

    /// <summary>Set to decide on a connection attempt; null: it succeeds with <see cref="Backend"/>.</summary>
    public Func<BackendRequest, CancellationToken, Task<IXmppStream>>? Connecting { get; set; }

    public BackendRequest? Request { get; private set; }

    public int ServerWrites => _server.Writes;

    /// <summary>Called when the server has written something, before it hears of it.</summary>
    public Action? ServerHasWritten
    {
        set => _server.Written = value;
    }

    public bool IsServerWriteHeld => _server.IsWriteHeld;

    public DuplexStream ClientTransport { get; }

    public WebSocketConnection Transport { get; }

    public WebSocket Client { get; }

    public XmppWebSocketSession Session { get; }

    public Task<bool> Run { get; }

    public Task<IXmppStream> ConnectAsync(BackendRequest request, CancellationToken cancellationToken)
    {
        Request = request;
        return Connecting?.Invoke(request, cancellationToken) ?? Task.FromResult<IXmppStream>(Backend);
    }

    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text);

    public Task SendAsync(byte[] bytes, WebSocketMessageType type, bool last = true) =>
        Client.SendAsync(bytes, type, last, CancellationToken.None).WithinAsync();

    /// <summary>Sends one frame as it is; its masking key is zero.</summary>
    public Task SendFrameAsync(byte first, byte[] payload)
    {
        byte[] length = payload.Length switch
        {
            < 126 => [(byte)(0x80 | payload.Length)],
            <= ushort.MaxValue => [0xFE, (byte)(payload.Length >> 8), (byte)payload.Length],
            _ => [0xFF, 0, 0, 0, 0, (byte)(payload.Length >> 24), (byte)(payload.Length >> 16), (byte)(payload.Length >> 8), (byte)payload.Length],
        };
        return ClientTransport.WriteAsync((byte[])[first, .. length, 0, 0, 0, 0, .. payload], CancellationToken.None).WithinAsync();
    }

    /// <summary>The next message; or, for a Close frame, <c>Close</c> and its code; or <c>Lost</c>.</summary>
    public async Task<string> ReceiveAsync()
    {
        var length = 0;
        try
        {
            while (true)
            {
                var result = await Client.ReceiveAsync(_receiveBuffer.AsMemory(length), CancellationToken.None).AsTask().WithinAsync();
                length += result.Count;
                if (result.MessageType == WebSocketMessageType.Close)
                {
                    return $"Close {(int?)Client.CloseStatus}";
                }

                if (result.EndOfMessage)
                {
                    return Encoding.UTF8.GetString(_receiveBuffer, 0, length);
                }
            }
        }
        catch (WebSocketException)
        {
            return "Lost";
        }
    }

    /// <summary>The next message, while the clock goes on in small steps until it comes.</summary>
    public async Task<string> ReceiveAsTimePassesAsync()
    {
        var receive = ReceiveAsync();
        while (!receive.IsCompleted)
        {
            try
            {
                await receive.WaitAsync(TimeSpan.FromMilliseconds(25));
            }
            catch (TimeoutException)
            {
                Time.Advance(TimeSpan.FromMilliseconds(100));
            }
        }

        return await receive;
    }

    public async Task OpenAsync()
    {
        await SendAsync("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='example.org' version='1.0'/>");
        (await ReceiveAsync()).ShouldStartWith("<open ");
        (await ReceiveAsync()).ShouldStartWith("<stream:features ");
    }

    public async Task AuthenticateAsync()
    {
        await OpenAsync();
        await SendAsync("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGEAYg==</auth>");
        await Backend.ExpectAsync("</auth>");
        Backend.Receive("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
        (await ReceiveAsync()).ShouldStartWith("<success ");
        await SendAsync("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='example.org' version='1.0'/>");
        await TestTimeout.UntilAsync(() => Backend.Restarts.Count == 1);
        Backend.ReceiveHeader();
        (await ReceiveAsync()).ShouldStartWith("<open ");
        (await ReceiveAsync()).ShouldStartWith("<stream:features ");
    }

    public async Task EnableResumptionAsync()
    {
        Backend.Receive("<enabled xmlns='urn:xmpp:sm:3' id='x' resume='true'/>");
        (await ReceiveAsync()).ShouldStartWith("<enabled ");
    }

    /// <summary>Hears of a counter of this session's metrics.</summary>
    public void OnCounter(string name, Action<long, KeyValuePair<string, object?>[]> counted)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Scope == _meters && instrument.Name == name)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, amount, tags, _) => counted(amount, tags.ToArray()));
        _listener.Start();
    }

    /// <summary>Answers the Close frame and waits until nothing of the session is left.</summary>
    public async Task EndAsync()
    {
        if (Client.State == WebSocketState.CloseReceived)
        {
            await Client.CloseOutputAsync(Client.CloseStatus!.Value, null, CancellationToken.None).WithinAsync();
        }

        await Run.WithinAsync();
        await ReleaseAsync();
    }

    private async Task ReleaseAsync()
    {
        if (!Backend.IsDisposed)
        {
            Backend.Lose();
        }

        await TestTimeout.UntilAsync(() => Registry.Count == 0);
        await TestTimeout.UntilAsync(() => Time.ArmedTimers == 0);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        ClientTransport.Dispose();
        await Run.WithinAsync();
        await ReleaseAsync();
        _listener.Dispose();
        _meters.Dispose();
        Aborted.Dispose();
    }
}
