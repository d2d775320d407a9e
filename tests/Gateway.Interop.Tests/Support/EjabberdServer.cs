using System.Globalization;

namespace Gateway.Interop.Tests.Support;

/// <summary>
/// ejabberd inside a bare Erlang machine: its own launcher insists on a system user and on epmd, and a node without a
/// name needs neither.
/// </summary>
internal sealed class EjabberdServer() : XmppServer("ejabberd")
{
    /// <summary>Client streams behind a PROXY header.</summary>
    public int ProxyPort { get; } = Loopback.FreePorts(1)[0];

    public override async Task StartAsync(string directory, CertificateFiles certificates)
    {
        var (_, _, certificate) = certificates.Issue(Domain);
        var configuration = Path.Combine(directory, "ejabberd.yml");
        var direct = Needs.Direct;
        await File.WriteAllTextAsync(configuration, string.Create(CultureInfo.InvariantCulture, $$"""
            hosts: ["{{Domain}}"]
            loglevel: info
            certfiles: ["{{certificate}}"]
            acme: { auto: false }
            auth_method: internal
            auth_password_format: scram
            # stanza takes SCRAM-SHA-1-PLUS whenever it is offered, although it cannot bind; nobody can through a gateway.
            disable_sasl_mechanisms: [SCRAM-SHA-1-PLUS]
            listen:
              - port: {{ClientPort}}
                ip: "127.0.0.1"
                module: ejabberd_c2s
                starttls_required: true
                max_stanza_size: 10485760
                shaper: none
                access: all
              - port: {{ProxyPort}}
                ip: "127.0.0.1"
                module: ejabberd_c2s
                starttls_required: true
                use_proxy_protocol: true
                shaper: none
                access: all
            {{(direct ? $$"""
              - port: {{HttpPort}}
                ip: "127.0.0.1"
                module: ejabberd_http
                request_handlers: { /http-bind: mod_bosh, /xmpp-websocket: ejabberd_http_ws }
            """ : "")}}
            modules:
              {{(direct ? "mod_bosh: {}" : "")}}
              mod_admin_extra: {}
              mod_disco: {}
              mod_ping: {}
              mod_roster: {}
              mod_stream_mgmt: { resume_timeout: 120 }

            """));

        var users = ErlangList(Users);
        const string Ready = "accounts ready";
        var accounts = $"""
            Users = {users}, Host = <<"{Domain}">>,
            [ok = ejabberd_auth:try_register(U, Host, <<"{Password}">>) || U <- {ErlangList(Accounts)}],
            [mod_admin_extra:add_rosteritem(U, Host, O, Host, O, <<>>, <<"both">>) || U <- Users, O <- Users, U =/= O],
            io:format("{Ready}~n").
            """;
        Needs.HasEjabberd(out var libraries).ShouldBeTrue();
        Process = ServerProcess.Start(
            Name,
            Needs.Find("erl")!,
            ["-noinput", "-noshell", "-mnesia", "dir", $"\"{directory}/spool\"", "-s", "ejabberd", "-eval", accounts],
            directory,
            new Dictionary<string, string?>
            {
                ["EJABBERD_CONFIG_PATH"] = configuration,
                ["EJABBERD_LOG_PATH"] = Path.Combine(directory, "ejabberd.log"),
                ["ERL_LIBS"] = libraries,
                ["ERL_CRASH_DUMP_BYTES"] = "0",
                ["HOME"] = directory,
            });
        await Process.WaitUntilAsync(
            async cancellation => Process.Log().Contains(Ready, StringComparison.Ordinal) && await Loopback.AcceptsAsync(ClientPort, cancellation),
            "accounts and client port",
            TimeSpan.FromSeconds(60));
    }

    private static string ErlangList(IEnumerable<string> names) => $"[{string.Join(", ", names.Select(name => $"<<\"{name}\">>"))}]";
}
