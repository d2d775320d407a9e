namespace Gateway.Core.Backend;

/// <summary>One entry of <c>Gateway:Backends</c>: where a backend's servers are and how they are reached.</summary>
public sealed class BackendOptions
{
    /// <summary>Fixed servers, tried in the order of their priority until one is usable; empty: SRV records are asked for.</summary>
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

    /// <summary>What the certificates are held against.</summary>
    public BackendTlsOptions Tls { get; set; } = new();

    /// <summary>Longest TCP connect, per address: 1 s to 23:59:59; default 5 s (protocol/xmpp-stream.md, table of settings).</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Longest wait for one step with one server (header, features, proceed, TLS): 1 s to 23:59:59; default 5 s (protocol/xmpp-stream.md).</summary>
    public TimeSpan StepTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Longest set-up of one stream, over all servers tried: 1 s to 23:59:59; default 20 s (protocol/xmpp-stream.md).</summary>
    public TimeSpan SetupTimeout { get; set; } = TimeSpan.FromSeconds(20);
}
