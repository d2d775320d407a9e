using System.Globalization;

namespace Gateway.LoadTests.Matrix.Programs;

/// <summary>Servers with a BOSH and a WebSocket of their own, as Debian packages them. None of their limits is on.</summary>
internal static class PeerPrograms
{
    private static readonly TimeSpan ReadyWithin = TimeSpan.FromSeconds(60);

    /// <summary>Prosody; null if it is not installed.</summary>
    public static async Task<MeasuredProgram?> ProsodyAsync(string directory, CancellationToken ct)
    {
        if (Find("prosody") is not { } program)
        {
            return null;
        }

        // A folder of its own each time: the one before may still run, and Prosody starts only once with one pid file.
        var home = Directory.CreateDirectory(Path.Combine(directory, $"prosody-{Guid.NewGuid():N}")).FullName;
        Directory.CreateDirectory(Path.Combine(home, "data"));
        Directory.CreateDirectory(Path.Combine(home, "certs"));
        var ports = FreePorts.Take(2);
        var configuration = Path.Combine(home, "prosody.cfg.lua");
        await File.WriteAllTextAsync(configuration, string.Create(CultureInfo.InvariantCulture, $$"""
            run_as_root = true
            pidfile = "{{home}}/prosody.pid"
            data_path = "{{home}}/data"
            log = { warn = "*console" }
            network_backend = "epoll"
            modules_enabled = { "saslauth", "bosh", "websocket" }
            modules_disabled = { "s2s", "offline" }
            authentication = "anonymous"
            storage = "memory"
            c2s_require_encryption = false
            c2s_interfaces = { "127.0.0.1" }
            c2s_ports = { {{ports[0]}} }
            c2s_direct_tls_ports = {}
            limits = {}
            http_interfaces = { "127.0.0.1" }
            http_ports = { {{ports[1]}} }
            https_ports = {}
            http_default_host = "localhost"
            consider_bosh_secure = true
            consider_websocket_secure = true
            VirtualHost "localhost"

            """), ct);
        var process = ChildProcess.Start("prosody", program, ["--config", configuration, "-F"], home);
        return await ReadyAsync("Prosody", process, ports[0], ports[1], ct);
    }

    /// <summary>
    /// ejabberd; null if it is not installed. Inside a bare Erlang machine: its own launcher insists on a system user and on
    /// epmd, and a node without a name needs neither.
    /// </summary>
    public static async Task<MeasuredProgram?> EjabberdAsync(string directory, CancellationToken ct)
    {
        string[] roots = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib"];
        var libraries = roots.FirstOrDefault(root => Directory.Exists(root) && Directory.EnumerateDirectories(root, "ejabberd-*").Any());
        if (libraries is null || Find("erl") is not { } erlang)
        {
            return null;
        }

        var home = Directory.CreateDirectory(Path.Combine(directory, "ejabberd")).FullName;
        var ports = FreePorts.Take(2);
        var configuration = Path.Combine(home, "ejabberd.yml");
        await File.WriteAllTextAsync(configuration, string.Create(CultureInfo.InvariantCulture, $$"""
            hosts: [localhost]
            loglevel: warning
            acme: { auto: false }
            auth_method: anonymous
            anonymous_protocol: sasl_anon
            allow_multiple_connections: true
            listen:
              - port: {{ports[0]}}
                ip: "127.0.0.1"
                module: ejabberd_c2s
                shaper: none
                access: all
                backlog: 4096
              - port: {{ports[1]}}
                ip: "127.0.0.1"
                module: ejabberd_http
                backlog: 4096
                request_handlers: { /http-bind: mod_bosh, /xmpp-websocket: ejabberd_http_ws }
            modules:
              mod_bosh: {}

            """), ct);
        var process = ChildProcess.Start(
            "ejabberd",
            erlang,
            ["-noinput", "-noshell", "+Q", "65536", "+P", "1000000", "-mnesia", "dir", $"\"{home}/spool\"", "-s", "ejabberd"],
            home,
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["EJABBERD_CONFIG_PATH"] = configuration,
                ["EJABBERD_LOG_PATH"] = Path.Combine(home, "ejabberd.log"),
                ["ERL_LIBS"] = libraries,
                ["ERL_CRASH_DUMP_BYTES"] = "0",
                ["HOME"] = home,
            });
        return await ReadyAsync("ejabberd", process, ports[0], ports[1], ct);
    }

    private static async Task<MeasuredProgram> ReadyAsync(string name, ChildProcess process, int client, int http, CancellationToken ct)
    {
        var program = new MeasuredProgram(name, process)
        {
            Tcp = new Uri(string.Create(CultureInfo.InvariantCulture, $"tcp://127.0.0.1:{client}")),
            WebSocket = new Uri(string.Create(CultureInfo.InvariantCulture, $"ws://127.0.0.1:{http}/xmpp-websocket")),
            Bosh = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{http}/http-bind")),
        };
        try
        {
            await process.WaitForPortsAsync([client, http], ReadyWithin, ct);
            return program;
        }
        catch
        {
            await program.DisposeAsync();
            throw;
        }
    }

    private static string? Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
}
