namespace Gateway.Tests;

/// <summary>
/// For tests that read metrics: a gateway exports every meter of its name in the process, and a process has one gateway
/// everywhere but here. And for tests that count what the process allocates.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneInTheProcess
{
    /// <summary>What such a test class names.</summary>
    public const string Name = "alone in the process";
}
