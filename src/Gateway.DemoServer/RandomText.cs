namespace Gateway.DemoServer;

/// <summary>Random names out of the injected source.</summary>
internal static class RandomText
{
    /// <summary>Lower-case hexadecimal of so many random bytes.</summary>
    public static string Hex(Action<Span<byte>> source, int bytes)
    {
        Span<byte> random = stackalloc byte[bytes];
        source(random);
        return Convert.ToHexStringLower(random);
    }
}
