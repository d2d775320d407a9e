namespace Gateway.Fuzz;

/// <summary>
/// One thing that takes hostile bytes. An input decides everything about its case (where it is split, too), so that a kept one
/// plays again from its bytes alone. A new target is one class and one line in <see cref="FuzzTargets"/>.
/// </summary>
internal interface IFuzzTarget : IAsyncDisposable
{
    /// <summary>What <c>--target</c> and the corpus call it.</summary>
    string Name { get; }

    /// <summary>Cases under way at a time; 1 for a parser.</summary>
    int AtATime { get; }

    /// <summary>Cases between two calls of <see cref="SettleAsync"/>.</summary>
    int BatchSize { get; }

    /// <summary>Makes the input of one case; nothing but the random numbers decides.</summary>
    byte[] Generate(Random random);

    /// <summary>Plays one case.</summary>
    /// <exception cref="Exception">Whatever it is, a finding.</exception>
    Task RunAsync(byte[] input);

    /// <summary>Looks at what a batch left behind.</summary>
    /// <exception cref="Exception">Whatever it is, a finding.</exception>
    Task SettleAsync();
}
