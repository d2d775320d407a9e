namespace Gateway.Core.Backend.Pools;

/// <summary><c>CircuitBreaker</c> of a backend: when a server is left alone for a while. Each server has a breaker of its own.</summary>
public sealed class CircuitBreakerOptions
{
    /// <summary>Share of attempts that failed, 0.01 to 1; default 0.5 (interface.md section 3).</summary>
    public double FailureRatio { get; set; } = 0.5;

    /// <summary>Attempts before the share says anything: 2 to 10,000; default 10.</summary>
    public int MinimumThroughput { get; set; } = 10;

    /// <summary>Over which time they are counted: 1 s to 1 h; default 30 s.</summary>
    public TimeSpan SamplingDuration { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long nothing is tried then: 1 s to 1 h; default 15 s.</summary>
    public TimeSpan BreakDuration { get; set; } = TimeSpan.FromSeconds(15);
}
