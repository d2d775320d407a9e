using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Gateway.Commands;
using Gateway.Configuration;
using Gateway.Hosting;
using Gateway.TestKit;

namespace Gateway.Tests;

/// <summary>A gateway in this process, on free loopback ports.</summary>
internal sealed class RunningGateway : IAsyncDisposable
{
    private RunningGateway(GatewayHost host) => Host = host;

    public GatewayHost Host { get; }

    public Uri Public => new(Host.Listeners.Public.First(u => u.StartsWith("http://", StringComparison.Ordinal)).Replace("[::]", "127.0.0.1", StringComparison.Ordinal));

    public Uri Secure => new(Host.Listeners.Public.First(u => u.StartsWith("https://", StringComparison.Ordinal)).Replace("[::]", "127.0.0.1", StringComparison.Ordinal));

    public Uri Management => new(Host.Listeners.Management);

    public HttpClient Client { get; } = new() { Timeout = TestTimeout.Default };

    /// <summary>Starts one; a domain is there unless the demo is on.</summary>
    public static Task<RunningGateway> StartAsync(params string[] overrides) => StartAsync(static _ => { }, overrides);

    /// <summary>Starts one, with services of the test's own.</summary>
    public static Task<RunningGateway> StartAsync(Action<IServiceCollection> addServices, params string[] overrides) => StartAsync([], addServices, overrides);

    /// <summary>Starts one that reads files, too.</summary>
    public static async Task<RunningGateway> StartAsync(string[] files, Action<IServiceCollection> addServices, params string[] overrides)
    {
        string[] all =
        [
            "--Kestrel:Endpoints:Http:Url=http://127.0.0.1:0",
            "--Gateway:Management:Url=http://127.0.0.1:0",
            "--Gateway:Domains:example.org:Backend=b",
            "--Gateway:Backends:b:Servers:0:Address=127.0.0.1:1",
            "--Gateway:Backends:b:HealthCheck:Enabled=false", // a script answers whoever connects first
            "--Gateway:Drain:Delay=00:00:00",
            "--Logging:LogLevel:Default=Warning",
            .. overrides,
        ];
        var builder = Program.CreateBuilder(new Invocation(files, all), "Production");
        addServices(builder.Services);
        var host = await Program.BuildAsync(builder, GatewayOptions.Bind(builder.Configuration));
        await host.App.StartAsync().WithinAsync();
        return new RunningGateway(host);
    }

    /// <summary>The settings of an https endpoint beside the plain one.</summary>
    public static string[] Https(TestCertificates certificates, params string[] more)
    {
        var (certificate, key) = certificates.Write(certificates.Server("example.org"));
        return ["--Kestrel:Endpoints:Https:Url=https://127.0.0.1:0", $"--Kestrel:Certificates:Default:Path={certificate}", $"--Kestrel:Certificates:Default:KeyPath={key}", .. more];
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Host.App.StopAsync().WithinAsync();
        await Host.DisposeAsync();
    }
}

/// <summary>The program as an operator runs it.</summary>
internal static class GatewayProgram
{
    private static readonly string Assembly = Path.Combine(AppContext.BaseDirectory, "Gateway.dll");

    public static Process Start(string environment, IEnumerable<string> arguments, params (string Name, string Value)[] variables)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        start.ArgumentList.Add(Assembly);
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["DOTNET_ENVIRONMENT"] = environment;
        start.Environment["ASPNETCORE_ENVIRONMENT"] = environment;
        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(string environment, IEnumerable<string> arguments, params (string Name, string Value)[] variables)
    {
        using var process = Start(environment, arguments, variables);
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync().WithinAsync(TimeSpan.FromSeconds(60));
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }

        return (process.ExitCode, await output, await error);
    }

    public static void Signal(Process process, string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }
}

/// <summary>A directory of a test's own.</summary>
internal sealed class TestDirectory : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("gateway-test-");

    public string Write(string name, string text)
    {
        var file = Path.Combine(_directory.FullName, name);
        File.WriteAllText(file, text);
        return file;
    }

    public void Dispose() => _directory.Delete(recursive: true);
}

/// <summary>A port that somebody else has.</summary>
internal sealed class TakenPort : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public TakenPort() => _listener.Start();

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Dispose() => _listener.Dispose();
}

/// <summary>A port where connections are taken and nothing is ever said.</summary>
internal sealed class SilentServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public SilentServer() => _listener.Start();

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Dispose() => _listener.Dispose();
}
