using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using Gateway.Interop.Tests.Support;

namespace Gateway.Interop.Tests.Backends;

/// <summary>Two Prosodys are the servers of one backend.</summary>
[Collection(InteropGroup.Name)]
public sealed class TwoServersTests(InteropFixture fixture)
{
    private const int AtOnce = 4;

    private static readonly string[] Users = ["alice", "bob", "carol"];

    [Fact]
    [Trait("Requirement", "XS-005")]
    public Task OneIsKilledAndStartedAgain_NoLoginFailsAndItGetsItsShareAgain() => fixture.LoggedAsync(async () =>
    {
        await using var one = await fixture.StartProsodyAsync();
        await using var two = await fixture.StartProsodyAsync();
        await using var gateway = await fixture.StartGatewayAsync(
            new Dictionary<string, string> { [one.Domain] = "both" },
            new Dictionary<string, object>
            {
                ["both"] = new
                {
                    Servers = new[] { new { Address = Address(one) }, new { Address = Address(two) } },
                    Tls = new { TrustedRoots = fixture.AuthorityPath },
                    LoadBalancing = "RoundRobin",
                    SlowStart = "00:00:00",
                    HealthCheck = new { Enabled = true, Interval = "00:00:01", Timeout = "00:00:01" },
                    CircuitBreaker = new { MinimumThroughput = 3, BreakDuration = "00:00:04" },
                },
            });
        using var management = new HttpClient { BaseAddress = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{gateway.ManagementPort}")) };

        await LogInAsync(gateway, one.Domain, 12);
        (await SessionsServedAsync(one) > 0, await SessionsServedAsync(two) > 0).ShouldBe((true, true));

        // :: One is killed under logins: none of them fails.
        using var stop = new CancellationTokenSource();
        var logins = Enumerable.Range(0, AtOnce).Select(i => KeepLoggingInAsync(gateway, one.Domain, Users[i % Users.Length], stop.Token)).ToArray();
        await one.Process!.DisposeAsync();
        await UntilAsync(management, Address(one), "down");
        (await StateAsync(management, Address(two))).ShouldBe("up");
        (await management.GetAsync(new Uri("/health/ready", UriKind.Relative), stop.Token)).IsSuccessStatusCode.ShouldBeTrue();

        // :: Nobody knocks while its breaker is open.
        using (var listener = new TcpListener(System.Net.IPAddress.Loopback, one.ClientPort))
        {
            await UntilAsync(management, Address(one), "open", "breaker");
            listener.Start();
            var hasKnocked = false;
            while (await StateAsync(management, Address(one), "breaker") == "open")
            {
                hasKnocked.ShouldBeFalse();
                hasKnocked = listener.Pending(); // and gets no answer, so that the state cannot be the next one's already
            }
        }

        // :: It comes back, and is used again.
        await one.RunAsync();
        await UntilAsync(management, Address(one), "up");
        await stop.CancelAsync();
        var done = await Task.WhenAll(logins);
        done.ShouldAllBe(count => count > 0);
        var before = await SessionsServedAsync(one);
        await LogInAsync(gateway, one.Domain, 12);
        (await SessionsServedAsync(one) - before).ShouldBeInRange(5, 7);
        gateway.Process.Log(maxCharacters: int.MaxValue).Split('\n').Count(line => line.Contains($"{Address(one)} of backend both is down", StringComparison.Ordinal)).ShouldBe(1);
    });

    [Fact]
    public Task TheOnlyOneIsKilled_ClientsAreToldAtOnceAndReadinessSaysSo() => fixture.LoggedAsync(async () =>
    {
        await using var one = await fixture.StartProsodyAsync();
        await using var gateway = await fixture.StartGatewayAsync(
            new Dictionary<string, string> { [one.Domain] = "both" },
            new Dictionary<string, object>
            {
                ["both"] = new
                {
                    Servers = new[] { new { Address = Address(one) } },
                    Tls = new { TrustedRoots = fixture.AuthorityPath },
                    HealthCheck = new { Enabled = true, Interval = "00:00:01", Timeout = "00:00:01" },
                },
            });
        using var management = new HttpClient { BaseAddress = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{gateway.ManagementPort}")) };
        await LogInAsync(gateway, one.Domain, 1);

        await one.Process!.DisposeAsync();
        await UntilAsync(management, Address(one), "down");

        using var ready = await management.GetAsync(new Uri("/health/ready", UriKind.Relative), TestContext.Current.CancellationToken);
        ((int)ready.StatusCode, await ready.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))
            .ShouldBe((503, """{"status":"not-ready","checks":{"started":"ok","drain":"ok","backends":"down"}}"""));
        var refusal = await Should.ThrowAsync<InvalidOperationException>(() => PlainLogin.LogInAsync(gateway, "alice", one.Domain));
        refusal.Message.ShouldContain("<remote-connection-failed");
        gateway.Process.Log().Split('\n').Where(line => line.Contains("backend-unavailable", StringComparison.Ordinal))
            .ShouldAllBe(line => line.Contains(" dbug: ", StringComparison.Ordinal), "one line for the server, none for each login");
    });

    private static string Address(XmppServer server) => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{server.ClientPort}");

    private static async Task LogInAsync(GatewayProcess gateway, string domain, int times)
    {
        for (var i = 0; i < times; i++)
        {
            await (await PlainLogin.LogInAsync(gateway, Users[i % Users.Length], domain)).DisposeAsync();
        }
    }

    private static async Task<int> KeepLoggingInAsync(GatewayProcess gateway, string domain, string user, CancellationToken stop)
    {
        var count = 0;
        for (; !stop.IsCancellationRequested; count++)
        {
            await (await PlainLogin.LogInAsync(gateway, user, domain)).DisposeAsync();
        }

        return count;
    }

    /// <summary>Prosody tells of each login.</summary>
    private static async Task<int> SessionsServedAsync(ProsodyServer server)
    {
        await Task.Yield();
        return server.Process!.Log().Split('\n').Count(line => line.Contains("Authenticated as", StringComparison.Ordinal));
    }

    private static async Task UntilAsync(HttpClient management, string server, string state, string what = "state")
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (await StateAsync(management, server, what) != state)
        {
            await Task.Delay(50, limit.Token);
        }
    }

    private static async Task<string?> StateAsync(HttpClient management, string server, string what = "state")
    {
        using var answer = JsonDocument.Parse(await management.GetStringAsync(new Uri("/api/backends", UriKind.Relative)));
        return answer.RootElement.GetProperty("backends")[0].GetProperty("servers").EnumerateArray()
            .Single(s => s.GetProperty("server").GetString() == server).GetProperty(what).GetString();
    }
}
