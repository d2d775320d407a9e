using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.RegularExpressions;
using Gateway.TestKit;

namespace Gateway.Tests.Transports.Bosh;

/// <summary>
/// Requests behind one another on one connection (RFC 9112 §9.3.2). Every session may wait 50 s, which is longer than any test:
/// what is answered was released.
/// </summary>
public sealed partial class PipeliningTests : IDisposable
{
    private readonly TestCertificates _certificates = new();
    private readonly X509Certificate2 _certificate;

    public PipeliningTests() => _certificate = _certificates.Server("example.org");

    public void Dispose() => _certificates.Dispose();

    private async Task<(BoshServer Server, RawHttp Connection)> StartAsync(bool tls)
    {
        var server = await BoshServer.StartAsync(certificate: _certificate);
        return (server, await RawHttp.ConnectAsync(tls ? server.SecureUrl : server.Url));
    }

    private static string Message(int number) => $"<message xmlns='jabber:client'><body>n{number}.</body></message>";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task HeldRequest_AnotherBehindIt_IsAnsweredAtOnce(bool tls)
    {
        var (server, connection) = await StartAsync(tls);
        await using var running = server;
        using var closing = connection;
        var (sid, backend) = await server.LogInAsync();
        await connection.SendAsync(RawHttp.Post(BoshServer.Request(sid, 103)));
        await TestTimeout.UntilAsync(() => server.HeldRequests == 1);

        await connection.SendAsync(RawHttp.Post(BoshServer.Request(sid, 104, Message(1))));
        (await connection.ReadAsync()).Body.ShouldBe(BoshServer.Empty);
        await backend.ExpectAsync("n1.");

        backend.Receive("<message><body>back</body></message>");
        (await connection.ReadAsync()).Body.ShouldContain("back");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task TwoRequests_InOneWrite_TheFirstIsAnsweredAtOnce(bool tls)
    {
        var (server, connection) = await StartAsync(tls);
        await using var running = server;
        using var closing = connection;
        var (sid, backend) = await server.LogInAsync();

        await connection.SendAsync(RawHttp.Post(BoshServer.Request(sid, 103, Message(1))) + RawHttp.Post(BoshServer.Request(sid, 104, Message(2))));

        (await connection.ReadAsync()).Body.ShouldBe(BoshServer.Empty);
        await backend.ExpectAsync("n2.");
        backend.Receive("<message><body>back</body></message>");
        (await connection.ReadAsync()).Body.ShouldContain("back");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task HeldRequest_PartOfTheNextHead_IsAnsweredWhereverItEnds(bool tls)
    {
        var (server, connection) = await StartAsync(tls);
        await using var running = server;
        using var closing = connection;
        var (sid, backend) = await server.LogInAsync();
        await connection.SendAsync(RawHttp.Post(BoshServer.Request(sid, 103)));
        var split = 1;
        for (var rid = 104; ; rid++, split++)
        {
            await TestTimeout.UntilAsync(() => server.HeldRequests == 1);
            var next = Encoding.UTF8.GetBytes(RawHttp.Post(BoshServer.Request(sid, rid)));
            if (split == next.Length)
            {
                break;
            }

            await connection.SendAsync(next.AsMemory(0, split));
            (await connection.ReadAsync()).Body.ShouldBe(BoshServer.Empty);
            server.HeldRequests.ShouldBe(0);
            await connection.SendAsync(next.AsMemory(split));
        }

        split.ShouldBeGreaterThan(100);
        backend.Receive("<message><body>back</body></message>");
        (await connection.ReadAsync()).Body.ShouldContain("back");
    }

    [Theory]
    [InlineData(false, int.MaxValue)]
    [InlineData(false, 1000)]
    [InlineData(true, int.MaxValue)]
    [InlineData(true, 1000)]
    public async Task ThousandsOfRequests_AreAnsweredAndForwardedInOrder(bool tls, int chunk)
    {
        const int Count = 3000;
        var (server, connection) = await StartAsync(tls);
        await using var running = server;
        using var closing = connection;
        var (sid, backend) = await server.LogInAsync();
        var all = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, Count).Select(i => RawHttp.Post(BoshServer.Request(sid, 103 + i, Message(i))))));

        var sending = SendAsync(connection, all, chunk);
        for (var i = 0; i < Count - 1; i++)
        {
            (await connection.ReadAsync()).Body.ShouldBe(BoshServer.Empty);
        }

        await sending;
        await backend.ExpectAsync($"n{Count - 1}.");
        Numbers(backend.Written).ShouldBe(Enumerable.Range(0, Count));
        server.HeldRequests.ShouldBe(1);
    }

    [Fact]
    public async Task RequestsOfManySessions_OnOneConnection_EachReleasesTheOneBefore()
    {
        const int Count = 2000;
        var (server, connection) = await StartAsync(tls: false);
        await using var running = server;
        using var closing = connection;
        var sids = new string[Count];
        for (var i = 0; i < Count; i++)
        {
            await connection.SendAsync(RawHttp.Post(BoshServer.Creation));
            sids[i] = BoshServer.SidOf((await connection.ReadAsync()).Body);
        }

        await connection.SendAsync(string.Concat(sids.Select(sid => RawHttp.Post(BoshServer.Request(sid, 101)))));

        for (var i = 0; i < Count - 1; i++)
        {
            (await connection.ReadAsync()).Status.ShouldBe(200);
        }

        await connection.SendAsync(RawHttp.Post("no body at all"));
        (await connection.ReadAsync()).Status.ShouldBe(200);
        (await connection.ReadAsync()).Body.ShouldBe(BoshServer.BadRequest);
        server.Registry.Count.ShouldBe(Count);
    }

    [Fact]
    public async Task CreationRequest_AnotherBehindIt_DoesNotWaitForTheFeatures()
    {
        var (server, connection) = await StartAsync(tls: false);
        await using var running = server;
        using var closing = connection;
        server.Connector.Hang();

        await connection.SendAsync(RawHttp.Post(BoshServer.Creation) + RawHttp.Post("no body at all"));

        (await connection.ReadAsync()).Body.ShouldContain(" sid='");
        (await connection.ReadAsync()).Body.ShouldBe(BoshServer.BadRequest);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Requirement", "BOSH-058")]
    public async Task HeldRequest_ClientSendsNoMore_IsAbandonedAndNotAnswered(bool tls)
    {
        var (server, connection) = await StartAsync(tls);
        await using var running = server;
        using var closing = connection;
        var (sid, backend) = await server.LogInAsync();
        await connection.SendAsync(RawHttp.Post(BoshServer.Request(sid, 103)));
        await TestTimeout.UntilAsync(() => server.HeldRequests == 1);

        connection.Socket.Shutdown(SocketShutdown.Send);

        await connection.ShouldBeClosedAsync();
        await TestTimeout.UntilAsync(() => server.HeldRequests == 0);
        backend.Receive("<message><body>kept</body></message>");
        (await server.PostAsync(BoshServer.Request(sid, 103))).Body.ShouldContain("kept");
    }

    [Theory]
    [InlineData("\r\n")]
    [InlineData("\n")]
    public async Task HeldRequest_EmptyLineBehindIt_IsNoRequest(string line)
    {
        var (server, connection) = await StartAsync(tls: false);
        await using var running = server;
        using var closing = connection;
        var (sid, backend) = await server.LogInAsync();
        await connection.SendAsync(RawHttp.Post(BoshServer.Request(sid, 103, Message(1))) + line);
        await backend.ExpectAsync("n1.");
        server.HeldRequests.ShouldBe(1);

        backend.Receive("<message><body>back</body></message>");
        (await connection.ReadAsync()).Body.ShouldContain("back");
    }

    [Theory]
    [InlineData(false, "1.0", "")]
    [InlineData(true, "1.0", "")]
    [InlineData(false, "1.1", "Connection: close\r\n")]
    [InlineData(true, "1.1", "Connection: close\r\n")]
    public async Task HeldRequest_LastOfItsConnection_IsAnsweredAndTheConnectionClosed(bool tls, string version, string headers)
    {
        var (server, connection) = await StartAsync(tls);
        await using var running = server;
        using var closing = connection;
        var (sid, backend) = await server.LogInAsync();
        await connection.SendAsync(RawHttp.Post(BoshServer.Request(sid, 103, Message(1)), headers, version));
        await backend.ExpectAsync("n1.");

        backend.Receive("<message><body>back</body></message>");

        var response = await connection.ReadAsync();
        response.Body.ShouldContain("back");
        response.Fields.Contains("Transfer-Encoding").ShouldBeFalse();
        await connection.ShouldBeClosedAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ManyConnections_WithPayloadsFromBothSides_LoseAndSwapNothing(bool tls)
    {
        await using var server = await BoshServer.StartAsync(certificate: _certificate);
        var sessions = new List<(string Sid, FakeXmppStream Backend)>();
        for (var i = 0; i < 8; i++)
        {
            sessions.Add(await server.LogInAsync());
        }

        await Task.WhenAll(sessions.Select((session, seed) => TalkAsync(tls ? server.SecureUrl : server.Url, session.Sid, session.Backend, seed)))
            .WithinAsync(TimeSpan.FromSeconds(60));
    }

    private static async Task SendAsync(RawHttp connection, byte[] bytes, int chunk)
    {
        await Task.Yield();
        for (var at = 0; at < bytes.Length;)
        {
            var end = (int)Math.Min(bytes.Length, (long)at + chunk);
            await connection.SendAsync(bytes.AsMemory(at..end));
            at = end;
        }
    }

    private static async Task TalkAsync(Uri url, string sid, FakeXmppStream backend, int seed)
    {
        const int Count = 250;
        var random = new Random(seed);
        using var connection = await RawHttp.ConnectAsync(url);
        var sending = Task.Run(async () =>
        {
            for (var i = 0; i < Count; i++)
            {
                var bytes = Encoding.UTF8.GetBytes(RawHttp.Post(BoshServer.Request(sid, 103 + i, Message(i))));
                var split = random.Next(1, bytes.Length);
                await connection.SendAsync(bytes.AsMemory(0, split));
                await connection.SendAsync(bytes.AsMemory(split));
            }
        });
        var receiving = Task.Run(async () =>
        {
            for (var i = 0; i < Count; i++)
            {
                await Task.Yield();
                backend.Receive($"<message><body>n{i}.</body></message>");
            }
        });
        var down = new StringBuilder();
        for (var i = 0; i < Count - 1; i++)
        {
            down.Append((await connection.ReadAsync()).Body);
        }

        await Task.WhenAll(sending, receiving);
        await backend.ExpectAsync($"n{Count - 1}.");
        backend.Receive("<message><body>last</body></message>");
        for (var rid = 103 + Count; !down.ToString().Contains("last", StringComparison.Ordinal); rid++)
        {
            await connection.SendAsync(RawHttp.Post(BoshServer.Request(sid, rid)));
            down.Append((await connection.ReadAsync()).Body);
        }

        Numbers(backend.Written).ShouldBe(Enumerable.Range(0, Count));
        Numbers(down.ToString()).ShouldBe(Enumerable.Range(0, Count));
    }

    private static IEnumerable<int> Numbers(string text) =>
        Number().Matches(text).Select(m => int.Parse(m.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture));

    [GeneratedRegex(@"<body>n(\d+)\.</body>")]
    private static partial Regex Number();
}
