namespace Gateway.LoadTests.Matrix;

/// <summary>How the matrix is run.</summary>
internal sealed record MatrixOptions
{
    /// <summary>For a developer who wants to know within minutes; numbers not to be quoted.</summary>
    public bool IsQuick { get; init; }

    /// <summary>Only rows and works whose name contains it.</summary>
    public string Only { get; init; } = "";

    /// <summary>Rounds.</summary>
    public required int Rounds { get; init; }

    /// <summary>What counts of each run.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>Prosody and ejabberd, too.</summary>
    public bool HasPeers { get; init; }

    /// <summary>The first run of each program and kind: a cold JIT looks like a slow server.</summary>
    public TimeSpan FirstWarmUp => IsQuick ? TimeSpan.FromSeconds(3) : TimeSpan.FromSeconds(7);

    /// <summary>Every later one.</summary>
    public TimeSpan LaterWarmUp => IsQuick ? TimeSpan.FromSeconds(0.5) : TimeSpan.FromSeconds(1);

    /// <summary>Peers are shown beside; they need no more.</summary>
    public int PeerRounds => Math.Min(Rounds, 2);

    /// <summary>Memory hardly moves between rounds, and each takes a fresh process.</summary>
    public int IdleRounds => Math.Min(Rounds, IsQuick ? 1 : 2);
}
