namespace Gateway.Configuration;

/// <summary>The operator's own listener (<c>Gateway:Management</c>).</summary>
public sealed class ManagementOptions
{
    /// <summary>Loopback, port 9090.</summary>
    public const string DefaultUrl = "http://127.0.0.1:9090";

    /// <summary>Where it listens: <c>http://</c>, an address, a port; port 0 takes a free one. Default <c>http://127.0.0.1:9090</c>.</summary>
    public required ListenerAddress Url { get; init; }
}
