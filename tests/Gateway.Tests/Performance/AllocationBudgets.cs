namespace Gateway.Tests.Performance;

/// <summary>
/// Bytes that the whole host may allocate for one operation: what was measured plus about 15 %, for patches of the runtime and of
/// the server. To be lowered whenever the code allocates less; to be raised only with a reason that is written down here.
/// </summary>
internal static class AllocationBudgets
{
    /// <summary>A message up and a message down. Measured: 0.</summary>
    public const int WebSocketEcho = 16;

    /// <summary>One of the stanzas that one read of the backend brought. Measured: 0.</summary>
    public const int WebSocketFanInStanza = 1;

    /// <summary>A request that brings a message up, is held, and takes a message down. Measured: 2544.</summary>
    public const int BoshEcho = 2_900;

    /// <summary>One of the stanzas that one read of the backend brought, with its share of the empty request that takes them down. Measured: 468.</summary>
    public const int BoshFanInPayload = 545;
}
