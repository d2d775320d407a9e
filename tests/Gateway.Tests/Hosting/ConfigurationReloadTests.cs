using System.Collections.Concurrent;
using Gateway.Core.Backend;
using Gateway.Core.Policies;
using Gateway.Core.Sessions;
using Gateway.Hosting;
using Gateway.TestKit;

namespace Gateway.Tests.Hosting;

/// <summary>The configuration changes under a running gateway: real files, real listeners, scripted backends.</summary>
[Collection(AloneInTheProcess.Name)]
public sealed class ConfigurationReloadTests : IDisposable
{
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"gateway-reload-{Guid.NewGuid():N}.json");
    private readonly RecordingProvider _log = new();

    public void Dispose()
    {
        File.Delete(_file);
        _log.Dispose();
    }

    [Fact]
    public async Task Changed_DomainsAndBackends_ApplyWhileSessionsGoOn()
    {
        await using var old = ScriptedXmppServer.Start(OpenAsync);
        await using var other = ScriptedXmppServer.Start(OpenAsync);
        Write("one.example", old.Address);
        await using var gateway = await StartAsync();
        await using var session = await ConnectAsync(gateway, "one.example", "main");

        Write("two.example", other.Address);
        await TestTimeout.UntilAsync(() => Domains(gateway).Find("two.example") is not null);

        Domains(gateway).Find("one.example").ShouldBeNull();
        await using var another = await ConnectAsync(gateway, "two.example", "main");
        (old.Connections, other.Connections).ShouldBe((1, 1));
        old.OpenConnections.ShouldBe(1, "its session goes on");
        var backends = await gateway.Client.GetStringAsync(new Uri(gateway.Management, "/api/backends"), TestContext.Current.CancellationToken);
        backends.ShouldContain($"{{\"server\":\"{old.Address}\",\"state\":\"leaving\",\"breaker\":\"closed\",\"sessions\":1,");
        backends.ShouldContain($"{{\"server\":\"{other.Address}\",\"state\":\"up\",\"breaker\":\"closed\",\"sessions\":1,");
        _log.Lines.ShouldContain(l => l.StartsWith("Configuration read again: 2 domains; changed: Gateway:Backends:main:Servers:0:Address, Gateway:Domains:one.example:Backend", StringComparison.Ordinal));
        var metrics = await gateway.Client.GetStringAsync(new Uri(gateway.Management, "/metrics"), TestContext.Current.CancellationToken);
        metrics.ShouldContain($"xmpp_gateway_backend_connections{{backend=\"main\",server=\"{old.Address}\"}} 1");
        metrics.ShouldContain($"xmpp_gateway_backend_healthy{{backend=\"main\",server=\"{old.Address}\"}} 0");
        metrics.ShouldContain($"xmpp_gateway_backend_healthy{{backend=\"main\",server=\"{other.Address}\"}} 1");
        metrics.ShouldContain("xmpp_gateway_auth_failures_total{domain=\"two.example\"} 0");

        // The last session leaves, and with it the server.
        await session.DisposeAsync();
        await TestTimeout.UntilAsync(() => !gateway.Client.GetStringAsync(new Uri(gateway.Management, "/api/backends")).GetAwaiter().GetResult().Contains(old.Address, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("{ \"Gateway\": { \"Domains\": { \"two.example\": { \"Backend\": \"nobody\" } }, \"Backends\": { } } }", "Gateway:Domains:two.example:Backend = \"nobody\"")]
    [InlineData("{ \"Gateway\": { \"Domains\": { \"two.example\": { } }, \"Backends\": { \"main\": { \"Servers\": [ { \"Address\": \"10.0.0.5:5222\" } ], \"Unknown\": 1 } } } }", "Gateway:Backends:main:Unknown")]
    [InlineData("{ \"Gateway\": ", "line")]
    public async Task Changed_WithAnError_NothingChangesAndTheErrorIsTold(string wrong, string error)
    {
        Write("one.example", "10.0.0.5:5222");
        await using var gateway = await StartAsync();

        await File.WriteAllTextAsync(_file, wrong, TestContext.Current.CancellationToken);
        await TestTimeout.UntilAsync(() => _log.Lines.Any(l => l.StartsWith("The changed configuration is not used: ", StringComparison.Ordinal) && l.Contains(error, StringComparison.Ordinal)));

        Domains(gateway).Find("one.example").ShouldNotBeNull();
        Domains(gateway).Find("two.example").ShouldBeNull();

        // Right again.
        Write("three.example", "10.0.0.5:5222");
        await TestTimeout.UntilAsync(() => Domains(gateway).Find("three.example") is not null);
    }

    [Fact]
    public async Task Changed_AFileThatItNamesIsMissing_IsUsedWhenItComes()
    {
        using var certificates = new TestCertificates();
        var roots = _file + ".pem";
        Write("one.example", "10.0.0.5:5222");
        await using var gateway = await StartAsync();

        Write("two.example", "10.0.0.5:5222", tls: roots);
        await TestTimeout.UntilAsync(() => _log.Lines.Any(l => l.Contains("TrustedRoots", StringComparison.Ordinal)));
        Domains(gateway).Find("two.example").ShouldBeNull();

        try
        {
            File.Copy(certificates.RootsFile, roots);
            await TestTimeout.UntilAsync(() => Domains(gateway).Find("two.example") is not null);

            // And what it holds is in force as soon as it holds something else.
            await File.AppendAllTextAsync(roots, "\n" + certificates.SelfSigned("other.example").ExportCertificatePem(), TestContext.Current.CancellationToken);
            await TestTimeout.UntilAsync(() => _log.Lines.Contains($"Configuration read again: 2 domains; changed: {roots}"));
        }
        finally
        {
            File.Delete(roots);
        }
    }

    [Fact]
    public async Task Changed_CommonSecurity_WaitsForDomainsToo()
    {
        Write("one.example", "10.0.0.5:5222");
        await using var gateway = await StartAsync();

        Write("two.example", "10.0.0.5:5222", "\"Security\": { \"DenyMechanisms\": [ \"X-TEST\" ] },");
        await TestTimeout.UntilAsync(() => _log.Lines.Contains("Changes that wait for a restart: Gateway:Security:DenyMechanisms"));

        Domains(gateway).Find("two.example")!.Security.Removals.ShouldNotContain(r => r.Contains("X-TEST", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Changed_AKeyThatNeedsARestart_IsNamed()
    {
        Write("one.example", "10.0.0.5:5222");
        await using var gateway = await StartAsync();

        Write("two.example", "10.0.0.5:5222", "\"Drain\": { \"Period\": \"00:00:07\" },");
        await TestTimeout.UntilAsync(() => _log.Lines.Contains("Changes that wait for a restart: Gateway:Drain:Period"));

        Domains(gateway).Find("two.example").ShouldNotBeNull();
    }

    [Fact]
    public async Task Changed_ACertificateOfAListener_WaitsForARestart()
    {
        using var certificates = new TestCertificates();
        using var renewed = new TestCertificates();
        Write("one.example", "10.0.0.5:5222");
        var https = RunningGateway.Https(certificates);
        var file = https.Single(argument => argument.Contains(":Path=", StringComparison.Ordinal)).Split('=')[1];
        var key = https.Single(argument => argument.Contains(":KeyPath=", StringComparison.Ordinal)).Split('=')[1];
        await using var gateway = await StartAsync(https);

        var (newFile, newKey) = renewed.Write(renewed.Server("example.org"));
        File.Copy(newFile, file, overwrite: true);
        File.Copy(newKey, key, overwrite: true);

        await TestTimeout.UntilAsync(() => _log.Lines.Any(l => l.StartsWith("Changes that wait for a restart: ", StringComparison.Ordinal) && l.Contains(file, StringComparison.Ordinal)));
        _log.Lines.ShouldNotContain(l => l.StartsWith("Configuration read again", StringComparison.Ordinal) && l.Contains(file, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Asked_NothingChanged_ReadsAllTheSame()
    {
        Write("one.example", "10.0.0.5:5222");
        await using var gateway = await StartAsync();

        gateway.Host.App.Services.GetRequiredService<ConfigurationReload>().Ask();

        await TestTimeout.UntilAsync(() => _log.Lines.Contains("Configuration read again: 2 domains; changed: nothing"));
    }

    private static async Task OpenAsync(ScriptedPeer peer)
    {
        await peer.OpenAsync();
        await peer.ExpectEndAsync();
    }

    private static DomainPolicy Domains(RunningGateway gateway) => gateway.Host.App.Services.GetRequiredService<DomainPolicy>();

    private static Task<IXmppStream> ConnectAsync(RunningGateway gateway, string domain, string backend) =>
        gateway.Host.App.Services.GetRequiredService<IBackendConnector>()
            .ConnectAsync(new BackendRequest(backend, domain, null, "en", ClientConnection.Unknown), TestContext.Current.CancellationToken).WithinAsync();

    private Task<RunningGateway> StartAsync(params string[] more) =>
        RunningGateway.StartAsync([_file], services => services.AddSingleton<ILoggerProvider>(_log), ["--Logging:LogLevel:Default=Information", .. more]);

    private void Write(string domain, string address, string more = "", string? tls = null) => File.WriteAllText(
        _file,
        $$"""
        { "Gateway": { {{more}}
          "Domains": { "{{domain}}": { "Backend": "main" } },
          "Backends": { "main": { "Servers": [ { "Address": "{{address}}" } ], {{(tls is null ? "\"Security\": \"None\"," : $"\"Tls\": {{ \"TrustedRoots\": \"{tls}\" }},")}} "HealthCheck": { "Enabled": false } } }
        } }
        """);

    private sealed class RecordingProvider : ILoggerProvider, ILogger
    {
        private readonly ConcurrentQueue<string> _lines = new();

        public IReadOnlyCollection<string> Lines => _lines;

        public ILogger CreateLogger(string categoryName) => this;

        public void Dispose()
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _lines.Enqueue(formatter(state, exception));
    }
}
