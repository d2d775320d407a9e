using System.Globalization;
using System.Net;
using System.Text.Json;

namespace Gateway.Interop.Tests.Support;

/// <summary>The gateway as an operator starts it: the program, a configuration file, free ports.</summary>
internal sealed class GatewayProcess : IAsyncDisposable
{
    private GatewayProcess(ServerProcess process, int publicPort, int managementPort)
    {
        Process = process;
        PublicPort = publicPort;
        ManagementPort = managementPort;
    }

    public ServerProcess Process { get; }

    public int PublicPort { get; }

    public int ManagementPort { get; }

    public static async Task<GatewayProcess> StartAsync(
        string directory, string authorityPath, IEnumerable<XmppServer> servers, string startedPath = "/health/ready",
        params IEnumerable<string> arguments)
    {
        var behind = servers.ToArray();
        return await StartAsync(
            directory,
            behind.ToDictionary(server => server.Domain, server => server.Name),
            behind.ToDictionary(server => server.Name, server => (object)new
            {
                Servers = new[] { new { Address = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{server.ClientPort}") } },
                Security = "StartTls",
                Tls = new { TrustedRoots = authorityPath },
            }),
            startedPath,
            arguments);
    }

    /// <summary>With these backends by name, and the domains that lead to them.</summary>
    public static async Task<GatewayProcess> StartAsync(
        string directory, IReadOnlyDictionary<string, string> domains, IReadOnlyDictionary<string, object> backends, string startedPath = "/health/ready",
        params IEnumerable<string> arguments)
    {
        Directory.CreateDirectory(directory);
        var (publicPort, managementPort) = Loopback.FreePorts(2) is [var first, var second] ? (first, second) : default;
        var configuration = Path.Combine(directory, "gateway.json");
        await File.WriteAllTextAsync(configuration, JsonSerializer.Serialize(new
        {
            Logging = new { LogLevel = new Dictionary<string, string> { ["Default"] = "Information", ["Gateway"] = "Debug" } },
            Kestrel = new { Endpoints = new { Http = new { Url = Url(publicPort) } } },
            Gateway = new
            {
                Domains = domains.ToDictionary(domain => domain.Key, domain => new { Backend = domain.Value }),
                Backends = backends,
                Management = new { Url = Url(managementPort) },
                Drain = new { Delay = "00:00:00", Period = "00:00:02" },
            },
        }));

        return await StartAsync(directory, "Production", publicPort, managementPort, ["run", "--config", configuration, .. arguments], startedPath);
    }

    /// <summary>Demo mode, with nothing configured but the ports.</summary>
    public static async Task<GatewayProcess> StartDemoAsync(string directory)
    {
        Directory.CreateDirectory(directory);
        var ports = Loopback.FreePorts(3);
        return await StartAsync(directory, "Development", ports[0], ports[1],
            [
                $"--Kestrel:Endpoints:Http:Url={Url(ports[0], "localhost")}",
                $"--Kestrel:Endpoints:Https:Url={Url(ports[2], "localhost", "https")}",
                $"--Gateway:Management:Url={Url(ports[1])}",
            ],
            "/health/ready");
    }

    /// <summary>Where a client of that transport, `bosh` or `websocket`, connects.</summary>
    public Uri Endpoint(string transport) => new(
        transport == "bosh" ? $"{Url(PublicPort)}/http-bind" : $"{Url(PublicPort, scheme: "ws")}/xmpp-websocket");

    /// <summary>SIGTERM; whether it was enough, and the exit code that of a gateway that has drained.</summary>
    public async Task<bool> StopAsync()
    {
        await using (Process)
        {
            return await Process.TerminateAsync(TimeSpan.FromSeconds(30)) && Process.ExitCode == 0;
        }
    }

    public async ValueTask DisposeAsync() => await Process.DisposeAsync();

    private static async Task<GatewayProcess> StartAsync(
        string directory, string environment, int publicPort, int managementPort, IEnumerable<string> arguments, string startedPath)
    {
        var process = ServerProcess.Start(
            "gateway",
            Needs.Find("dotnet") ?? Environment.ProcessPath!,
            [Needs.GatewayAssembly, .. arguments],
            directory,
            new Dictionary<string, string?>
            {
                ["DOTNET_ENVIRONMENT"] = environment,
                ["ASPNETCORE_ENVIRONMENT"] = environment,
                ["ASPNETCORE_URLS"] = null,
                ["DOTNET_URLS"] = null,
            });
        try
        {
            using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
            await process.WaitUntilAsync(
                async cancellation =>
                {
                    try
                    {
                        using var answer = await client.GetAsync(new Uri($"{Url(managementPort)}{startedPath}"), cancellation);
                        return answer.StatusCode == HttpStatusCode.OK;
                    }
                    catch (HttpRequestException)
                    {
                        return false;
                    }
                },
                $"200 from {startedPath}",
                TimeSpan.FromSeconds(60));
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }

        return new GatewayProcess(process, publicPort, managementPort);
    }

    private static string Url(int port, string host = "127.0.0.1", string scheme = "http") =>
        string.Create(CultureInfo.InvariantCulture, $"{scheme}://{host}:{port}");
}
