namespace Gateway.Core.Sessions;

/// <summary>Tells whether the gateway takes new sessions.</summary>
public interface IDrainState
{
    /// <summary>It is stopping: live sessions go on, new ones are sent elsewhere (BOSH-099).</summary>
    bool IsDraining { get; }
}
