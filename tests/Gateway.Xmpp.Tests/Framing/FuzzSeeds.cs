using System.Globalization;

namespace Gateway.Xmpp.Tests.Framing;

/// <summary>Seeds of generated inputs: fixed, so that every run is the same; more on request.</summary>
internal static class FuzzSeeds
{
    /// <summary>The first seeds, or as many as GATEWAY_FUZZ_SEEDS says, from GATEWAY_FUZZ_FIRST on.</summary>
    public static TheoryData<int> Take(int count) =>
        [.. Enumerable.Range(Setting("GATEWAY_FUZZ_FIRST", 1), Setting("GATEWAY_FUZZ_SEEDS", count))];

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) ? value : otherwise;
}
