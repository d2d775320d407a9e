using System.Globalization;

namespace Gateway.Interop.Tests.Support;

public sealed partial class InteropFixture
{
    /// <summary>
    /// A driver's process, logged in. Its own account unless `user` names another, through the common gateway unless `through`
    /// says where else; a native one goes straight to the server. `more` overrides the environment.
    /// </summary>
    internal Task<Driver> LogInAsync(
        DriverLogin login, string serverName, string? user = null, Uri? through = null, IReadOnlyDictionary<string, string?>? more = null)
    {
        var server = Server(serverName);
        var native = login.Transport == "tcp";
        var url = native ? null : through ?? new Uri(Url(login.Transport, server));
        var name = string.Create(CultureInfo.InvariantCulture, $"{login.Account}-{Interlocked.Increment(ref _runs)}");
        var environment = new Dictionary<string, string?>
        {
            ["XMPP_TRANSPORT"] = login.Transport,
            ["XMPP_URL"] = url?.ToString(),
            ["XMPP_HOST"] = url?.Host ?? "127.0.0.1",
            ["XMPP_PORT"] = (url?.Port ?? server.ClientPort).ToString(CultureInfo.InvariantCulture),
            ["XMPP_DOMAIN"] = server.Domain,
            ["XMPP_USER"] = user ?? login.Account,
            ["XMPP_PASSWORD"] = XmppServer.Password,
            ["XMPP_RESOURCE"] = name,
            ["XMPP_CA"] = _certificates!.AuthorityPath,
            ["NODE_EXTRA_CA_CERTS"] = _certificates.AuthorityPath,
            ["NODE_OPTIONS"] = null,
        };
        foreach (var (key, value) in more ?? new Dictionary<string, string?>())
        {
            environment[key] = value;
        }

        return Driver.LogInAsync(name, login, environment, _directory.Sub("drivers"));
    }

    /// <summary>All at the same time; `through` says where the public port is, if not that of the common gateway.</summary>
    internal async Task<Driver[]> LogInAllAsync(
        IEnumerable<DriverLogin> logins, string serverName, string? user = null, Func<string, Uri>? through = null)
    {
        var tasks = logins.Select(login => LogInAsync(login, serverName, user, through?.Invoke(login.Transport))).ToArray();
        try
        {
            return await Task.WhenAll(tasks);
        }
        catch
        {
            foreach (var task in tasks.Where(task => task.IsCompletedSuccessfully))
            {
                await (await task).DisposeAsync();
            }

            throw;
        }
    }

    /// <summary>A further gateway before the same servers, with these arguments.</summary>
    internal async Task<GatewayProcess> StartGatewayAsync(string[] serverNames, params IEnumerable<string> arguments)
    {
        var servers = serverNames.Select(Server).ToArray();
        if (Needs.Direct)
        {
            Assert.Skip("there is no gateway in direct mode");
        }

        return await GatewayProcess.StartAsync(
            _directory.Sub($"gateway-{Guid.NewGuid():N}"), _certificates!.AuthorityPath, servers, arguments: arguments);
    }

    /// <summary>A further gateway with these backends by name, and the domains that lead to them.</summary>
    internal Task<GatewayProcess> StartGatewayAsync(IReadOnlyDictionary<string, string> domains, IReadOnlyDictionary<string, object> backends, params IEnumerable<string> arguments)
    {
        if (Needs.Direct)
        {
            Assert.Skip("there is no gateway in direct mode");
        }

        return GatewayProcess.StartAsync(_directory.Sub($"gateway-{Guid.NewGuid():N}"), domains, backends, arguments: arguments);
    }

    /// <summary>A further Prosody with the same accounts; the caller ends it.</summary>
    internal async Task<ProsodyServer> StartProsodyAsync()
    {
        Needs.Tools("prosody");
        var server = new ProsodyServer();
        await server.StartAsync(_directory.Sub($"prosody-{Guid.NewGuid():N}"), _certificates!);
        return server;
    }

    /// <summary>What the servers' certificates lead to.</summary>
    internal string AuthorityPath => _certificates!.AuthorityPath;

    /// <summary>Where a client of that transport finds the gateway (in direct mode: the server).</summary>
    internal Uri Endpoint(string transport, string serverName) => new(Url(transport, Server(serverName)));

    /// <summary>A folder of this run for a test's own files.</summary>
    internal string Scratch(string name) => _directory.Sub(name);

    /// <summary>The server of that name; a test that needs it says so when it is not installed.</summary>
    internal XmppServer Server(string name)
    {
        Needs.Tools("node", "npm", name);
        if (Needs.Direct && name == "jabberd2")
        {
            Assert.Skip("jabberd2 has neither BOSH nor WebSocket of its own");
        }

        return _servers[name];
    }

    /// <summary>The test's body; when it fails, the logs of the gateway and of the servers during it are in its output.</summary>
    internal async Task LoggedAsync(Func<Task> body)
    {
        var marks = Processes().Select(process => (process, process.LogLength())).ToArray();
        try
        {
            await body();
        }
        catch
        {
            WriteLogs(marks);
            throw;
        }
    }
}
