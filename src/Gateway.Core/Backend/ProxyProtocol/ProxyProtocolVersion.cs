namespace Gateway.Core.Backend.ProxyProtocol;

/// <summary>Whether a backend is told the client's address, and in which form (PP-026).</summary>
public enum ProxyProtocolVersion : byte
{
    /// <summary>It is not.</summary>
    None,

    /// <summary>One line of text.</summary>
    V1,

    /// <summary>Binary, with <see cref="ProxyProtocolFields"/> if wanted.</summary>
    V2,
}
