using System.Security.Cryptography;

namespace Gateway.DemoServer;

/// <summary>What the demo server serves, and its bounds.</summary>
public sealed class DemoServerOptions
{
    /// <summary>The one domain served; the server certificate's only name.</summary>
    public string Domain { get; init; } = "localhost";

    /// <summary>The accounts; each has all the others in its roster (interface.md 6).</summary>
    public IReadOnlyList<DemoAccount> Accounts { get; init; } = [new("alice", "demo"), new("bob", "demo")];

    /// <summary>Loopback port; 0 takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>Offers SASL ANONYMOUS (RFC 4505).</summary>
    public bool AllowAnonymous { get; init; } = true;

    /// <summary>Connections at the same time; one more is closed at once.</summary>
    public int MaxConnections { get; init; } = 4096;

    /// <summary>Bytes of one first-level element, 256 KiB as the gateway's own default (EDGE-035).</summary>
    public int MaxStanzaBytes { get; init; } = 256 * 1024;

    /// <summary>Bytes waiting for one client; a client that lets more pile up loses its connection.</summary>
    public int MaxQueuedBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>From the connection to the bound resource.</summary>
    public TimeSpan SetupTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>For the last bytes of a stream to go out.</summary>
    public TimeSpan CloseTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Failed logins on one stream before it is closed; RFC 6120 §6.4.5 asks for 2 to 5 retries.</summary>
    public int MaxAuthAttempts { get; init; } = 5;

    /// <summary>The clock of every time limit.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Fills a span with random bytes: stream ids, salts, nonces, resources.</summary>
    public Action<Span<byte>> RandomSource { get; init; } = RandomNumberGenerator.Fill;
}
