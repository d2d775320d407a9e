namespace Gateway.Core.Backend;

/// <summary>One server of a backend.</summary>
public sealed class BackendServerOptions
{
    /// <summary><c>host:port</c> or <c>[v6]:port</c>; without a port 5222, unless the backend is reached by direct TLS, which has no default port. See <see cref="BackendAddress"/>.</summary>
    public string Address { get; set; } = "";

    /// <summary>Lower goes first, as in SRV records; default 0.</summary>
    public ushort Priority { get; set; }

    /// <summary>Share of the sessions among servers of one priority, as in SRV records; default 1. 0: only when no other is up.</summary>
    public ushort Weight { get; set; } = 1;
}
