using System.Reflection;

namespace Gateway.Interop.Tests.Support;

/// <summary>What the machine must offer. A test that misses something says so and skips; tests/run.sh forbids that.</summary>
internal static class Needs
{
    /// <summary>Set to 1, a missing tool is a failure.</summary>
    private const string RequireAllVariable = "GATEWAY_TESTS_REQUIRE_ALL";

    /// <summary>Set to 1, the clients talk to the servers' own BOSH and WebSocket endpoints: is it the gateway, or the driver?</summary>
    private const string DirectVariable = "INTEROP_DIRECT";

    /// <summary>Not the one that the path may find first: Debian's packages bring their modules for this.</summary>
    public const string DebianPython = "/usr/bin/python3";

    private static readonly string[] ToolFolders =
        [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':'), "/usr/bin", "/usr/sbin", "/usr/local/bin"];

    public static bool Direct => Environment.GetEnvironmentVariable(DirectVariable) is { Length: > 0 } value && value != "0";

    public static string GatewayAssembly { get; } = Metadata("GatewayAssembly");

    public static string ClientsDirectory { get; } = Metadata("ClientsDirectory");

    public static string? Find(string tool) =>
        ToolFolders.Where(folder => folder.Length > 0).Select(folder => Path.Combine(folder, tool)).FirstOrDefault(File.Exists);

    /// <summary>The folder of ejabberd's own code, in which its beam files lie; the launcher script needs another user.</summary>
    public static bool HasEjabberd(out string libraries)
    {
        string[] roots = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib"];
        libraries = roots.FirstOrDefault(
            root => Directory.Exists(root) && Directory.EnumerateDirectories(root, "ejabberd-*").Any()) ?? "";
        return libraries.Length > 0 && Find("erl") is not null;
    }

    /// <summary>jabberd2, and what writes its accounts.</summary>
    public static bool HasJabberd2() => Find("jabberd2-c2s") is not null && File.Exists(DebianPython);

    public static void Tools(params ReadOnlySpan<string> tools)
    {
        foreach (var tool in tools)
        {
            var there = tool switch
            {
                "ejabberd" => HasEjabberd(out _),
                "jabberd2" => HasJabberd2(),
                _ => Find(tool) is not null,
            };
            if (!there)
            {
                Missing($"{tool} is not installed");
            }
        }
    }

    public static void Missing(string what)
    {
        if (Environment.GetEnvironmentVariable(RequireAllVariable) == "1")
        {
            Assert.Fail($"{what}, and {RequireAllVariable}=1 wants every test to run");
        }

        Assert.Skip(what);
    }

    private static string Metadata(string key) =>
        typeof(Needs).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == key).Value
        ?? throw new InvalidOperationException($"the build left out {key}");
}
