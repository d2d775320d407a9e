using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Gateway.TestKit;

namespace Gateway.Tests.Transports.Bosh;

/// <summary>A session over networks and in browsers as they are: whatever is lost, doubled or late, nothing of what was said is.</summary>
public partial class SurvivalTests
{
    private const string Ns = "xmlns='http://jabber.org/protocol/httpbind'";
    private const string Empty = $"<body {Ns}/>";

    private static string Creation(int wait = 50) =>
        $"<body rid='100' to='example.com' wait='{wait}' hold='1' ver='1.6' xmpp:version='1.0' xmlns:xmpp='urn:xmpp:xbosh' {Ns}/>";

    private static string Request(string sid, long rid, string payload = "", string attributes = "") =>
        $"<body rid='{rid}' sid='{sid}' {attributes} {Ns}>{payload}</body>";

    private static string Message(int number) => $"<message id='u{number}' xmlns='jabber:client'/>";

    [GeneratedRegex("sid='([^']*)'")]
    private static partial Regex SidPattern();

    [GeneratedRegex("id='u([0-9]+)'")]
    private static partial Regex Up();

    [GeneratedRegex("id='d([0-9]+)'")]
    private static partial Regex Down();

    private static IEnumerable<int> Numbers(Regex pattern, string text) =>
        pattern.Matches(text).Select(m => int.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture));

    /// <summary>A session that is logged in; its last rid is 102. Every request goes through what the test makes of the network.</summary>
    private static async Task<(string Sid, FakeXmppStream Backend)> LogInAsync(BoshServer server, Func<string, Task<string>>? send = null)
    {
        send ??= async xml => (await server.PostAsync(xml)).Body;
        var backend = server.Connector.Give();
        var sid = SidPattern().Match((await server.PostAsync(Creation())).Body).Groups[1].Value;
        var auth = send(Request(sid, 101, "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"));
        await backend.ExpectAsync("<auth");
        backend.Receive("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
        (await auth).ShouldContain("<success");
        var restart = send(Request(sid, 102, attributes: "xmpp:restart='true' xmlns:xmpp='urn:xmpp:xbosh'"));
        await backend.ExpectAsync("<stream:stream");
        backend.ReceiveHeader();
        (await restart).ShouldContain("<stream:features>");
        return (sid, backend);
    }

    private static byte[] Http(string xml) =>
        Encoding.UTF8.GetBytes($"POST /http-bind HTTP/1.1\r\nHost: x\r\nContent-Length: {Encoding.UTF8.GetByteCount(xml)}\r\n\r\n{xml}");

    [Fact]
    [Trait("Requirement", "BOSH-065")]
    public async Task EveryResponse_LostOnce_IsRepeatedFromTheCache()
    {
        // Time stands still: the older request is held for its payload however slow the machine is, and not let go after the grace.
        await using var server = await BoshServer.StartAsync(time: new ManualTimeProvider());
        using var relay = new CuttingRelay(server.Url);
        var (sid, backend) = await LogInAsync(server, async xml =>
        {
            (await relay.SendAsync(Http(xml), 0)).ShouldBeEmpty();
            return (await server.PostAsync(xml)).Body;
        });
        var down = new StringBuilder();
        for (var i = 1; i <= 12; i++)
        {
            // Two under way, both lost, and the younger is repeated first, as strophe.js does.
            var older = Request(sid, 101 + (2 * i));
            var newer = Request(sid, 102 + (2 * i), Message(i));
            var losing = relay.SendAsync(Http(older), 0);
            await TestTimeout.UntilAsync(() => server.HeldRequests == 1);
            var losingToo = relay.SendAsync(Http(newer), 0);
            await backend.ExpectAsync($"id='u{i}'");
            backend.Receive($"<message id='d{(2 * i) - 1}'/>");
            await losing;
            backend.Receive($"<message id='d{2 * i}'/>");
            await losingToo;
            var second = (await server.PostAsync(newer)).Body;
            down.Append((await server.PostAsync(older)).Body).Append(second);
        }

        Numbers(Up(), backend.Written).ShouldBe(Enumerable.Range(1, 12));
        Numbers(Down(), down.ToString()).ShouldBe(Enumerable.Range(1, 24));
        Regex.Count(backend.Written, "<auth").ShouldBe(1);
    }

    [Fact]
    [Trait("Requirement", "BOSH-066")]
    public async Task EveryRequest_SentTwice_GoesUpOnceAndIsAnsweredOnce()
    {
        await using var server = await BoshServer.StartAsync();
        async Task<string> TwiceAsync(string xml)
        {
            var answers = await Task.WhenAll(server.PostAsync(xml), server.PostAsync(xml)).WithinAsync();
            var real = answers.Select(a => a.Body).Where(b => !b.Contains("type='error'", StringComparison.Ordinal)).Distinct().ToList();
            return real.ShouldHaveSingleItem();
        }

        var (sid, backend) = await LogInAsync(server, TwiceAsync);
        var down = new StringBuilder();
        for (var i = 1; i <= 20; i++)
        {
            var answer = TwiceAsync(Request(sid, 102 + i, Message(i)));
            await backend.ExpectAsync($"id='u{i}'");
            backend.Receive($"<message id='d{i}'/>");
            down.Append(await answer);
        }

        Numbers(Up(), backend.Written).ShouldBe(Enumerable.Range(1, 20));
        Numbers(Down(), down.ToString()).ShouldBe(Enumerable.Range(1, 20));
        Regex.Count(backend.Written, "<auth").ShouldBe(1);
    }

    [Fact]
    [Trait("Requirement", "BOSH-049")]
    [Trait("Requirement", "BOSH-061")]
    public async Task Requests_SwappedInPairs_GoUpInOrder()
    {
        await using var server = await BoshServer.StartAsync();
        var (sid, backend) = await LogInAsync(server);
        var answers = new SortedDictionary<int, string>();
        for (var i = 1; i < 40; i += 2)
        {
            var taken = server.Taken;
            var second = server.PostAsync(Request(sid, 103 + i, Message(i + 1)));
            await TestTimeout.UntilAsync(() => server.Taken > taken);
            backend.Written.ShouldNotContain($"id='u{i + 1}'");
            var first = server.PostAsync(Request(sid, 102 + i, Message(i)));
            await backend.ExpectAsync($"id='u{i + 1}'");
            backend.Receive($"<message id='d{i}'/>");
            answers[i] = (await first).Body;
            backend.Receive($"<message id='d{i + 1}'/>");
            answers[i + 1] = (await second).Body;
        }

        Numbers(Up(), backend.Written).ShouldBe(Enumerable.Range(1, 40));
        Numbers(Down(), string.Concat(answers.Values)).ShouldBe(Enumerable.Range(1, 40));
    }

    [Fact]
    [Trait("Requirement", "BOSH-057")]
    [Trait("Requirement", "BOSH-065")]
    public async Task ConnectionCut_AfterEachByteOfTheResponseHead_TheRepeatGetsEverythingOnce()
    {
        await using var server = await BoshServer.StartAsync();
        using var relay = new CuttingRelay(server.Url);
        var (sid, backend) = await LogInAsync(server);
        var down = new StringBuilder();
        var head = 1000;
        var number = 0;
        for (var cut = 1; cut <= head + 1; cut++)
        {
            number++;
            var request = Request(sid, 102 + number, Message(number));
            var cutting = relay.SendAsync(Http(request), number == 1 ? 400 : cut - 1);
            await backend.ExpectAsync($"id='u{number}'");
            backend.Receive($"<message id='d{number}'><body>{new string('x', 300)}</body></message>");
            var seen = await cutting;
            if (number == 1)
            {
                // The first one says how long a head is.
                head = seen.AsSpan().IndexOf("\r\n\r\n"u8) + 4;
                head.ShouldBeInRange(100, 400);
                cut = 0;
            }
            else
            {
                seen.Length.ShouldBe(cut - 1);
            }

            down.Append((await server.PostAsync(request)).Body);
        }

        Numbers(Up(), backend.Written).ShouldBe(Enumerable.Range(1, head + 2));
        Numbers(Down(), down.ToString()).ShouldBe(Enumerable.Range(1, head + 2));
    }

    [Fact]
    [Trait("Requirement", "BOSH-048")]
    [Trait("Requirement", "BOSH-078")]
    public async Task BackgroundTab_WakesOnceAMinute_HearsEverything()
    {
        var time = new ManualTimeProvider();
        await using var server = await BoshServer.StartAsync(time: time);
        var (sid, backend) = await LogInAsync(server);
        var rid = 102;
        for (var minute = 1; minute <= 3; minute++)
        {
            var poll = server.PostAsync(Request(sid, ++rid));
            await TestTimeout.UntilAsync(() => server.HeldRequests == 1);
            time.Advance(TimeSpan.FromSeconds(50));
            (await poll).Body.ShouldBe(Empty);

            // The browser lets no timer run for a minute.
            time.Advance(TimeSpan.FromSeconds(30));
            var fills = backend.Fills;
            backend.Receive($"<message id='d{minute}'/>");
            await TestTimeout.UntilAsync(() => backend.Fills > fills && backend.IsReading);
            time.Advance(TimeSpan.FromSeconds(30));
            Numbers(Down(), (await server.PostAsync(Request(sid, ++rid, Message(minute)))).Body).ShouldBe([minute]);
        }

        Numbers(Up(), backend.Written).ShouldBe([1, 2, 3]);
        time.Advance(TimeSpan.FromSeconds(91));
        (await server.PostAsync(Request(sid, ++rid))).Body.ShouldContain("item-not-found");
    }

    [Fact]
    [Trait("Requirement", "BOSH-061")]
    [Trait("Requirement", "BOSH-063")]
    public async Task PageReload_GoesOnBehindARequestThatNeverArrived_NothingIsLost()
    {
        var time = new ManualTimeProvider();
        await using var server = await BoshServer.StartAsync(time: time);
        var (sid, backend) = await LogInAsync(server);

        // The old page's poll dies with it, and its last request, rid 104, never arrives.
        using (var old = await server.PostRawAsync(Request(sid, 103)))
        {
            await TestTimeout.UntilAsync(() => server.HeldRequests == 1);
            old.LingerState = new System.Net.Sockets.LingerOption(true, 0);
        }

        await TestTimeout.UntilAsync(() => server.HeldRequests == 0);
        var fills = backend.Fills;
        backend.Receive("<message id='d1'/>");
        await TestTimeout.UntilAsync(() => backend.Fills > fills && backend.IsReading);

        var taken = server.Taken;
        var ahead = server.PostAsync(Request(sid, 105, Message(2)));
        await TestTimeout.UntilAsync(() => server.Taken > taken);
        time.Advance(TimeSpan.FromSeconds(30));
        backend.Written.ShouldNotContain("id='u2'");

        // The page misses an answer and sends what is missing; of the poll before it nobody knows any more.
        var missing = (await server.PostAsync(Request(sid, 104, Message(1)))).Body;
        backend.Receive("<message id='d2'/>");
        var answers = missing + (await ahead).Body;
        Numbers(Up(), backend.Written).ShouldBe([1, 2]);
        Numbers(Down(), answers).ShouldBe([1, 2]);
        var next = server.PostAsync(Request(sid, 106, Message(3)));
        await backend.ExpectAsync("id='u3'");
        backend.Receive("<message id='d3'/>");
        Numbers(Down(), (await next).Body).ShouldBe([3]);
    }
}
