using System.Net;
using Gateway.Core.Policies;
using Gateway.Core.Sessions;
using Gateway.Core.Telemetry;
using Gateway.TestKit;
using Microsoft.Extensions.Logging;

namespace Gateway.Core.Tests.Policies;

public sealed class AuthenticationWatchTests : IDisposable, ILogger<AuthenticationWatch>
{
    private readonly TestMeterFactory _meters = new();
    private readonly List<(LogLevel Level, string Text)> _lines = [];

    public void Dispose() => _meters.Dispose();

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Add((logLevel, formatter(state, exception)));

    private AuthenticationWatch Watch(SessionLimits limits) =>
        new(limits, new GatewayMetrics(_meters, new SessionRegistry()), new ManualTimeProvider(), this);

    [Fact]
    [Trait("Requirement", "EDGE-004")]
    public void ChannelBinding_OfOneBackend_IsWarnedOfOnce()
    {
        var watch = Watch(new SessionLimits());
        watch.ChannelBindingOffered("prosody");
        watch.ChannelBindingOffered("PROSODY");
        watch.ChannelBindingOffered("ejabberd");
        _lines.Select(l => l.Level).ShouldBe([LogLevel.Warning, LogLevel.Warning]);
        _lines[0].Text.ShouldContain("prosody");
        _lines[1].Text.ShouldContain("ejabberd");
    }

    [Fact]
    [Trait("Requirement", "EDGE-038")]
    public void Address_Barred_IsWarnedOfOnce()
    {
        var watch = Watch(new SessionLimits { AuthFailuresPerHourPerAddress = 2 });
        for (var i = 0; i < 5; i++)
        {
            watch.AuthFailed("example.org", IPAddress.Parse("192.0.2.1"));
        }

        _lines.ShouldHaveSingleItem().Text.ShouldContain("192.0.2.1");
        watch.IsBarred(IPAddress.Parse("192.0.2.1"), out _).ShouldBeTrue();
    }
}
