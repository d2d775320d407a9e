namespace Gateway.Core.Policies;

/// <summary>What becomes of a backend's offers of channel binding, which cannot work across the gateway (EDGE-001).</summary>
public enum ChannelBindingOffers : byte
{
    /// <summary>They pass as they are (EDGE-002).</summary>
    Relay,

    /// <summary>All of them go: mechanisms that bind, their types, tokens that bind (EDGE-005).</summary>
    Strip,
}
