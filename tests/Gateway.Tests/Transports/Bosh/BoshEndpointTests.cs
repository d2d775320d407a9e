using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Gateway.TestKit;

namespace Gateway.Tests.Transports.Bosh;

/// <summary>bosh.md sections 3 and 20, edge-security.md section 6, over a real server.</summary>
public class BoshEndpointTests
{
    private const string Ns = BoshServer.Ns;
    private const string Creation = BoshServer.Creation;
    private const string ItemNotFound = BoshServer.ItemNotFound;
    private const string BadRequest = BoshServer.BadRequest;

    private static string Request(string sid, long rid, string payload = "", string attributes = "") => BoshServer.Request(sid, rid, payload, attributes);

    [Fact]
    [Trait("Requirement", "BOSH-003")]
    [Trait("Requirement", "BOSH-004")]
    [Trait("Requirement", "BOSH-006")]
    [Trait("Requirement", "BOSH-008")]
    public async Task Response_HasTheHeadOfTheExamples()
    {
        await using var server = await BoshServer.StartAsync();
        var (response, body) = await server.PostAsync(Creation);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Content.Headers.ContentType!.ToString().ShouldBe("text/xml; charset=utf-8");
        response.Headers.CacheControl!.ToString().ShouldBe("no-store");
        response.Headers.TransferEncodingChunked.ShouldNotBe(true);
        response.Content.Headers.ContentLength.ShouldBe(Encoding.UTF8.GetByteCount(body));
        BoshServer.SidOf(body).Length.ShouldBe(22);
    }

    [Fact]
    public async Task Session_LogsInTalksAndTerminates()
    {
        await using var server = await BoshServer.StartAsync();
        var (sid, backend) = await server.LogInAsync();
        var poll = server.PostAsync(Request(sid, 103));
        var message = server.PostAsync(Request(sid, 104, "<message to='b@example.com' xmlns='jabber:client'><body>h\u00e9</body></message>"));
        (await poll).Body.ShouldBe($"<body {Ns}/>");
        await backend.ExpectAsync("<body>h\u00e9</body>");
        backend.Receive("<message from='b@example.com'><body>ho</body></message>");
        (await message).Body.ShouldContain("<body>ho</body>");
        var (_, end) = await server.PostAsync(Request(sid, 105, "<presence type='unavailable' xmlns='jabber:client'/>", "type='terminate'"));
        end.ShouldBe($"<body type='terminate' {Ns}/>");
        await backend.ExpectAsync("</stream:stream>");
        backend.Receive("</stream:stream>");
        await backend.Disposed;
        await TestTimeout.UntilAsync(() => server.Registry.Count == 0);
    }

    [Fact]
    [Trait("Requirement", "BOSH-058")]
    public async Task HeldRequest_ClientVanishes_TheNextOneGetsThePayload()
    {
        await using var server = await BoshServer.StartAsync();
        var (sid, backend) = await server.LogInAsync();
        using (var raw = await server.PostRawAsync(Request(sid, 103, "<r xmlns='urn:xmpp:sm:3'/>")))
        {
            await backend.ExpectAsync("<r xmlns='urn:xmpp:sm:3'/>");
            server.HeldRequests.ShouldBe(1);
            raw.LingerState = new System.Net.Sockets.LingerOption(true, 0);
        }

        // The server has to notice the reset before the payload comes.
        await TestTimeout.UntilAsync(() => server.HeldRequests == 0);
        backend.Receive("<message><body>kept</body></message>");
        (await server.PostAsync(Request(sid, 103, "<r xmlns='urn:xmpp:sm:3'/>"))).Body.ShouldContain("kept");
        Regex.Count(backend.Written, "<r ").ShouldBe(1);
    }

    [Theory]
    [InlineData("/http-bind", true)]
    [InlineData("/http-bind/", true)]
    [InlineData("/bosh", true)]
    [InlineData("/BOSH/", true)]
    [InlineData("/http-bind/x", false)]
    [InlineData("/", false)]
    [Trait("Requirement", "BOSH-001")]
    public async Task Path_IsOneOfThoseConfigured(string path, bool served)
    {
        await using var server = await BoshServer.StartAsync();
        using var content = new StringContent("");
        var response = await server.Http.PostAsync(new Uri(server.Url, path), content, TestContext.Current.CancellationToken);
        (await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldBe(served ? BadRequest : "elsewhere");
    }

    [Theory]
    [InlineData("GET", "?%3Cbody%3E", 404)]
    [InlineData("HEAD", "", 405)]
    [InlineData("HEAD", "?%3Cbody%3E", 404)]
    [InlineData("PUT", "", 405)]
    [InlineData("DELETE", "", 405)]
    [InlineData("OPTIONS", "", 204)]
    [Trait("Requirement", "BOSH-016")]
    [Trait("Requirement", "BOSH-017")]
    public async Task OtherMethods_AreRefused(string method, string query, int status)
    {
        await using var server = await BoshServer.StartAsync();
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(server.Url, "/http-bind" + query));
        var response = await server.Http.SendAsync(request, TestContext.Current.CancellationToken);
        ((int)response.StatusCode).ShouldBe(status);
        (await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldBeEmpty();
        if (status == 405)
        {
            response.Content.Headers.Allow.ShouldBe(["POST", "OPTIONS"]);
        }
    }

    [Theory]
    [InlineData("*", "*", false)]
    [InlineData("https://chat.example.com", "https://chat.example.com", true)]
    [Trait("Requirement", "EDGE-048")]
    [Trait("Requirement", "EDGE-049")]
    [Trait("Requirement", "EDGE-050")]
    public async Task Cors_AllowedOrigin_IsNamedInPreflightResponseAndRefusal(string listed, string answered, bool varies)
    {
        await using var server = await BoshServer.StartAsync([listed]);
        using var preflight = new HttpRequestMessage(HttpMethod.Options, server.Url);
        preflight.Headers.Add("Origin", "https://chat.example.com");
        preflight.Headers.Add("Access-Control-Request-Method", "POST");
        var response = await server.Http.SendAsync(preflight, TestContext.Current.CancellationToken);
        response.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        response.Headers.GetValues("Access-Control-Allow-Methods").ShouldBe(["POST, OPTIONS"]);
        response.Headers.GetValues("Access-Control-Allow-Headers").ShouldBe(["Content-Type"]);
        response.Headers.GetValues("Access-Control-Max-Age").ShouldBe(["7200"]);
        Check(response);
        Check((await server.PostAsync(Creation, r => r.Headers.Add("Origin", "https://chat.example.com"))).Response);
        Check((await server.PostAsync(new string(' ', 300 * 1024), r => r.Headers.Add("Origin", "https://chat.example.com"))).Response);

        void Check(HttpResponseMessage message)
        {
            message.Headers.GetValues("Access-Control-Allow-Origin").ShouldBe([answered]);
            message.Headers.Vary.Contains("Origin").ShouldBe(varies);
            message.Headers.Contains("Access-Control-Allow-Credentials").ShouldBeFalse();
        }
    }

    [Fact]
    [Trait("Requirement", "EDGE-047")]
    [Trait("Requirement", "EDGE-051")]
    public async Task Cors_ForeignOrigin_Is403WithoutCorsFields()
    {
        await using var server = await BoshServer.StartAsync(["https://chat.example.com"]);
        var (response, _) = await server.PostAsync(Creation, r =>
        {
            r.Headers.Add("Origin", "https://evil.example");
            r.Content!.Headers.ContentType = new("text/plain"); // browsers send this without a preflight
        });
        response.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        response.Headers.Contains("Access-Control-Allow-Origin").ShouldBeFalse();
        server.Connector.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData(null)]
    [Trait("Requirement", "BOSH-007")]
    public async Task RequestContentType_DoesNotMatter(string? type)
    {
        await using var server = await BoshServer.StartAsync();
        var (_, body) = await server.PostAsync(Creation, r => r.Content!.Headers.ContentType = type is null ? null : new(type));
        body.ShouldContain("sid=");
    }

    [Theory]
    [InlineData("gzip", false)]
    [InlineData("GZIP, identity", false)]
    [InlineData("br, text/xml; charset=utf-8", false)]
    [InlineData("identity, Identity", true)]
    [InlineData("identity", true)]
    [InlineData("text/xml; charset=utf-8", true)]
    [Trait("Requirement", "BOSH-012")]
    public async Task ContentEncoding_OtherThanIdentity_IsABadRequest(string coding, bool accepted)
    {
        await using var server = await BoshServer.StartAsync();
        var (_, body) = await server.PostAsync(Creation, r => r.Content!.Headers.TryAddWithoutValidation("Content-Encoding", coding));
        (body == BadRequest).ShouldBe(!accepted);
    }

    [Fact]
    [Trait("Requirement", "BOSH-009")]
    public async Task ChunkedRequest_IsAccepted()
    {
        await using var server = await BoshServer.StartAsync();
        (await server.PostAsync(Creation, r => r.Headers.TransferEncodingChunked = true)).Body.ShouldContain("sid=");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Requirement", "BOSH-123")]
    [Trait("Requirement", "EDGE-035")]
    public async Task Body_OverTheLimitBeforeAuthentication_Is413AndTheSessionLives(bool chunked)
    {
        await using var server = await BoshServer.StartAsync();
        var sid = await server.CreateAsync();
        var big = Request(sid, 101, "<a xmlns='x'>" + new string('y', 81 * 1024) + "</a>");
        var (response, _) = await server.PostAsync(big, r => r.Headers.TransferEncodingChunked = chunked);
        response.StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        server.Registry.Count.ShouldBe(1);
    }

    [Fact]
    [Trait("Requirement", "EDGE-035")]
    public async Task Body_LargeAfterAuthentication_PassesUpToTheLimit()
    {
        await using var server = await BoshServer.StartAsync();
        var (sid, backend) = await server.LogInAsync();
        var text = new string('y', 200_000);
        var large = server.PostAsync(Request(sid, 103, $"<message xmlns='jabber:client'><body>{text}</body></message>"), r => r.Headers.TransferEncodingChunked = true);
        await backend.ExpectAsync(text + "</body></message>");
        (await server.PostAsync(Request(sid, 104, $"<message xmlns='jabber:client'><body>{new string('y', 256 * 1024)}</body></message>"))).Body
            .ShouldBe($"<body type='terminate' condition='policy-violation' {Ns}/>");
        (await large).Body.ShouldBe($"<body type='terminate' condition='other-request' {Ns}/>");
    }

    [Fact]
    [Trait("Requirement", "BOSH-095")]
    public async Task UnknownSid_IsItemNotFound()
    {
        await using var server = await BoshServer.StartAsync();
        (await server.PostAsync(Request("kTq0cK7mVw2sE1xYb8RzJQ", 1))).Body.ShouldBe(ItemNotFound);
    }

    [Fact]
    [Trait("Requirement", "BOSH-103")]
    public async Task BrokenBody_WithALiveSid_EndsThatSession()
    {
        await using var server = await BoshServer.StartAsync();
        var sid = await server.CreateAsync();
        (await server.PostAsync($"<body rid='101' sid='{sid}' {Ns}><a></b></body>")).Body.ShouldBe(BadRequest);
        (await server.PostAsync(Request(sid, 102))).Body.ShouldBe(ItemNotFound);
    }

    [Fact]
    [Trait("Requirement", "BOSH-103")]
    public async Task BrokenBody_WithoutASession_TouchesNone()
    {
        await using var server = await BoshServer.StartAsync();
        var sid = await server.CreateAsync();
        (await server.PostAsync("<body")).Body.ShouldBe(BadRequest);
        (await server.PostAsync($"<body rid='101' sid='{sid}x' {Ns}><a></b></body>")).Body.ShouldBe(ItemNotFound);
        server.Registry.Count.ShouldBe(1);
    }

    [Fact]
    [Trait("Requirement", "BOSH-099")]
    public async Task Creation_WhileDraining_Is503()
    {
        await using var server = await BoshServer.StartAsync();
        var sid = await server.CreateAsync();
        server.IsDraining = true;
        var (response, _) = await server.PostAsync(Creation, r => r.Headers.Add("Origin", "https://x"));
        response.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        response.Headers.RetryAfter!.ToString().ShouldBe("1");
        response.Headers.Contains("Access-Control-Allow-Origin").ShouldBeTrue();
        (await server.PostAsync(Request(sid, 101, attributes: "type='terminate'"))).Body.ShouldBe($"<body type='terminate' {Ns}/>");
    }

    [Fact]
    [Trait("Requirement", "EDGE-038")]
    public async Task FailedLogins_TooManyFromAnAddress_NoNewSessionFromIt()
    {
        await using var server = await BoshServer.StartAsync();
        var (_, body) = await server.PostAsync(Creation);
        var sid = BoshServer.SidOf(body);
        for (var i = 0; i < 120; i++)
        {
            server.Watch.AuthFailed("example.com", IPAddress.Loopback);
        }

        var (response, _) = await server.PostAsync(Creation, r => r.Headers.Add("Origin", "https://x"));
        response.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        response.Headers.RetryAfter!.Delta!.Value.ShouldBeInRange(TimeSpan.FromMinutes(55), TimeSpan.FromHours(1));
        response.Headers.Contains("Access-Control-Allow-Origin").ShouldBeTrue();
        (await server.PostAsync(Request(sid, 101, attributes: "type='terminate'"))).Body.ShouldBe($"<body type='terminate' {Ns}/>");
    }

    [Fact]
    [Trait("Requirement", "BOSH-005")]
    public async Task Content_Granted_IsTheTypeOfAllResponses()
    {
        await using var server = await BoshServer.StartAsync();
        var (response, body) = await server.PostAsync(Creation.Replace("hold='1'", "hold='1' content='text/plain'", StringComparison.Ordinal));
        response.Content.Headers.ContentType!.ToString().ShouldBe("text/plain");
        var sid = BoshServer.SidOf(body);
        (response, _) = await server.PostAsync(Request(sid, 101, attributes: "type='terminate'"));
        response.Content.Headers.ContentType!.ToString().ShouldBe("text/plain");
    }

    [Fact]
    [Trait("Requirement", "BOSH-121")]
    public async Task LegacyClient_GetsStatuses()
    {
        await using var server = await BoshServer.StartAsync();
        var (response, _) = await server.PostAsync(Creation.Replace("ver='1.6'", "content='text/html'", StringComparison.Ordinal));
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var (_, body) = await server.PostAsync(Creation.Replace("ver='1.6'", "", StringComparison.Ordinal));
        (response, body) = await server.PostAsync(Request(BoshServer.SidOf(body), 900));
        response.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        body.ShouldBeEmpty();
    }
}
