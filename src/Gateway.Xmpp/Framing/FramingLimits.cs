namespace Gateway.Xmpp.Framing;

/// <summary>What one first-level element (or stream header) may cost; checked while scanning, before anything is buffered.</summary>
/// <param name="MaxBytes">Bytes from the first '&lt;' to the last '&gt;' (EDGE-035).</param>
/// <param name="MaxDepth">Open elements, the first-level element being 1 (EDGE-045).</param>
/// <param name="MaxAttributes">Attributes of one element, declarations included (EDGE-045).</param>
public readonly record struct FramingLimits(int MaxBytes, int MaxDepth = 100, int MaxAttributes = 128)
{
    /// <summary>Longest name, prefix included, in bytes (EDGE-045).</summary>
    public const int MaxNameBytes = 1024;

    /// <summary>Most namespace declarations of one element (EDGE-045).</summary>
    public const int MaxDeclarations = 64;

    /// <summary>Most namespace declarations in force at one place of an element, so that looking one up stays cheap.</summary>
    public const int MaxDeclarationsInScope = 256;

    /// <summary>The default after authentication: 256 KiB, depth 100, 128 attributes (EDGE-035, EDGE-045).</summary>
    public static FramingLimits Default => new(256 * 1024);
}
