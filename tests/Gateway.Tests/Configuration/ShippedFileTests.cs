using Gateway.Configuration;
using Gateway.Core.Backend;
using Gateway.Core.Bosh;
using Gateway.Core.Policies;
using Gateway.Core.Sessions;
using Gateway.Core.WebSockets;

namespace Gateway.Tests.Configuration;

/// <summary>The annotated reference at the repository's root is right: it binds, names every key, and equals the code's defaults.</summary>
public sealed class ShippedFileTests
{
    private static readonly string[] Domain =
    [
        "--Gateway:Domains:example.org:Backend=b",
        "--Gateway:Backends:b:Servers:0:Address=10.0.0.5:5222",
    ];

    [Fact]
    public void ShippedFile_EveryValue_EqualsTheDefault()
    {
        var shipped = Bind(new ConfigurationBuilder().AddJsonFile(File_).AddCommandLine(Domain).Build(), out _);
        var code = Bind(new ConfigurationBuilder().AddCommandLine(Domain).Build(), out _);

        shipped.Bosh.ShouldBeEquivalentTo(code.Bosh);
        shipped.WebSocket.ShouldBeEquivalentTo(code.WebSocket);
        shipped.Limits.ShouldBeEquivalentTo(code.Limits);
        shipped.Security.ShouldBeEquivalentTo(code.Security);
        shipped.Drain.ShouldBeEquivalentTo(code.Drain);
        shipped.Demo.ShouldBeEquivalentTo(code.Demo);
        shipped.Management.Url.ToString().ShouldBe(code.Management.Url.ToString());

        code.Bosh.ShouldBeEquivalentTo(new BoshOptions());
        code.WebSocket.ShouldBeEquivalentTo(new WebSocketSessionOptions());
        code.Limits.ShouldBeEquivalentTo(new SessionLimits());
        code.Drain.ShouldBeEquivalentTo(new DrainOptions());
        code.Security.ShouldBeEquivalentTo(new SecurityOptions());
    }

    [Fact]
    public void ShippedFile_EveryKey_IsThere()
    {
        Bind(new ConfigurationBuilder().AddJsonFile(File_).AddCommandLine(Domain).Build(), out var findings);

        findings.Values.Where(v => v.Path.StartsWith("Gateway:", StringComparison.Ordinal) && !v.Path.StartsWith("Gateway:Backends:", StringComparison.Ordinal) && !v.Path.StartsWith("Gateway:Domains:", StringComparison.Ordinal))
            .ShouldAllBe(v => v.Source == "appsettings.json");
    }

    [Fact]
    public void ShippedFile_CommentedExamples_EqualTheDefaultsToo()
    {
        // The comment marks come off the sections that have no default of their own.
        var lines = File.ReadAllLines(File_);
        var text = string.Join('\n', lines.Select(l => l.TrimStart() is ['/', '/', ' ', ' ' or '"' or '}', ..] comment ? comment[3..] : l));
        using var directory = new TestDirectory();
        var file = directory.Write("all.json", text);

        var options = Bind(
            new ConfigurationBuilder().AddJsonFile(file).AddCommandLine(["--Kestrel:Endpoints:Https:Url=http://127.0.0.1:1", "--Kestrel:Endpoints:Https:Certificate:Path=", "--Kestrel:Endpoints:Https:Certificate:KeyPath="]).Build(),
            out var findings);

        findings.Errors.ShouldBeEmpty();
        options.Domains.Select(d => d.Name).ShouldBe(["example.org", "*.example.net"], ignoreOrder: true);
        var backend = options.Backends["prosody"];
        backend.Servers.ShouldHaveSingleItem().ShouldBeEquivalentTo(new BackendServerOptions { Address = "10.0.0.5:5222" });
        backend.Servers = [];
        backend.ShouldBeEquivalentTo(new BackendOptions());
    }

    private static string File_ => Path.Combine(AppContext.BaseDirectory, "appsettings.json");

    private static GatewayOptions Bind(IConfiguration configuration, out ConfigurationFindings findings)
    {
        var options = GatewayOptions.TryBind(configuration, out findings);
        findings.Errors.ShouldBeEmpty();
        return options;
    }
}
