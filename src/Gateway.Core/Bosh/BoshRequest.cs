using Gateway.Xmpp.Bosh;

namespace Gateway.Core.Bosh;

/// <summary>One parsed request: the wrapper's attributes and the payloads as they go up.</summary>
/// <param name="Body">The attributes.</param>
/// <param name="Bytes">All payloads side by side, rebased for the stream to the backend.</param>
/// <param name="Payloads">One entry a payload, in order.</param>
public sealed record BoshRequest(BoshBody Body, ReadOnlyMemory<byte> Bytes, IReadOnlyList<BoshPayload> Payloads)
{
    /// <summary>Nothing asked and nothing to deliver ("empty request").</summary>
    public bool IsEmpty => Payloads.Count == 0 && Body is { Pause: null, IsTerminate: false, IsRestart: false };
}
