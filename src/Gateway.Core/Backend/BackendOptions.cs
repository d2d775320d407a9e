using Gateway.Core.Backend.Pools;
using Gateway.Core.Backend.ProxyProtocol;

namespace Gateway.Core.Backend;

/// <summary>One entry of <c>Gateway:Backends</c>: where a backend's servers are and how they are reached.</summary>
public sealed class BackendOptions
{
    /// <summary>Fixed servers, tried by priority until one is usable; empty: SRV records are asked for.</summary>
    public BackendServerOptions[] Servers { get; set; } = [];

    /// <summary>The domain whose SRV records name the servers, when there are no fixed ones; null: the session's own domain.</summary>
    public string? Srv { get; set; }

    /// <summary>How the connection is protected; STARTTLS unless set otherwise (XS-019), with SRV records as they say.</summary>
    public BackendSecurity Security { get; set; } = BackendSecurity.StartTls;

    /// <summary>
    /// Whether a server's <c>see-other-host</c> is followed, inside TLS and before the client has the stream (XS-049); default no. It
    /// leads only to another one of the backend's own servers (EDGE-070).
    /// </summary>
    public bool FollowSeeOtherHost { get; set; }

    /// <summary>Bytes can be read on their way to it: neither TLS nor loopback. A name that only means loopback counts as exposed, except <c>localhost</c> (EDGE-014).</summary>
    public bool IsExposed => Security == BackendSecurity.None && (Servers.Length == 0 || !Array.TrueForAll(Servers, s => BackendAddress.TryParse(s.Address, out var address) && address.IsLoopback));

    /// <summary>There is neither: each session's own domain names its servers.</summary>
    public bool IsPerDomain => Srv is null && Servers.Length == 0;

    /// <summary>What the certificates are held against.</summary>
    public BackendTlsOptions Tls { get; set; } = new();

    /// <summary>Whether the servers are told the client's address, before any other byte (PP-026); default no. They have to expect it.</summary>
    public ProxyProtocolVersion ProxyProtocol { get; set; }

    /// <summary>What a header of version 2 says beside the addresses (PP-031); default nothing.</summary>
    public ProxyProtocolFields ProxyProtocolFields { get; set; }

    /// <summary>How a session's server is chosen among fixed ones of one priority; with SRV records always as RFC 2782 says.</summary>
    public LoadBalancing LoadBalancing { get; set; }

    /// <summary>How the gateway looks after the servers by itself.</summary>
    public HealthCheckOptions HealthCheck { get; set; } = new();

    /// <summary>When a server is left alone for a while.</summary>
    public CircuitBreakerOptions CircuitBreaker { get; set; } = new();

    /// <summary>How long a server that was down gets fewer sessions than its share, more from moment to moment: 0 (it gets its share at once) to 1 h; default 30 s.</summary>
    public TimeSpan SlowStart { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Most sessions on all servers together, 0 to 10,000,000; default 0: no limit.</summary>
    public int MaxSessions { get; set; }

    /// <summary>Longest TCP connect, per address: 1 s to 23:59:59; default 5 s (protocol/xmpp-stream.md, table of settings).</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Longest wait for one step with one server (header, features, proceed, TLS): 1 s to 23:59:59; default 5 s (protocol/xmpp-stream.md).</summary>
    public TimeSpan StepTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Longest set-up of one stream, over all servers tried: 1 s to 23:59:59; default 20 s (protocol/xmpp-stream.md).</summary>
    public TimeSpan SetupTimeout { get; set; } = TimeSpan.FromSeconds(20);
}
