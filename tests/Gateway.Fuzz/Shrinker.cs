using System.Diagnostics;

namespace Gateway.Fuzz;

/// <summary>Takes away from a failing input what the failure does not need: halves first, single bytes last.</summary>
internal static class Shrinker
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Shrinks for a bounded time.</summary>
    /// <param name="input">It fails.</param>
    /// <param name="failsAsync">Whether a candidate fails, too.</param>
    public static async Task<byte[]> ShrinkAsync(byte[] input, Func<byte[], Task<bool>> failsAsync)
    {
        var watch = Stopwatch.StartNew();
        for (var size = Math.Max(1, input.Length / 2); ; size = Math.Max(1, size / 2))
        {
            var shrunk = false;
            for (var at = 0; at < input.Length && watch.Elapsed < Patience;)
            {
                byte[] candidate = [.. input.AsSpan(0, at), .. input.AsSpan(Math.Min(input.Length, at + size))];
                if (await failsAsync(candidate))
                {
                    input = candidate;
                    shrunk = true;
                }
                else
                {
                    at += size;
                }
            }

            if ((size == 1 && !shrunk) || watch.Elapsed >= Patience)
            {
                return input;
            }
        }
    }
}
