namespace Gateway.Core.Backend.Dns;

/// <summary>One SRV record (RFC 2782).</summary>
/// <param name="Priority">Lower goes first.</param>
/// <param name="Weight">Share among records of one priority.</param>
/// <param name="Port">Where the service listens.</param>
/// <param name="Target">Whose addresses; lower case, without the last dot; empty when the service is not there (DISC-028).</param>
public readonly record struct SrvRecord(ushort Priority, ushort Weight, ushort Port, string Target);
