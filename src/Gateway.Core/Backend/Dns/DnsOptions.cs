namespace Gateway.Core.Backend.Dns;

/// <summary><c>Gateway:Dns</c>: who is asked for names, and what the answers may be.</summary>
public sealed class DnsOptions
{
    /// <summary>The port of DNS servers that are written without one.</summary>
    public const int DefaultPort = 53;

    /// <summary>
    /// The servers to ask, <c>address</c> or <c>address:port</c>, the first that answers; empty (default): the system's resolvers. When some are
    /// named they are asked for everything but <c>localhost</c>, and the system's file of hosts is not read.
    /// </summary>
    public string[] Servers { get; set; } = [];

    /// <summary>Whether the records of a domain without a backend may lead to loopback, link-local and private addresses (DISC-035); default no.</summary>
    public bool AllowPrivateAddresses { get; set; }
}
