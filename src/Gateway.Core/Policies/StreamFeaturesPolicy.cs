using Gateway.Xmpp.Buffers;
using Gateway.Xmpp.Framing;
using Gateway.Xmpp.Streams;

namespace Gateway.Core.Policies;

/// <summary>The one place where stream features change on their way to the client (XS-018).</summary>
public static class StreamFeaturesPolicy
{
    /// <summary>Writes the features as the client may see them.</summary>
    /// <param name="output">Where they go.</param>
    /// <param name="buffer">The buffer that was framed.</param>
    /// <param name="features">The features element in it.</param>
    /// <param name="scope">The scope it stood in.</param>
    /// <param name="target">Where it will stand.</param>
    /// <param name="rules">What the domain keeps back.</param>
    /// <param name="clientLimits">The bounds on what this client may send.</param>
    /// <returns>The backend offers channel binding (EDGE-004).</returns>
    public static bool Write(
        PooledByteWriter output, ReadOnlySpan<byte> buffer, in StreamElement features, NamespaceScope scope, RebaseTarget target,
        StreamFeaturesRules rules, FramingLimits clientLimits)
    {
        using var rebased = new PooledByteWriter();
        NamespaceRebaser.Write(rebased, buffer, features, scope, target);
        return StreamFeatures.WriteForClient(output, rebased.WrittenSpan, rules, clientLimits.MaxBytes);
    }
}
