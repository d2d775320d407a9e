using System.Security.Cryptography.X509Certificates;
using Gateway.TestKit;

namespace Gateway.Tests.Commands;

/// <summary>The program as an operator runs it: exit codes, errors, sources.</summary>
public sealed class CommandTests
{
    private static readonly string[] Domain =
    [
        "--Gateway:Domains:example.org:Backend=b",
        "--Gateway:Backends:b:Servers:0:Address=10.0.0.5:5222",
    ];

    [Fact]
    public async Task Run_FiveMistakes_NamesAllFiveAndBindsNoPort()
    {
        using var directory = new TestDirectory();
        var file = directory.Write("bad.json", """
            { "Gateway": {
                "Domains": { "example.org": { "Backend": "prosdy" } },
                "Backends": { "prosody": { "Servers": [ { "Address": "10.0.0.5:99999" } ], "Security": "Startls" } },
                "Bosh": { "MaxWait": "90s", "MaxWiat": "00:00:10" } } }
            """);

        // Whoever tried to bind would fail with 1.
        using var http = new TakenPort();
        using var management = new TakenPort();
        var (exit, output, error) = await GatewayProgram.RunAsync(
            "Production",
            ["run", "--config", file, $"--Kestrel:Endpoints:Http:Url=http://127.0.0.1:{http.Port}", $"--Gateway:Management:Url=http://127.0.0.1:{management.Port}"]);

        exit.ShouldBe(2);
        output.ShouldBeEmpty();
        var lines = error.Split('\n', StringSplitOptions.RemoveEmptyEntries)[1..];
        lines.Length.ShouldBe(5);
        lines.ShouldContain(l => l.StartsWith("Gateway:Domains:example.org:Backend = \"prosdy\" (bad.json): "));
        lines.ShouldContain(l => l.StartsWith("Gateway:Backends:prosody:Servers:0:Address = \"10.0.0.5:99999\" (bad.json): "));
        lines.ShouldContain(l => l.StartsWith("Gateway:Backends:prosody:Security = \"Startls\" (bad.json): "));
        lines.ShouldContain(l => l.StartsWith("Gateway:Bosh:MaxWait = \"90s\" (bad.json): "));
        lines.ShouldContain(l => l.StartsWith("Gateway:Bosh:MaxWiat = \"00:00:10\" (bad.json): ") && l.Contains("MaxWait?"));
    }

    [Fact]
    public async Task Run_PortTaken_IsExitCode1InOneLine()
    {
        using var taken = new TakenPort();

        var (exit, _, error) = await GatewayProgram.RunAsync(
            "Production", [.. Domain, "--Gateway:Management:Url=http://127.0.0.1:0", $"--Kestrel:Endpoints:Http:Url=http://127.0.0.1:{taken.Port}"]);

        exit.ShouldBe(1);
        error.Trim().ShouldNotContain('\n');
        error.ShouldContain($"127.0.0.1:{taken.Port}");
    }

    [Fact]
    public async Task Run_ProductionWithNothingConfigured_NamesTheTwoWaysOut()
    {
        var (exit, _, error) = await GatewayProgram.RunAsync("Production", []);

        exit.ShouldBe(2);
        error.ShouldContain("Gateway:Domains");
        error.ShouldContain("Gateway:Demo:Enabled=true");
    }

    [Fact]
    public async Task Check_EverySource_WinsOverTheOnesBefore()
    {
        using var directory = new TestDirectory();
        var first = directory.Write("first.json", """{ "Gateway": { "Bosh": { "MaxHold": 3, "Inactivity": "00:01:01", "Polling": "00:00:03", "MaxPause": "00:01:00" } } }""");
        var second = directory.Write("second.json", """{ "Gateway": { "Bosh": { "Inactivity": "00:01:02", "Polling": "00:00:04", "MaxPause": "00:02:00" } } }""");

        var (exit, output, _) = await GatewayProgram.RunAsync(
            "Production",
            ["check", "--config", first, .. Domain, "--Gateway:Bosh:MaxPause=00:04:00", "--config", second],
            ("Gateway__Bosh__Polling", "00:00:05"),
            ("Gateway__Bosh__MaxPause", "00:03:00"));

        exit.ShouldBe(0);
        Line(output, "Gateway:Bosh:MaxWait").ShouldBe("Gateway:Bosh:MaxWait = 00:00:50 (appsettings.json)");
        Line(output, "Gateway:Bosh:MaxHold").ShouldBe("Gateway:Bosh:MaxHold = 3 (first.json)");
        Line(output, "Gateway:Bosh:Inactivity").ShouldBe("Gateway:Bosh:Inactivity = 00:01:02 (second.json)");
        Line(output, "Gateway:Bosh:Polling").ShouldBe("Gateway:Bosh:Polling = 00:00:05 (environment)");
        Line(output, "Gateway:Bosh:MaxPause").ShouldBe("Gateway:Bosh:MaxPause = 00:04:00 (command line)");
    }

    [Fact]
    public async Task Check_Development_IsTheDemo()
    {
        var (exit, output, _) = await GatewayProgram.RunAsync("Development", ["check"]);

        exit.ShouldBe(0);
        Line(output, "Gateway:Demo:Enabled").ShouldBe("Gateway:Demo:Enabled = true (appsettings.Development.json)");
        Line(output, "Kestrel:Endpoints:Http:Url").ShouldBe("Kestrel:Endpoints:Http:Url = http://localhost:5280 (default)");
        Line(output, "Kestrel:Endpoints:Https:Url").ShouldBe("Kestrel:Endpoints:Https:Url = https://localhost:5443 (default)");
    }

    [Fact]
    public async Task Check_Passwords_AreNotShown()
    {
        using var certificates = new TestCertificates();
        using var directory = new TestDirectory();
        var pfx = Path.Combine(Path.GetDirectoryName(directory.Write("x", ""))!, "server.pfx");
        await File.WriteAllBytesAsync(pfx, certificates.Server("example.org").Export(X509ContentType.Pkcs12, "hunter2"), TestContext.Current.CancellationToken);
        string[] endpoint = ["check", .. Domain, "--Kestrel:Endpoints:A:Url=https://127.0.0.1:0", $"--Kestrel:Endpoints:A:Certificate:Path={pfx}"];

        var (exit, output, error) = await GatewayProgram.RunAsync("Production", [.. endpoint, "--Kestrel:Endpoints:A:Certificate:Password=hunter2"]);
        var wrong = await GatewayProgram.RunAsync("Production", [.. endpoint, "--Kestrel:Endpoints:A:Certificate:Password=hunter3"]);

        exit.ShouldBe(0, error);
        Line(output, "Kestrel:Endpoints:A:Certificate:Password").ShouldBe("Kestrel:Endpoints:A:Certificate:Password = *** (command line)");
        output.ShouldNotContain("hunter");
        wrong.ExitCode.ShouldBe(2);
        wrong.Error.ShouldContain("Kestrel:Endpoints:A:Certificate:Path");
        wrong.Error.ShouldNotContain("hunter");
    }

    [Theory]
    [InlineData("""{ "Gateway": { """, "Could not parse the JSON file: line 1, column 16")]
    [InlineData("{\n  \"Gateway\": {\n    \"Bosh\": oops\n  }\n}", "Could not parse the JSON file: line 3, column 13")]
    [InlineData("[]", "must be an object")]
    [InlineData("null-file", "a file that is there")]
    public async Task Check_FileThatIsNoJsonOrNotThere_IsExitCode2(string text, string expected)
    {
        using var directory = new TestDirectory();
        var file = text == "null-file" ? "not-there.json" : directory.Write("half.json", text);

        var (exit, _, error) = await GatewayProgram.RunAsync("Production", ["check", "--config", file]);

        exit.ShouldBe(2);
        error.ShouldContain(Path.GetFileName(file));
        error.ShouldContain(expected);
        error.ShouldNotContain("   at ");
    }

    [Theory]
    [InlineData("--help", "check")]
    [InlineData("--version", "0.1.0")]
    public async Task Help_AndVersion_AreAnswered(string option, string expected)
    {
        var (exit, output, _) = await GatewayProgram.RunAsync("Production", [option]);

        exit.ShouldBe(0);
        output.ShouldContain(expected);
    }

    private static string Line(string output, string key) =>
        string.Join(' ', output.Split('\n').Single(l => l.StartsWith(key + " ", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries));
}
