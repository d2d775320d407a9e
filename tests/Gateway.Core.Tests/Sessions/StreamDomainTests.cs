using System.Text;
using Gateway.Core.Bosh;
using Gateway.Core.Policies;
using Gateway.Core.Sessions;
using Gateway.Core.Telemetry;
using Gateway.Core.Tests.Bosh;
using Gateway.Core.Tests.WebSockets;
using Gateway.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Core.Tests.Sessions;

/// <summary>What becomes of the domain and of the JID that a client names, from its first word to the backend: alike on both transports.</summary>
[Trait("Requirement", "XS-011")]
public sealed class StreamDomainTests
{
    private const string Success = "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>";

    [Theory]
    [InlineData("bücher.example")]
    [InlineData("xn--bcher-kva.example")]
    [InlineData("BÜCHER.example.")]
    [Trait("Requirement", "WS-043")]
    public async Task WebSocket_AnySpelling_IsOneDomainOnTheStreamAndOverTheRestart(string to)
    {
        await using var harness = new SessionHarness();
        await harness.SendAsync(Open($"to='{to}' from='alice@{to}'"));
        (await harness.ReceiveAsync()).ShouldStartWith("<open");
        (harness.Request!.Domain, harness.Request.From).ShouldBe(("bücher.example", "alice@bücher.example"));
        await harness.ReceiveAsync();
        await harness.SendAsync("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
        await harness.Backend.ExpectAsync("<auth");
        harness.Backend.Receive(Success);
        (await harness.ReceiveAsync()).ShouldStartWith("<success");

        await harness.SendAsync(Open("to='xn--bcher-kva.example'"));
        await harness.Backend.ExpectAsync("<stream:stream");

        var header = harness.Backend.Restarts.ShouldHaveSingleItem();
        (header.To, header.From).ShouldBe(("bücher.example", "alice@bücher.example"));
    }

    [Theory]
    [InlineData("bücher.example")]
    [InlineData("xn--bcher-kva.example")]
    [InlineData("BÜCHER.example.")]
    [Trait("Requirement", "BOSH-035")]
    [Trait("Requirement", "BOSH-112")]
    public async Task Bosh_AnySpelling_IsOneDomainOnTheStreamAndOverTheRestart(string to)
    {
        using var meters = new TestMeterFactory();
        var registry = new SessionRegistry();
        var connector = new FakeBackendConnector();
        var backend = connector.Give();
        var metrics = new GatewayMetrics(meters, registry);
        var limits = new SessionLimits();
        var time = new ManualTimeProvider();
        var manager = new BoshSessionManager(
            connector, new DomainPolicy([new ServedDomain("bücher.example", "main")]), metrics,
            new AuthenticationWatch(limits, metrics, time, NullLogger<AuthenticationWatch>.Instance), registry, new BoshOptions(),
            limits, time, NullLogger<BoshSession>.Instance);
        var creation = new HeldRequest(MachineRig.Parse(MachineRig.Creation.Replace("to='example.com'", $"to='{to}' from='alice@{to}'", StringComparison.Ordinal)));
        manager.TryCreate(creation, ClientConnection.Unknown, out var session, out _).ShouldBeTrue();
        (await TextAsync(creation)).ShouldContain("PLAIN");
        var request = connector.Requests.ShouldHaveSingleItem();
        (request.Domain, request.From).ShouldBe(("bücher.example", "alice@bücher.example"));
        var auth = Send(session, 101, "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
        backend.Receive(Success);
        (await auth.WithinAsync()).ShouldContain("success");

        _ = Send(session, 102, attributes: "to='xn--bcher-kva.example' xmpp:restart='true' xmlns:xmpp='urn:xmpp:xbosh'");
        await backend.ExpectAsync("<stream:stream");

        var header = backend.Restarts.ShouldHaveSingleItem();
        (header.To, header.From).ShouldBe(("bücher.example", "alice@bücher.example"));
        backend.Lose();
        await session.Released.WithinAsync();
    }

    private static string Open(string attributes) => $"<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' version='1.0' {attributes}/>";

    private static Task<string> Send(BoshSession session, long rid, string payload = "", string attributes = "")
    {
        var exchange = new HeldRequest(MachineRig.Parse(MachineRig.Request(rid, payload, attributes)));
        session.Receive(exchange);
        return TextAsync(exchange);
    }

    private static async Task<string> TextAsync(HeldRequest exchange)
    {
        var response = await exchange.Response.WithinAsync();
        await Task.Yield();
        return Encoding.UTF8.GetString(response.Body.Span);
    }
}
