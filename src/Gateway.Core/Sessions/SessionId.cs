namespace Gateway.Core.Sessions;

/// <summary>A session's public name in logs, metrics' exemplars and the dashboard. It neither is nor derives from a sid (PP-032).</summary>
public readonly record struct SessionId(Guid Value)
{
    /// <summary>A fresh random one.</summary>
    public static SessionId New() => new(Guid.NewGuid());

    /// <inheritdoc/>
    public override string ToString() => Value.ToString("N")[..16];
}
