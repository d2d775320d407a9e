namespace Gateway.Fuzz.Targets;

/// <summary>A target without I/O and without anything left behind.</summary>
internal abstract class ParserTarget : IFuzzTarget
{
    /// <inheritdoc/>
    public abstract string Name { get; }

    /// <inheritdoc/>
    public int AtATime => 1;

    /// <inheritdoc/>
    public int BatchSize => 500;

    /// <inheritdoc/>
    public abstract byte[] Generate(Random random);

    /// <summary>Plays one case; an exception is a finding.</summary>
    protected abstract void Run(byte[] input);

    /// <inheritdoc/>
    public Task RunAsync(byte[] input)
    {
        Run(input);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task SettleAsync() => Task.CompletedTask;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
