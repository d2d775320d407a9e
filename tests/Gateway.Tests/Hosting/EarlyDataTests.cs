using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Gateway.TestKit;

namespace Gateway.Tests.Hosting;

/// <summary>What TLS 1.3 offers to returning clients, as openssl reads it.</summary>
public sealed partial class EarlyDataTests : IDisposable
{
    private const string RequireAllVariable = "GATEWAY_TESTS_REQUIRE_ALL";

    private readonly TestCertificates _certificates = new();

    public void Dispose() => _certificates.Dispose();

    [Fact]
    [Trait("Requirement", "BOSH-130")]
    public async Task SessionTickets_AllowNoEarlyData()
    {
        Assert.SkipUnless(
            Environment.GetEnvironmentVariable(RequireAllVariable) == "1" || (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(p => File.Exists(Path.Combine(p, "openssl"))),
            "openssl is not installed");
        await using var gateway = await RunningGateway.StartAsync(RunningGateway.Https(_certificates));

        var output = await ConnectAsync(gateway.Secure.Port);

        output.ShouldContain("HTTP/1.1 405");
        var offers = Offer().Matches(output).Select(m => int.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture)).ToArray();
        offers.ShouldNotBeEmpty("a ticket was expected");
        offers.ShouldAllBe(bytes => bytes == 0);
    }

    private static async Task<string> ConnectAsync(int port)
    {
        using var openssl = Process.Start(new ProcessStartInfo("openssl", ["s_client", "-connect", $"127.0.0.1:{port}", "-tls1_3", "-ign_eof"])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        try
        {
            var errors = openssl.StandardError.ReadToEndAsync();
            await openssl.StandardInput.WriteAsync("GET /http-bind HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
            await openssl.StandardInput.FlushAsync();
            var output = await openssl.StandardOutput.ReadToEndAsync().WithinAsync();
            await errors.WithinAsync();
            return output;
        }
        finally
        {
            openssl.Kill();
        }
    }

    [GeneratedRegex(@"Max Early Data: (\d+)")]
    private static partial Regex Offer();
}
