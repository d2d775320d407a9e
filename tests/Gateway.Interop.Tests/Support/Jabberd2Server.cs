using System.Globalization;

namespace Gateway.Interop.Tests.Support;

/// <summary>
/// jabberd2, a server without stream management, SCRAM or anything else of the last ten years: DIGEST-MD5, and PLAIN within
/// TLS. Its router, session manager and client listener are processes of their own; the log is that of the last.
/// </summary>
internal sealed class Jabberd2Server() : XmppServer("jabberd2")
{
    private static readonly string[] LibraryRoots = ["/usr/lib/x86_64-linux-gnu/jabberd2", "/usr/lib/aarch64-linux-gnu/jabberd2", "/usr/lib/jabberd2"];

    private readonly int _routerPort = Loopback.FreePorts(1)[0];
    private readonly List<ServerProcess> _inner = [];

    public override async Task StartAsync(string directory, CertificateFiles certificates)
    {
        var (_, _, certificate) = certificates.Issue(Domain);
        var libraries = LibraryRoots.First(Directory.Exists);
        var store = Directory.CreateDirectory(Path.Combine(directory, "store")).FullName;
        var accounts = Path.Combine(directory, "accounts.db");
        await WriteAccountsAsync(accounts, directory);
        await File.WriteAllTextAsync(
            Path.Combine(directory, "users.xml"), "<users><user><name>jabberd</name><secret>router</secret></user></users>");
        await File.WriteAllTextAsync(Path.Combine(directory, "filter.xml"), "<filter/>");
        const string Limits = "<io><max_fds>512</max_fds><limits><bytes>0</bytes><stanzas>0</stanzas><connects>0</connects>"
            + "<stanzasize>10485760</stanzasize></limits><access><order>allow,deny</order></access></io>";
        var router = string.Create(CultureInfo.InvariantCulture, $"""
            <router><ip>127.0.0.1</ip><port>{_routerPort}</port><user>jabberd</user><pass>router</pass>
              <retry><init>10</init><lost>0</lost><sleep>1</sleep></retry></router><log type='stdout'/>
            """);

        await StartPartAsync("router", directory, _routerPort, string.Create(CultureInfo.InvariantCulture, $"""
            <router><id>router</id><log type='stdout'/>
              <local><ip>127.0.0.1</ip><port>{_routerPort}</port><users>{directory}/users.xml</users><secret>router</secret></local>
              {Limits}<aci><acl type='all'><user>jabberd</user></acl><filter>{directory}/filter.xml</filter></aci></router>
            """));
        await StartPartAsync("sm", directory, null, $"""
            <sm><id>sm</id>{router}<local><id>{Domain}</id></local>
              <storage><path>{libraries}</path><driver>db</driver><db><path>{store}</path></db></storage><aci/>
              <modules><path>{libraries}</path>
                <chain id='in-sess'>{Modules("validate", "roster", "iq-ping", "disco", "presence", "deliver")}</chain>
                <chain id='in-router'>{Modules("session", "validate", "presence")}</chain>
                <chain id='pkt-sm'>{Modules("iq-ping", "disco", "presence")}</chain>
                <chain id='pkt-user'>{Modules("roster", "presence", "disco", "deliver")}</chain>
                <chain id='pkt-router'>{Modules("session", "disco")}</chain>
                <chain id='user-load'>{Modules("active", "roster", "roster-publish")}</chain>
                <chain id='user-create'>{Modules("active")}</chain>
              </modules>
              <user><auto-create/></user></sm>
            """);
        Process = await StartPartAsync("c2s", directory, ClientPort, string.Create(CultureInfo.InvariantCulture, $"""
            <c2s><id>c2s</id>{router}
              <local><id pemfile='{certificate}' require-starttls='true'>{Domain}</id><ip>127.0.0.1</ip><port>{ClientPort}</port></local>
              {Limits}
              <authreg><path>{libraries}</path><module>sqlite</module>
                <mechanisms><sasl><digest-md5/></sasl></mechanisms><ssl-mechanisms><sasl><plain/></sasl></ssl-mechanisms>
                <sqlite><dbname>{accounts}</dbname><password_type><plaintext/></password_type></sqlite></authreg></c2s>
            """));
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        foreach (var process in Enumerable.Reverse(_inner))
        {
            await process.DisposeAsync();
        }
    }

    private static string Modules(params ReadOnlySpan<string> names) => string.Concat([.. names.ToArray().Select(name => $"<module>{name}</module>")]);

    /// <summary>The one table that its authentication reads.</summary>
    private async Task WriteAccountsAsync(string path, string directory)
    {
        const string Script = """
            import sqlite3, sys
            path, realm, password, *users = sys.argv[1:]
            database = sqlite3.connect(path)
            database.execute("CREATE TABLE authreg (username TEXT NOT NULL, realm TEXT NOT NULL, password TEXT)")
            database.executemany("INSERT INTO authreg VALUES (?, ?, ?)", [(user, realm, password) for user in users])
            database.commit()
            """;
        await using var python = ServerProcess.Start(
            "accounts", Needs.DebianPython, ["-c", Script, path, Domain, Password, .. Accounts], directory);
        await python.WaitUntilAsync(_ => Task.FromResult(python.HasExited), "accounts", TimeSpan.FromSeconds(20));
        python.ExitCode.ShouldBe(0, python.Log());
    }

    private async Task<ServerProcess> StartPartAsync(string part, string directory, int? port, string configuration)
    {
        var file = Path.Combine(directory, $"{part}.xml");
        await File.WriteAllTextAsync(file, configuration);
        var process = ServerProcess.Start(part, Needs.Find($"jabberd2-{part}")!, ["-c", file], directory);
        _inner.Add(process);
        await process.WaitUntilAsync(
            async cancellation => port is { } listening
                ? await Loopback.AcceptsAsync(listening, cancellation)
                : process.Log().Contains("ready for sessions", StringComparison.Ordinal),
            "ready",
            TimeSpan.FromSeconds(30));
        return process;
    }
}
