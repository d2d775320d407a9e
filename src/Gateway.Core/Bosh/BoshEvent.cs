using Gateway.Core.Sessions;

namespace Gateway.Core.Bosh;

/// <summary>All that can happen to a BOSH session.</summary>
public abstract record BoshEvent
{
    private BoshEvent()
    {
    }

    /// <summary>A request came; the first is the creation request.</summary>
    public sealed record Received(HeldRequest Exchange) : BoshEvent;

    /// <summary>A request came whose start tag could be read, and nothing more (BOSH-103).</summary>
    /// <param name="Exchange">Its exchange.</param>
    /// <param name="Reason">What was wrong.</param>
    public sealed record Malformed(HeldRequest Exchange, SessionEndReason Reason) : BoshEvent;

    /// <summary>The connection of an exchange broke (BOSH-058).</summary>
    public sealed record Aborted(HeldRequest Exchange) : BoshEvent;

    /// <summary>More input waits on the connection of an exchange, which HTTP reads only after the answer.</summary>
    public sealed record NextWaits(HeldRequest Exchange) : BoshEvent;

    /// <summary>The response of an exchange could not be written to its connection (BOSH-114).</summary>
    public sealed record NotWritten(HeldRequest Exchange) : BoshEvent;

    /// <summary>The backend stream is open.</summary>
    /// <param name="StreamId">Its id.</param>
    /// <param name="Version">Its version.</param>
    /// <param name="Features">Its features, after the policy.</param>
    public sealed record BackendOpened(string? StreamId, string? Version, DownPayload Features) : BoshEvent;

    /// <summary>Elements came from the backend: all that one read brought.</summary>
    public sealed record BackendRead(IReadOnlyList<DownPayload> Payloads) : BoshEvent;

    /// <summary>The backend stream is over, or never was.</summary>
    /// <param name="Reason">Why.</param>
    /// <param name="StreamError">Its stream error, rebased for a BOSH body.</param>
    public sealed record BackendEnded(SessionEndReason Reason, byte[]? StreamError) : BoshEvent;

    /// <summary>More is queued for the backend than it takes.</summary>
    public sealed record BackendCongested : BoshEvent;

    /// <summary>The backend has taken what was queued.</summary>
    public sealed record BackendDrained : BoshEvent;

    /// <summary>The timer fired.</summary>
    /// <param name="Generation">Of the effect that armed it; a stale one is nothing.</param>
    public sealed record TimerFired(int Generation) : BoshEvent;

    /// <summary>The session is ended from outside.</summary>
    public sealed record CloseRequested(SessionEndReason Reason) : BoshEvent;
}
