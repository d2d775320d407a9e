namespace Gateway.Core.Bosh;

/// <summary>What the gateway grants to BOSH sessions. Defaults: <c>docs/protocol/bosh.md</c> section 2.</summary>
public sealed record BoshOptions
{
    /// <summary>BOSH is served at all. Default on.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Paths that are served, with or without a slash behind. Default: Prosody's and ejabberd's.</summary>
    public string[] Paths { get; init; } = ["/http-bind", "/bosh"];

    /// <summary>Longest wait granted; 1..300 s. Default 50 s: intermediaries cut idle exchanges at 60.</summary>
    public TimeSpan MaxWait { get; init; } = TimeSpan.FromSeconds(50);

    /// <summary>Most requests held at a time; 0..10. Default 2.</summary>
    public int MaxHold { get; init; } = 2;

    /// <summary>Longest time without an open request; 10..600 s. Default 90 s: browsers wake sleeping pages once a minute.</summary>
    public TimeSpan Inactivity { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>What a polling session gets above <see cref="Inactivity"/>; more than <see cref="Polling"/> (BOSH-084). Default 30 s.</summary>
    public TimeSpan PollingExtra { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Shortest time between empty requests; 0: not announced and not enforced. Default 2 s.</summary>
    public TimeSpan Polling { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Longest pause; 0: pausing is not offered. Default 120 s.</summary>
    public TimeSpan MaxPause { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>Responses of 1 KiB and more are compressed for clients that ask for it. Default off: on an encrypted channel the length of a
    /// response tells of secrets beside text that others chose (BOSH-011).</summary>
    public bool Compression { get; init; }

    /// <summary>Enforces <see cref="Polling"/> in sessions that do not poll, with a tolerance (BOSH-087). Default on.</summary>
    public bool ChecksOveractivity { get; init; } = true;

    /// <summary>How long the creation response waits for the backend's features (BOSH-051). Default 10 s.</summary>
    public TimeSpan FeaturesWait { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the end of a session is told to late requests (BOSH-094). Default 30 s.</summary>
    public TimeSpan Linger { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the backend's close is awaited (XS-051). Default 5 s.</summary>
    public TimeSpan CloseTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Undelivered bytes at which the backend is read no further (BOSH-048), and bytes to it that are not taken at which requests are. Default 1 MiB each.</summary>
    public int MaxBufferedBytes { get; init; } = 1024 * 1024;

    /// <summary>Bytes of responses kept for repeats (BOSH-068). Default 1 MiB.</summary>
    public int MaxCachedBytes { get; init; } = 1024 * 1024;

    /// <summary>Payload bytes of one response; one payload always fits (BOSH-047). Default 512 KiB.</summary>
    public int MaxResponseBytes { get; init; } = 512 * 1024;

    /// <summary>What an HTTP body may have above the payload limit (EDGE-035): 16 KiB.</summary>
    public const int WrapperBytes = 16 * 1024;
}
