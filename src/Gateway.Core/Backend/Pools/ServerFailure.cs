using Gateway.Core.Sessions;

namespace Gateway.Core.Backend.Pools;

/// <summary>The last time that a server failed.</summary>
/// <param name="Reason">The named cause.</param>
/// <param name="Detail">What exactly.</param>
/// <param name="At">When.</param>
public sealed record ServerFailure(SessionEndReason Reason, string Detail, DateTimeOffset At);
