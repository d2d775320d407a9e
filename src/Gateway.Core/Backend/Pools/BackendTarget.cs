namespace Gateway.Core.Backend.Pools;

/// <summary>One server that a login may be given, as it is named for this login's domain.</summary>
/// <param name="Server">The server.</param>
/// <param name="Priority">Lower goes first.</param>
/// <param name="Weight">Its share among those of one priority.</param>
internal readonly record struct BackendTarget(BackendServer Server, ushort Priority, ushort Weight);
