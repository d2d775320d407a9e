namespace Gateway.Core.Backend.Pools;

/// <summary>For which domains a backend is.</summary>
internal enum ServedNames : byte
{
    /// <summary>For some that are configured by name.</summary>
    Some,

    /// <summary>For one: what is wrong with the name is wrong with the server.</summary>
    One,

    /// <summary>For any below a pattern: clients make names up.</summary>
    Any,
}
