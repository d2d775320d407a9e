using Gateway.Fuzz.Live;
using Gateway.Fuzz.Targets;

namespace Gateway.Fuzz;

/// <summary>All targets, by name.</summary>
internal static class FuzzTargets
{
    private static readonly (string Name, Func<Task<IFuzzTarget>> Make)[] All =
    [
        ("framer", () => Made(new FramerTarget())),
        ("body", () => Made(new BodyTarget())),
        ("open", () => Made(new OpenTarget())),
        ("header", () => Made(new HeaderTarget())),
        ("text", () => Made(new TextTarget())),
        ("dns", () => Made(new DnsTarget())),
        ("machine", () => Made(new MachineTarget())),
        ("http", async () => new HttpTarget(await FuzzedGateway.StartAsync())),
        ("frames", async () => new FramesTarget(await FuzzedGateway.StartAsync())),
        ("backend", async () => new BackendTarget(await FuzzedGateway.StartAsync())),
    ];

    /// <summary>Every name.</summary>
    public static IEnumerable<string> Names => All.Select(t => t.Name);

    /// <summary>Makes a target ready to run.</summary>
    public static Task<IFuzzTarget> MakeAsync(string name) => All.Single(t => t.Name == name).Make();

    private static Task<IFuzzTarget> Made(IFuzzTarget target) => Task.FromResult(target);
}
