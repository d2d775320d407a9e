using Gateway.Core.Sessions;

namespace Gateway.Core.Bosh;

/// <summary>How the backend stream is left (BOSH-106).</summary>
public enum BackendClose : byte
{
    /// <summary>Close tag after what is queued, then wait for the backend's; nothing more is delivered.</summary>
    Clean,

    /// <summary>The backend has closed: answer with the close tag.</summary>
    Answer,

    /// <summary>What the backend sent was no XMPP: tell it so with a stream error (XS-050).</summary>
    Error,

    /// <summary>The connection is closed without a close tag, so that the backend may keep the session resumable.</summary>
    Unclean,
}

/// <summary>Something that is only counted.</summary>
public enum BoshObservation : byte
{
    /// <summary>A cached response was sent again.</summary>
    Replayed,

    /// <summary>A rid outside of its window.</summary>
    RidViolated,

    /// <summary>Stanzas bounced to their senders.</summary>
    Undelivered,

    /// <summary>The backend refused a login.</summary>
    AuthFailed,

    /// <summary>The gateway refused a login for its mechanism.</summary>
    MechanismRefused,
}

/// <summary>All that the rules of a BOSH session can ask for; performed in order.</summary>
public abstract record BoshEffect
{
    private BoshEffect()
    {
    }

    /// <summary>Answer an exchange; it is the exchange's only answer.</summary>
    public sealed record Respond(HeldRequest Exchange, BoshResponse Response) : BoshEffect;

    /// <summary>Queue bytes for the backend.</summary>
    /// <param name="Bytes">Payloads side by side.</param>
    /// <param name="Count">How many they are.</param>
    public sealed record WriteBackend(ReadOnlyMemory<byte> Bytes, int Count) : BoshEffect;

    /// <summary>Queue a new stream header (BOSH-108).</summary>
    public sealed record RestartBackend(string Lang, string? From, string Version) : BoshEffect;

    /// <summary>Read the backend no further (BOSH-048).</summary>
    public sealed record PauseBackend : BoshEffect;

    /// <summary>Read the backend again.</summary>
    public sealed record ResumeBackend : BoshEffect;

    /// <summary>Arm the session's timer anew.</summary>
    /// <param name="Due">Time since the session's start.</param>
    /// <param name="Generation">To be handed back with the event.</param>
    public sealed record ArmTimer(TimeSpan Due, int Generation) : BoshEffect;

    /// <summary>The session is over: leave the backend.</summary>
    /// <param name="Reason">Why.</param>
    /// <param name="Close">How.</param>
    /// <param name="Bounces">To be written to the backend before (BOSH-114).</param>
    public sealed record End(SessionEndReason Reason, BackendClose Close, ReadOnlyMemory<byte> Bounces) : BoshEffect;

    /// <summary>Forget the session: late requests find nothing.</summary>
    public sealed record Drop : BoshEffect;

    /// <summary>Count something.</summary>
    public sealed record Observe(BoshObservation What, int Count) : BoshEffect;
}
