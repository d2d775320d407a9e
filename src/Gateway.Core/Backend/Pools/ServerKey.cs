namespace Gateway.Core.Backend.Pools;

/// <summary>Which server of a backend: two ways of protection at one port are two servers.</summary>
/// <param name="Address">Where.</param>
/// <param name="Security">How.</param>
internal readonly record struct ServerKey(BackendAddress Address, BackendSecurity Security);
