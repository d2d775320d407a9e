namespace Gateway.LoadTests.Matrix.Programs;

/// <summary>A program that runs and can be put under load; only the addresses it has are set.</summary>
internal sealed class MeasuredProgram(string name, ChildProcess process) : IAsyncDisposable
{
    /// <summary>As tables name it.</summary>
    public string Name { get; } = name;

    /// <summary>Its process id.</summary>
    public int Id => process.Id;

    /// <summary>It has ended, which it must not.</summary>
    public bool HasExited => process.HasExited;

    /// <summary>XMPP over WebSocket, or the bytes of a stream in messages.</summary>
    public Uri? WebSocket { get; init; }

    /// <summary>The same behind TLS.</summary>
    public Uri? SecureWebSocket { get; init; }

    /// <summary>BOSH.</summary>
    public Uri? Bosh { get; init; }

    /// <summary>BOSH behind TLS.</summary>
    public Uri? SecureBosh { get; init; }

    /// <summary>A POST that comes back.</summary>
    public Uri? Http { get; init; }

    /// <summary>XMPP over TCP.</summary>
    public Uri? Tcp { get; init; }

    /// <summary>Messages carry bytes of a stream.</summary>
    public bool IsRawStream { get; init; }

    /// <summary>What it wrote.</summary>
    public string Log() => process.Log();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => process.DisposeAsync();
}
