namespace Gateway.Core.Backend.ProxyProtocol;

/// <summary>What a header of version 2 says beside the addresses (PP-031).</summary>
[Flags]
public enum ProxyProtocolFields : byte
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The session's name in the gateway's log.</summary>
    UniqueId = 1,

    /// <summary>The host name that the client asked for.</summary>
    Authority = 2,

    /// <summary>The TLS version and cipher of the client's connection, if it has TLS.</summary>
    Ssl = 4,

    /// <summary>A checksum of the header.</summary>
    Crc32C = 8,
}
