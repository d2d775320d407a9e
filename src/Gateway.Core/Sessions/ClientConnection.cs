using System.Net;

namespace Gateway.Core.Sessions;

/// <summary>Where a client's connection comes from and arrived, as the backend may be told (PP-028).</summary>
/// <param name="Remote">The client's end; null if the connection has none. Port 0 when a header field named the address without one (PP-030).</param>
/// <param name="Local">The gateway's end; null if the connection has none.</param>
public sealed record ClientConnection(IPEndPoint? Remote, IPEndPoint? Local)
{
    /// <summary>Nothing is known.</summary>
    public static ClientConnection Unknown { get; } = new(null, null);

    /// <summary>The host name that the client asked for, as it wrote it; null if none.</summary>
    public string? Authority { get; init; }

    /// <summary>Its TLS; null if it has none.</summary>
    public EdgeTls? Tls { get; init; }
}
