namespace Gateway.Core.Policies;

/// <summary>An operator's yes or no.</summary>
public enum Permission : byte
{
    /// <summary>No.</summary>
    Block,

    /// <summary>Yes.</summary>
    Allow,
}
