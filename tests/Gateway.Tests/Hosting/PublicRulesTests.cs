using Gateway.TestKit;
using Bosh = Gateway.Tests.Transports.Bosh;

namespace Gateway.Tests.Hosting;

/// <summary>EDGE-053 and the host's own wiring of TLS.</summary>
public sealed class PublicRulesTests : IDisposable
{
    private const string Creation = "<body xmlns='http://jabber.org/protocol/httpbind' rid='1' to='example.org' ver='1.6' wait='50' hold='1'/>";

    private readonly TestCertificates _certificates = new();

    public void Dispose() => _certificates.Dispose();

    private static async Task<RawResponse> GetAsync(Uri url, string path, string host = "chat.example.com")
    {
        using var connection = await RawHttp.ConnectAsync(url);
        await connection.SendAsync($"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n");
        return await connection.ReadAsync();
    }

    [Theory]
    [InlineData("/http-bind")]
    [InlineData("/xmpp-websocket")]
    [InlineData("/nothing")]
    [Trait("Requirement", "EDGE-053")]
    public async Task HttpsResponses_CarryStrictTransportSecurity(string path)
    {
        await using var gateway = await RunningGateway.StartAsync(RunningGateway.Https(_certificates));
        var response = await GetAsync(gateway.Secure, path);
        response.Fields["Strict-Transport-Security"].ShouldBe(["max-age=31536000"]);
        response.Fields["X-Content-Type-Options"].ShouldBe(["nosniff"]);
        response.Fields.Contains("Server").ShouldBeFalse();
    }

    [Fact]
    [Trait("Requirement", "EDGE-053")]
    public async Task StrictTransportSecurity_IsNotSaidWithoutTlsOrForLocalhostOrWhenSwitchedOff()
    {
        await using (var gateway = await RunningGateway.StartAsync(RunningGateway.Https(_certificates)))
        {
            (await GetAsync(gateway.Public, "/http-bind")).Fields.Contains("Strict-Transport-Security").ShouldBeFalse();
            (await GetAsync(gateway.Secure, "/http-bind", "localhost")).Fields.Contains("Strict-Transport-Security").ShouldBeFalse();
        }

        await using var without = await RunningGateway.StartAsync(RunningGateway.Https(_certificates, "--Gateway:Security:HstsDays=0"));
        (await GetAsync(without.Secure, "/http-bind")).Fields.Contains("Strict-Transport-Security").ShouldBeFalse();
    }

    /// <summary>A backend that accepts and is silent: the creation request is held, and the one behind it has to be seen, through TLS by default certificate and by SNI.</summary>
    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task PipelinedRequest_IsSeenOnEveryEndpoint(bool tls, bool sni)
    {
        using var silent = new SilentServer();
        var settings = RunningGateway.Https(
            _certificates,
            $"--Gateway:Backends:b:Servers:0:Address=127.0.0.1:{silent.Port}",
            "--Gateway:Backends:b:Security=None",
            "--Gateway:Backends:b:StepTimeout=00:05:00",
            "--Gateway:Backends:b:SetupTimeout=00:05:00");
        if (sni)
        {
            settings = [.. settings.Select(s => s.Replace("Certificates:Default:", "Endpoints:Https:Sni:example.org:Certificate:", StringComparison.Ordinal))];
        }

        await using var gateway = await RunningGateway.StartAsync(settings);
        using var connection = await RawHttp.ConnectAsync(tls ? gateway.Secure : gateway.Public);
        await connection.SendAsync(RawHttp.Post(Creation) + RawHttp.Post("no body at all"));
        var sid = Bosh.BoshServer.SidOf((await connection.ReadAsync()).Body);
        (await connection.ReadAsync()).Body.ShouldContain("bad-request");

        // This one waits 50 s, which is longer than the test.
        await connection.SendAsync(RawHttp.Post(Bosh.BoshServer.Request(sid, 2)) + "P");
        (await connection.ReadAsync()).Body.ShouldBe(Bosh.BoshServer.Empty);
    }

    [Fact]
    [Trait("Requirement", "BOSH-001")]
    public async Task Http2_ServesBosh()
    {
        await using var gateway = await RunningGateway.StartAsync(RunningGateway.Https(_certificates));
        using var handler = new SocketsHttpHandler();
#pragma warning disable CA5359 // the certificate is the test's own
        handler.SslOptions.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        using var client = new HttpClient(handler) { DefaultRequestVersion = new Version(2, 0), DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
        using var content = new StringContent(Creation.Replace("example.org", "other.example", StringComparison.Ordinal));
        using var response = await client.PostAsync(new Uri(gateway.Secure, "/http-bind"), content, TestContext.Current.CancellationToken);
        response.Version.Major.ShouldBe(2);
        response.Content.Headers.ContentLength.ShouldNotBeNull();
        (await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain("host-unknown");
    }
}
