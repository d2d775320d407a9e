using System.Net.Sockets;
using System.Text;
using Gateway.Core.Backend;
using Gateway.Core.Policies;
using Gateway.Core.Sessions;
using Gateway.Core.Telemetry;
using Gateway.Core.WebSockets;
using Gateway.TestKit;
using Gateway.Transports;
using Gateway.Transports.WebSockets;

namespace Gateway.Tests.Transports.WebSockets;

/// <summary>The opening handshake, byte for byte over a real server (websocket.md section 1).</summary>
public sealed class HandshakeTests : IDrainState, IAsyncLifetime
{
    private const string Good = "GET /xmpp-websocket HTTP/1.1\r\nHost: gw.example.com\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: xmpp\r\nOrigin: https://chat.example.com\r\n\r\n";

    private readonly TestMeterFactory _meters = new();
    private readonly SessionRegistry _registry = new();
    private readonly SessionLimits _limits = new();
    private readonly WebSocketSessionOptions _options = new();
    private WebApplication _app = null!;

    public bool IsDraining { get; private set; }

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services
            .AddSingleton<IBackendConnector>(new FakeBackendConnector())
            .AddSingleton(new DomainPolicy([new ServedDomain("example.com", "main")]))
            .AddSingleton(new GatewayMetrics(_meters, _registry))
            .AddSingleton<AuthenticationWatch>()
            .AddSingleton(_registry)
            .AddSingleton(_limits)
            .AddSingleton<IDrainState>(this)
            .AddSingleton(new OriginPolicy(["https://chat.example.com"]))
            .AddSingleton(TimeProvider.System)
            .AddXmppWebSocket(_options);
        _app = builder.Build();
        _app.UseXmppWebSocket();
        await _app.StartAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _meters.Dispose();
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("Upgrade: websocket", "Upgrade: WebSocket")]
    [InlineData("keep-alive, Upgrade", "UPGRADE")]
    [InlineData("Protocol: xmpp", "Protocol: mqtt, xmpp")]
    [InlineData("Protocol: xmpp", "Protocol: mqtt\r\nSec-WebSocket-Protocol: xmpp")]
    [InlineData("Origin: https://chat.example.com\r\n", "")]
    [InlineData("Origin:", "Sec-WebSocket-Extensions: permessage-deflate\r\nOrigin:")]
    [InlineData("/xmpp-websocket", "/ws")]
    [InlineData("/xmpp-websocket", "/xmpp-websocket/")]
    [Trait("Requirement", "WS-002")]
    [Trait("Requirement", "WS-005")]
    [Trait("Requirement", "WS-009")]
    public async Task Handshake_Right_IsAcceptedWithExactlyOneSubprotocol(string replace, string with)
    {
        var response = await SendAsync(replace.Length == 0 ? Good : Good.Replace(replace, with, StringComparison.Ordinal));

        response.ShouldStartWith("HTTP/1.1 101 ");
        response.ShouldContain("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n");
        response.ShouldContain("Sec-WebSocket-Protocol: xmpp\r\n");
        response.ShouldContain("Upgrade: websocket\r\n");
        response.ShouldContain("Connection: Upgrade\r\n");
        response.ShouldNotContain("Sec-WebSocket-Extensions");
    }

    [Theory]
    [InlineData("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", "", 400)]
    [InlineData("dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZQ==", 400)]
    [InlineData("dGhlIHNhbXBsZSBub25jZQ==", "not base64 at all", 400)]
    [InlineData("Sec-WebSocket-Version: 13\r\n", "", 400)]
    [InlineData("Host: gw.example.com\r\n", "", 400)]
    [InlineData("Sec-WebSocket-Protocol: xmpp\r\n", "", 400)]
    [InlineData("Protocol: xmpp", "Protocol: XMPP", 400)]
    [InlineData("Protocol: xmpp", "Protocol: mqtt", 400)]
    [InlineData("https://chat.example.com", "https://evil.example.net", 403)]
    [InlineData("GET ", "POST ", 405)]
    [InlineData("/xmpp-websocket", "/elsewhere", 404)]
    [Trait("Requirement", "WS-001")]
    [Trait("Requirement", "WS-006")]
    [Trait("Requirement", "WS-007")]
    public async Task Handshake_Wrong_IsRefused(string replace, string with, int status) =>
        (await SendAsync(Good.Replace(replace, with, StringComparison.Ordinal))).ShouldStartWith($"HTTP/1.1 {status} ");

    [Theory]
    [InlineData("Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: 12")]
    [InlineData("Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n", "")]
    [Trait("Requirement", "WS-003")]
    [Trait("Requirement", "WS-010")]
    public async Task Handshake_OtherVersionOrNone_IsToldWhatWouldBeRight(string replace, string with)
    {
        var response = await SendAsync(Good.Replace(replace, with, StringComparison.Ordinal));

        response.ShouldStartWith("HTTP/1.1 426 ");
        response.ShouldContain("Upgrade: websocket\r\n");
        response.ShouldContain("Connection: Upgrade\r\n");
        response.ShouldContain("Sec-WebSocket-Version: 13\r\n");
    }

    [Fact]
    [Trait("Requirement", "WS-053")]
    public async Task Handshake_WhileDraining_IsSentElsewhere()
    {
        IsDraining = true;
        var response = await SendAsync(Good);

        response.ShouldStartWith("HTTP/1.1 503 ");
        response.ShouldContain("Retry-After: ");
    }

    [Fact]
    [Trait("Requirement", "EDGE-031")]
    public async Task Handshake_OverTheSessionLimit_IsSentElsewhere()
    {
        _limits.MaxSessions = 1;
        using var first = await ConnectAsync(Good);
        (await ReadHeadAsync(first)).ShouldStartWith("HTTP/1.1 101 ");
        await TestTimeout.UntilAsync(() => _registry.Count == 1);

        (await SendAsync(Good)).ShouldStartWith("HTTP/1.1 503 ");
    }

    [Theory]
    [InlineData("permessage-deflate", "")]
    [InlineData("permessage-deflate; client_max_window_bits", "")] // what browsers offer
    [InlineData("permessage-deflate; client_no_context_takeover; server_no_context_takeover", "")]
    [InlineData("permessage-deflate; client_max_window_bits=8; server_max_window_bits=15", "")]
    [InlineData("permessage-deflate; server_max_window_bits=10", "; server_max_window_bits=10")]
    [InlineData("permessage-deflate; server_max_window_bits=\"9\"", "; server_max_window_bits=9")]
    [InlineData("x-other, permessage-deflate; unknown, permessage-deflate; server_max_window_bits=12", "; server_max_window_bits=12")]
    [InlineData("permessage-deflate; unknown\r\nSec-WebSocket-Extensions: permessage-deflate", "")]
    [Trait("Requirement", "WS-057")]
    [Trait("Requirement", "WS-058")]
    public async Task Compression_GoodOffer_IsAgreedWithoutContextTakeover(string offer, string window)
    {
        _options.Compression = true;
        var response = await SendAsync(Good.Replace("Origin:", $"Sec-WebSocket-Extensions: {offer}\r\nOrigin:", StringComparison.Ordinal));

        response.ShouldStartWith("HTTP/1.1 101 ");
        var agreed = response.Split("\r\n").Single(line => line.StartsWith("Sec-WebSocket-Extensions: ", StringComparison.Ordinal))["Sec-WebSocket-Extensions: ".Length..];
        agreed.Split("; ").Order(StringComparer.Ordinal).ShouldBe(("permessage-deflate; client_no_context_takeover; server_no_context_takeover" + window).Split("; ").Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("permessage-deflate; unknown")]
    [InlineData("permessage-deflate; client_no_context_takeover; client_no_context_takeover")]
    [InlineData("permessage-deflate; server_no_context_takeover=1")]
    [InlineData("permessage-deflate; server_max_window_bits")]
    [InlineData("permessage-deflate; server_max_window_bits=16")]
    [InlineData("permessage-deflate; server_max_window_bits=7")]
    [InlineData("permessage-deflate; server_max_window_bits=8")] // zlib has no such window
    [InlineData("permessage-deflate; server_max_window_bits=010")]
    [InlineData("permessage-deflate; client_max_window_bits=16")]
    [InlineData("permessage-deflate; client_max_window_bits=7")]
    [InlineData("permessage-deflate;")]
    [InlineData("x-webkit-deflate-frame")]
    [Trait("Requirement", "WS-009")]
    [Trait("Requirement", "WS-058")]
    public async Task Compression_BadOffer_IsDeclinedAndTheHandshakeSucceeds(string offer)
    {
        _options.Compression = true;
        var response = await SendAsync(Good.Replace("Origin:", $"Sec-WebSocket-Extensions: {offer}\r\nOrigin:", StringComparison.Ordinal));

        response.ShouldStartWith("HTTP/1.1 101 ");
        response.ShouldNotContain("Sec-WebSocket-Extensions");
    }

    [Fact]
    [Trait("Requirement", "WS-009")]
    public async Task Compression_NotOffered_IsNotNamed()
    {
        _options.Compression = true;
        var response = await SendAsync(Good);

        response.ShouldStartWith("HTTP/1.1 101 ");
        response.ShouldNotContain("Sec-WebSocket-Extensions");
    }

    private async Task<string> SendAsync(string request)
    {
        using var client = await ConnectAsync(request);
        return await ReadHeadAsync(client);
    }

    private async Task<TcpClient> ConnectAsync(string request)
    {
        var url = new Uri(_app.Urls.Single());
        var client = new TcpClient();
        await client.ConnectAsync(url.Host, url.Port, TestContext.Current.CancellationToken);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request), TestContext.Current.CancellationToken);
        return client;
    }

    private static async Task<string> ReadHeadAsync(TcpClient client)
    {
        var head = new StringBuilder();
        var buffer = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal)
            && await client.GetStream().ReadAsync(buffer, TestContext.Current.CancellationToken).AsTask().WithinAsync() == 1)
        {
            head.Append((char)buffer[0]);
        }

        return head.ToString();
    }
}
