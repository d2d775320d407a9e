namespace Gateway.Configuration;

/// <summary>How the gateway stops (<c>Gateway:Drain</c>).</summary>
public sealed class DrainOptions
{
    /// <summary>From "not ready" to the first session ended: long enough for a load balancer to notice; 0 s to 1 h. Default 5 s.</summary>
    public TimeSpan Delay { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Time over which the sessions are ended, so that they do not all come back elsewhere at once; 0 s to 1 h. Default 30 s.</summary>
    public TimeSpan Period { get; init; } = TimeSpan.FromSeconds(30);
}
