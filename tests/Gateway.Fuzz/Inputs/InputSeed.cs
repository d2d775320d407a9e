namespace Gateway.Fuzz.Inputs;

/// <summary>Random numbers that the input itself decides, so that a kept input is split and played as it was when it failed.</summary>
internal static class InputSeed
{
    /// <summary>The numbers of an input (FNV-1a).</summary>
    public static Random Numbers(ReadOnlySpan<byte> input)
    {
        var hash = 2166136261u;
        foreach (var value in input)
        {
            hash = (hash ^ value) * 16777619u;
        }

        return new Random((int)(hash & int.MaxValue));
    }

    /// <summary>Up to four places to cut an input, in order.</summary>
    public static int[] Cuts(Random random, int length) =>
        [.. Enumerable.Range(0, random.Next(5)).Select(_ => random.Next(length + 1)).Order()];
}
