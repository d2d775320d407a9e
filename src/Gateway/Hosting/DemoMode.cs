using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using Gateway.Configuration;
using Gateway.Core.Backend;
using Gateway.Core.Policies;
using Gateway.DemoServer;

namespace Gateway.Hosting;

/// <summary>The demo's own parts: an embedded XMPP server, reached as any backend is, and a certificate for https (interface.md section 6).</summary>
internal sealed class DemoMode : IAsyncDisposable
{
    /// <summary>The domain of the demo's accounts.</summary>
    public const string Domain = "localhost";

    private const string Backend = "demo";

    private readonly ILoggerFactory _logs;
    private readonly DemoXmppServer _server;

    private DemoMode(ILoggerFactory logs, DemoXmppServer server)
    {
        _logs = logs;
        _server = server;
        Certificate = LocalhostCertificate.Create(DateTimeOffset.UtcNow);
    }

    /// <summary>For the https listener.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>Starts the embedded server on a free loopback port.</summary>
    public static async Task<DemoMode> StartAsync(IConfiguration configuration)
    {
        var logs = LoggerFactory.Create(logging => OperatorLog.Configure(logging, configuration));
        var server = await DemoXmppServer.StartAsync(new DemoServerOptions { Domain = Domain }, logs, CancellationToken.None);
        return new DemoMode(logs, server);
    }

    /// <summary>The configuration with the demo's domain and backend added: STARTTLS, verified, like any other.</summary>
    public GatewayOptions Join(GatewayOptions options) => options with
    {
        Domains = [.. options.Domains, new ServedDomain(Domain, Backend) { Security = new DomainSecurity(options.Security, isBackendExposed: false) }],
        Backends = new Dictionary<string, BackendOptions>(options.Backends, StringComparer.OrdinalIgnoreCase)
        {
            [Backend] = new BackendOptions
            {
                Servers = [new BackendServerOptions { Address = string.Create(CultureInfo.InvariantCulture, $"{_server.EndPoint.Address}:{_server.EndPoint.Port}") }],
                Tls = new BackendTlsOptions { TrustedRootsPem = _server.Authority.ExportCertificatePem() },
            },
        },
    };

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        Certificate.Dispose();
        _logs.Dispose();
    }
}
