using System.Globalization;

namespace Gateway.Interop.Tests.Support;

/// <summary>One Prosody, one ejabberd, one jabberd2 and one gateway in front of all, for the whole run.</summary>
public sealed partial class InteropFixture : IAsyncLifetime
{
    private readonly RunDirectory _directory = new();
    private readonly Dictionary<string, XmppServer> _servers = new(StringComparer.Ordinal);
    private CertificateFiles? _certificates;
    private GatewayProcess? _gateway;
    private int _runs;

    public async ValueTask InitializeAsync()
    {
        _certificates = new CertificateFiles(_directory.Sub("certificates"));
        if (Needs.Find("prosody") is not null)
        {
            _servers.Add("prosody", new ProsodyServer());
        }

        if (Needs.HasEjabberd(out _))
        {
            _servers.Add("ejabberd", new EjabberdServer());
        }

        if (Needs.HasJabberd2())
        {
            _servers.Add("jabberd2", new Jabberd2Server());
        }

        if (Needs.Find("node") is null || Needs.Find("npm") is null || _servers.Count == 0)
        {
            return; // every test will say so
        }

        await Task.WhenAll(
            [NodeClients.InstallAsync(_directory.Sub("npm")),
            .. _servers.Values.Select(server => server.StartAsync(_directory.Sub(server.Name), _certificates))]);
        if (!Needs.Direct)
        {
            _gateway = await GatewayProcess.StartAsync(_directory.Sub("gateway"), _certificates.AuthorityPath, _servers.Values);
        }
    }

    public async ValueTask DisposeAsync()
    {
        var stopped = _gateway is null || await _gateway.StopAsync();
        var log = stopped ? null : _gateway!.Process.Log();
        foreach (var server in _servers.Values)
        {
            await server.DisposeAsync();
        }

        _certificates?.Dispose();
        _directory.Dispose();
        if (log is not null)
        {
            throw new InvalidOperationException($"the gateway did not end with 0 after SIGTERM:\n{log}");
        }
    }

    /// <summary>Runs a driver and demands exactly these checks, each with success.</summary>
    internal async Task RunAsync(string script, string client, string transport, string serverName, IEnumerable<string> expectedChecks)
    {
        Needs.Tools("node", "npm", serverName);
        var server = _servers[serverName];
        var marks = Processes().Select(process => (process, process.LogLength())).ToArray();
        IReadOnlyList<Check> checks;
        try
        {
            checks = await NodeClients.RunAsync(
                script,
                new
                {
                    Client = client,
                    Transport = transport,
                    Url = Url(transport, server),
                    Server = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{server.ClientPort}"),
                    server.Domain,
                    XmppServer.Password,
                    Run = string.Create(CultureInfo.InvariantCulture, $"r{Interlocked.Increment(ref _runs)}"),
                },
                _certificates!.AuthorityPath,
                _directory.Sub("drivers"));
        }
        catch
        {
            WriteLogs(marks);
            throw;
        }

        if (checks.Any(check => !check.Ok))
        {
            WriteLogs(marks);
        }

        checks.Where(check => !check.Ok).Select(check => $"{check.Name}: {check.Detail}")
            .ShouldBeEmpty(string.Join('\n', checks.Select(check => $"{(check.Ok ? "ok" : "FAILED")} {check.Name}")));
        checks.Select(check => check.Name).ShouldBe(expectedChecks);
    }

    /// <summary>A second gateway before the same servers, with an authority of its own that never signed anything of theirs.</summary>
    internal async Task<GatewayProcess> StartDistrustingGatewayAsync(string serverName)
    {
        Needs.Tools("node", "npm", serverName); // without node and npm no server was started
        if (Needs.Direct)
        {
            Assert.Skip("there is no gateway in direct mode");
        }

        var directory = _directory.Sub($"distrusting-{Guid.NewGuid():N}");
        using var strangers = new CertificateFiles(directory);
        return await GatewayProcess.StartAsync(directory, strangers.AuthorityPath, [_servers[serverName]], "/health/live");
    }

    private IEnumerable<ServerProcess> Processes() =>
        _servers.Values.Select(server => server.Process).Prepend(_gateway?.Process).OfType<ServerProcess>();

    private string Url(string transport, XmppServer server) => string.Create(
        CultureInfo.InvariantCulture,
        $"{(transport == "bosh" ? "http" : "ws")}://127.0.0.1:{_gateway?.PublicPort ?? server.HttpPort}/{(transport == "bosh" ? "http-bind" : "xmpp-websocket")}");

    private static void WriteLogs(IEnumerable<(ServerProcess Process, long Mark)> marks)
    {
        foreach (var (process, mark) in marks)
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"--- {Path.GetFileName(process.LogPath)} during this test\n{process.Log(mark)}");
        }
    }
}

[CollectionDefinition(Name)]
public sealed class InteropGroup : ICollectionFixture<InteropFixture>
{
    public const string Name = "behind one gateway";
}
