using Gateway.Fuzz.Live;

namespace Gateway.Fuzz.Targets;

/// <summary>A target that is a whole gateway, with real sockets in front and behind.</summary>
internal abstract class LiveTarget(FuzzedGateway gateway) : IFuzzTarget
{
    /// <inheritdoc/>
    public abstract string Name { get; }

    /// <inheritdoc/>
    public int AtATime => 32;

    /// <inheritdoc/>
    public int BatchSize => 250;

    /// <summary>What is fuzzed.</summary>
    protected FuzzedGateway Gateway => gateway;

    /// <inheritdoc/>
    public abstract byte[] Generate(Random random);

    /// <inheritdoc/>
    public abstract Task RunAsync(byte[] input);

    /// <inheritdoc/>
    public Task SettleAsync() => gateway.SettleAsync();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => gateway.DisposeAsync();
}
