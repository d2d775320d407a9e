namespace Gateway.Core.Backend.Dns;

/// <summary>The record types the gateway asks for or follows (RFC 1035 §3.2.2, RFC 3596 §2.1, RFC 2782).</summary>
public enum DnsRecordType : ushort
{
    /// <summary>An IPv4 address.</summary>
    A = 1,

    /// <summary>Another name of what is asked for.</summary>
    CName = 5,

    /// <summary>An IPv6 address.</summary>
    Aaaa = 28,

    /// <summary>Where a service is.</summary>
    Srv = 33,
}
