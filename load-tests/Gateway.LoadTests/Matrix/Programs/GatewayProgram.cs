using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Gateway.LoadTests.Matrix.Programs;

/// <summary>The gateway as its users run it: published, in production, plain and TLS listeners, the sink as its backend.</summary>
internal sealed class GatewayProgram(string folder, string directory, IReadOnlyList<string> overrides)
{
    private static readonly TimeSpan ReadyWithin = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PublishWithin = TimeSpan.FromMinutes(10);
    private int _started;

    /// <summary>Publishes it from this repository.</summary>
    public static async Task<string> PublishAsync(string directory, CancellationToken ct)
    {
        var folder = Path.Combine(directory, "published");
        await ChildProcess.RunAsync(
            "dotnet",
            ["publish", Path.Combine(Repository.Root(), "src", "Gateway"), "-c", "Release", "-o", folder, "-v", "q", "-tl:off", "-p:SkipWebClient=true"],
            directory,
            PublishWithin,
            ct);
        return folder;
    }

    /// <summary>Starts it in front of a server on loopback.</summary>
    public async Task<MeasuredProgram> StartAsync(int backendPort, CancellationToken ct)
    {
        var ports = FreePorts.Take(3);
        var (certificate, key) = await WriteCertificateAsync();
        var configuration = Path.Combine(directory, string.Create(CultureInfo.InvariantCulture, $"gateway-{++_started}.json"));
        await File.WriteAllTextAsync(configuration, string.Create(CultureInfo.InvariantCulture, $$"""
            {
              "Logging": { "LogLevel": { "Default": "Warning" } },
              "Kestrel": {
                "Endpoints": {
                  "Http": { "Url": "http://127.0.0.1:{{ports[0]}}" },
                  "Https": { "Url": "https://127.0.0.1:{{ports[1]}}", "Certificate": { "Path": "{{certificate}}", "KeyPath": "{{key}}" } }
                }
              },
              "Gateway": {
                "Domains": { "localhost": { "Backend": "sink" } },
                "Backends": { "sink": { "Servers": [ { "Address": "127.0.0.1:{{backendPort}}" } ], "Security": "None" } },
                "Bosh": { "Polling": "00:00:00" },
                "Limits": { "AuthFailuresPerHourPerAddress": 0, "UnknownSidsPerMinutePerAddress": 0, "RequestsPerSecond": 0, "MaxSessions": 0 },
                "Management": { "Url": "http://127.0.0.1:{{ports[2]}}" }
              }
            }
            """), ct);
        var executable = Path.Combine(folder, "gateway");
        string[] command = File.Exists(executable) ? [executable] : ["dotnet", Path.Combine(folder, "Gateway.dll")];
        var process = ChildProcess.Start(
            Path.GetFileNameWithoutExtension(configuration),
            command[0],
            [.. command[1..], "run", "--config", configuration, .. overrides.Select(pair => pair.StartsWith("--", StringComparison.Ordinal) ? pair : $"--{pair}")],
            directory,
            new Dictionary<string, string>(StringComparer.Ordinal) { ["DOTNET_ENVIRONMENT"] = "Production", ["ASPNETCORE_ENVIRONMENT"] = "Production" });
        var program = new MeasuredProgram("gateway", process)
        {
            WebSocket = new Uri(string.Create(CultureInfo.InvariantCulture, $"ws://127.0.0.1:{ports[0]}/xmpp-websocket")),
            SecureWebSocket = new Uri(string.Create(CultureInfo.InvariantCulture, $"wss://127.0.0.1:{ports[1]}/xmpp-websocket")),
            Bosh = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{ports[0]}/http-bind")),
            SecureBosh = new Uri(string.Create(CultureInfo.InvariantCulture, $"https://127.0.0.1:{ports[1]}/http-bind")),
        };
        try
        {
            await process.WaitForPortsAsync(ports, ReadyWithin, ct);
            return program;
        }
        catch
        {
            await program.DisposeAsync();
            throw;
        }
    }

    /// <summary>P-256, as the floor has: RSA would make a login cost another thing.</summary>
    private async Task<(string Certificate, string Key)> WriteCertificateAsync()
    {
        var certificate = Path.Combine(directory, "gateway-cert.pem");
        var key = Path.Combine(directory, "gateway-key.pem");
        if (!File.Exists(key))
        {
            using var pair = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var now = DateTimeOffset.UtcNow;
            using var made = new CertificateRequest("CN=localhost", pair, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddHours(-1), now.AddDays(7));
            await File.WriteAllTextAsync(certificate, made.ExportCertificatePem());
            await File.WriteAllTextAsync(key, pair.ExportPkcs8PrivateKeyPem());
        }

        return (certificate, key);
    }
}
