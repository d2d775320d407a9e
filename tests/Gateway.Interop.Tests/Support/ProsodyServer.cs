using System.Globalization;
using System.Text;

namespace Gateway.Interop.Tests.Support;

internal sealed class ProsodyServer() : XmppServer("prosody")
{
    private string _directory = "";

    public override async Task StartAsync(string directory, CertificateFiles certificates)
    {
        var data = Directory.CreateDirectory(Path.Combine(directory, "data")).FullName;
        Directory.CreateDirectory(Path.Combine(directory, "certs"));
        var (certificate, key, _) = certificates.Issue(Domain);
        var configuration = Path.Combine(directory, "prosody.cfg.lua");
        var direct = Needs.Direct;
        await File.WriteAllTextAsync(configuration, string.Create(CultureInfo.InvariantCulture, $$"""
            run_as_root = true
            pidfile = "{{directory}}/prosody.pid"
            data_path = "{{data}}"
            log = { info = "*console" }
            plugin_paths = {}
            modules_enabled = { "roster", "saslauth", "tls", "disco", "ping", "smacks"{{(direct ? ", \"bosh\", \"websocket\"" : "")}} }
            modules_disabled = { "s2s", "offline" }
            authentication = "internal_hashed"
            storage = "internal"
            c2s_require_encryption = true
            allow_unencrypted_plain_auth = false
            c2s_interfaces = { "127.0.0.1" }
            c2s_ports = { {{ClientPort}} }
            c2s_direct_tls_ports = {}
            limits = {}
            http_interfaces = { "127.0.0.1" }
            http_ports = { {{(direct ? HttpPort : "")}} }
            https_ports = {}
            http_default_host = "{{Domain}}"
            consider_bosh_secure = true
            consider_websocket_secure = true
            cross_domain_bosh = true
            cross_domain_websocket = true
            smacks_hibernation_time = 120
            VirtualHost "{{Domain}}"
              ssl = { certificate = "{{certificate}}", key = "{{key}}" }

            """));

        var store = Path.Combine(data, Escaped(Domain));
        WriteAccounts(Path.Combine(store, "accounts"));
        WriteRosters(Path.Combine(store, "roster"));

        _directory = directory;
        await RunAsync();
    }

    /// <summary>Starts the process, for the first time or again.</summary>
    public async Task RunAsync()
    {
        Process = ServerProcess.Start(Name, Needs.Find("prosody")!, ["--config", Path.Combine(_directory, "prosody.cfg.lua"), "-F"], _directory);
        await Process.WaitUntilAsync(cancellation => Loopback.AcceptsAsync(ClientPort, cancellation), "client port", TimeSpan.FromSeconds(30));
    }

    /// <summary>As prosodyctl does it, but all at once; Prosody hashes a plain password at the first login.</summary>
    private static void WriteAccounts(string directory)
    {
        Directory.CreateDirectory(directory);
        foreach (var account in Accounts)
        {
            File.WriteAllText(Path.Combine(directory, $"{Escaped(account)}.dat"), $$"""return { ["password"] = "{{Password}}"; };""");
        }
    }

    /// <summary>Names of files and folders in Prosody's store.</summary>
    private static string Escaped(string name) =>
        name.Replace(".", "%2e", StringComparison.Ordinal).Replace("-", "%2d", StringComparison.Ordinal);

    private void WriteRosters(string directory)
    {
        Directory.CreateDirectory(directory);
        foreach (var user in Users)
        {
            var roster = new StringBuilder("return {\n");
            foreach (var contact in Users.Where(other => other != user))
            {
                roster.Append(CultureInfo.InvariantCulture,
                    $$"""  ["{{contact}}@{{Domain}}"] = { ["subscription"] = "both"; ["groups"] = {}; ["name"] = "{{contact}}"; };""").Append('\n');
            }

            File.WriteAllText(Path.Combine(directory, $"{user}.dat"), roster.Append("  [false] = { [\"version\"] = 1; };\n};\n").ToString());
        }
    }
}
