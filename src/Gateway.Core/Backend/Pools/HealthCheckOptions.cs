namespace Gateway.Core.Backend.Pools;

/// <summary><c>HealthCheck</c> of a backend: whether the gateway looks after its servers by itself.</summary>
public sealed class HealthCheckOptions
{
    /// <summary>Whether it does: TCP, TLS and stream up to the features, and a clean close; default yes.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Time from the end of one check of a backend's servers to the next, a tenth more or less: 1 s to 1 h; default 10 s (interface.md section 3).</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Longest check: 1 s to 1 min; default 3 s (interface.md section 3).</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(3);
}
